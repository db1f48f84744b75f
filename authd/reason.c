/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/reason.h"

#include <string.h>

const char *
reason_text(enum reason reason)
{
	switch (reason) {
	case REASON_TWO_FACTORS:
		return "two_factors";
	case REASON_DOOR_AND_TERMINAL:
		return "door_and_terminal";
	case REASON_PROVEN_BEFORE:
		return "proven_here_before";
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
	case REASON_NO_PRESENCE:
		return "no_presence";
	case REASON_DOOR_IN_USE:
		return "presence_in_use";
	case REASON_DOOR_SHORT:
		return "password_too_short_for_door";
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
	case REASON_WRONG_SIGNATURE:
		return "wrong_signature";
	case REASON_SIGNATURE_MALFORMED:
		return "signature_malformed";
	case REASON_CERTIFICATE_UNKNOWN:
		return "certificate_unknown";
	case REASON_CERTIFICATE_ALONE:
		return "certificate_alone";
	case REASON_CARD_UNKNOWN:
		return "card_unknown";
	case REASON_CARD_OF_ANOTHER:
		return "card_of_another";
	case REASON_CARD_PENDING:
		return "card_pending";
	case REASON_CARD_SUSPENDED:
		return "card_suspended";
	case REASON_CARD_LOST:
		return "card_lost";
	case REASON_CARD_REVOKED:
		return "card_revoked";
	case REASON_CARD_EXPIRED:
		return "card_expired";
	case REASON_CARD_NOT_YET_VALID:
		return "card_not_yet_valid";
	case REASON_ISSUER_RETIRED:
		return "issuer_retired";
	case REASON_CRL_STALE:
		return "crl_stale";
	case REASON_STATUS_STALE:
		return "status_stale";
	case REASON_BADGE_UNKNOWN:
		return "badge_unknown";
	case REASON_BADGE_TOO_MANY:
		return "badge_too_many";
	case REASON_BADGE_NOT_HERE:
		return "badge_not_here";
	case REASON_RENEWAL_NOT_HERE:
		return "renewal_not_here";
	case REASON_RENEWAL_NOT_OURS:
		return "renewal_not_ours";
	case REASON_RENEWAL_NOT_DUE:
		return "renewal_not_due";
	case REASON_CARD_ACCEPTED:
		return "card_accepted";
	case REASON_ENTRY_NOT_HERE:
		return "entry_not_here";
	case REASON_ENTRY_MALFORMED:
		return "entry_malformed";
	case REASON_READER_UNKNOWN:
		return "reader_unknown";
	case REASON_DOOR_METHOD_OTHER:
		return "door_method_other";
	case REASON_DOOR_ASKS_PIN:
		return "door_asks_pin";
	case REASON_DOOR_CODE:
		return "door_code";
	case REASON_DOOR_NO_LOGIN:
		return "door_no_login";
	case REASON_FIDO2_UNKNOWN:
		return "fido2_unknown";
	case REASON_FIDO2_OF_ANOTHER:
		return "fido2_of_another";
	case REASON_FIDO2_SUSPENDED:
		return "fido2_suspended";
	case REASON_FIDO2_LOST:
		return "fido2_lost";
	case REASON_FIDO2_REVOKED:
		return "fido2_revoked";
	case REASON_FIDO2_RP_CHANGED:
		return "fido2_rp_changed";
	case REASON_FIDO2_MALFORMED:
		return "fido2_malformed";
	case REASON_FIDO2_WRONG_SIGNATURE:
		return "fido2_wrong_signature";
	case REASON_FIDO2_OTHER_RP:
		return "fido2_other_rp";
	case REASON_FIDO2_PRESENCE_MISSING:
		return "fido2_presence_missing";
	case REASON_FIDO2_UV_MISSING:
		return "fido2_uv_missing";
	case REASON_FIDO2_BACKUP_CHANGED:
		return "fido2_backup_changed";
	case REASON_FIDO2_COUNTER:
		return "fido2_counter";
	case REASON_STATION_UNNAMED:
		return "station_unnamed";
	case REASON_STATION_UNKNOWN:
		return "station_unknown";
	case REASON_STATION_RANDOM:
		return "station_random";
	case REASON_STATION_RETIRED:
		return "station_retired";
	case REASON_STATION_EXPIRED:
		return "station_expired";
	case REASON_STATION_OF_ANOTHER:
		return "station_of_another";
	case REASON_STATION_OF_PEOPLE:
		return "station_of_people";
	case REASON_STATION_NOT_ALONE:
		return "station_not_alone";
	case REASON_STATION_NO_NETWORK:
		return "station_no_network";
	case REASON_STATION_NAME:
		return "station_name";
	case REASON_STATION_CERTIFICATE_REVOKED:
		return "station_certificate_revoked";
	case REASON_STATION_CERTIFICATE_EXPIRED:
		return "station_certificate_expired";
	case REASON_RESUME_UNKNOWN:
		return "resume_unknown";
	case REASON_RESUME_EXPIRED:
		return "resume_expired";
	case REASON_RESUME_CHANGED:
		return "resume_changed";
	case REASON_COUNT:
		break;
	}
	return "unknown";
}

enum reason
reason_from_text(const char *text)
{
	enum reason r;

	for (r = 0; r < REASON_COUNT; r++) {
		if (strcmp(text, reason_text(r)) == 0)
			return r;
	}
	return REASON_DECIDE_REFUSED;
}
