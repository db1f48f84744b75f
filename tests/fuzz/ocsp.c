/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an OCSP responder answers to a question of ours. */
#include "common/crypto/ocsp.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/question.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum ocsp_fault fault = OCSP_NO_FAULT;
	struct ocsp_answer answer;
	enum error err;

	err = ocsp_read(fuzz_question(), data, size, CA_NOW, &answer, &fault);
	must(err == ERR_OK || err == ERR_DENIED);
	must((err == ERR_OK) == (fault == OCSP_NO_FAULT));
	if (err != ERR_OK)
		return 0;
	must(answer.until > CA_NOW && answer.until <= CA_NOW + OCSP_GOOD_MAX);
	must(answer.this_update <= CA_NOW + OCSP_SKEW);
	must(answer.status == CERTIFICATE_GOOD ||
	     answer.status == CERTIFICATE_REVOKED ||
	     answer.status == CERTIFICATE_UNKNOWN);
	return 0;
}
