/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/reason.h"

const char *
reason_text(enum reason reason)
{
	switch (reason) {
	case REASON_TWO_FACTORS:
		return "two_factors";
	case REASON_FIRST_FACTOR:
		return "first_factor";
	case REASON_WRONG_PASSWORD:
		return "wrong_password";
	case REASON_WRONG_CODE:
		return "wrong_code";
	case REASON_CODE_SPENT:
		return "code_spent";
	case REASON_UNKNOWN_PERSON:
		return "unknown_person";
	case REASON_PERSON_UNUSABLE:
		return "person_unusable";
	case REASON_NO_PASSWORD:
		return "no_password";
	case REASON_NO_SECOND_FACTOR:
		return "no_second_factor";
	case REASON_CODE_MISSING:
		return "code_missing";
	case REASON_MUST_CHANGE:
		return "password_must_change";
	case REASON_METHOD_NOT_COUNTED:
		return "method_not_counted";
	case REASON_DELAY_RUNNING:
		return "delay_running";
	case REASON_FIRST_FACTOR_FAILED:
		return "first_factor_failed";
	case REASON_STATE_UNKNOWN:
		return "state_unknown";
	case REASON_STATE_MALFORMED:
		return "state_malformed";
	case REASON_NAME_MALFORMED:
		return "name_malformed";
	case REASON_CREDENTIAL_MALFORMED:
		return "credential_malformed";
	case REASON_NO_CREDENTIAL:
		return "no_credential";
	case REASON_SCHEME_CHAP:
		return "scheme_chap";
	case REASON_SCHEME_MSCHAP:
		return "scheme_mschap";
	case REASON_DECIDE_REFUSED:
		return "decide_refused";
	}
	return "unknown";
}
