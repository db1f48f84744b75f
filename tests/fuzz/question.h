/* SPDX-License-Identifier: GPL-2.0-or-later */
/* question.h - what is asked of the OCSP responder, the same each time. */
#ifndef SEKISHO_TESTS_FUZZ_QUESTION_H
#define SEKISHO_TESTS_FUZZ_QUESTION_H

#include <stdlib.h>

#include "common/crypto/ocsp.h"
#include "tests/fuzz/ca.h"

/* Made at the first call and kept: certificates point into it. */
static inline const struct ocsp_question *
fuzz_question(void)
{
	static unsigned char card[CERTIFICATE_MAX];
	static struct ocsp_question question = {.nonce = "as random as others"};
	const struct ca *ca = fuzz_ca();
	struct issue_template t = {.issuer = {ca->root, ca->root_len},
	    .subject = {.common_name = "a card"},
	    .spki = {ca->spki, ca->spki_len},
	    .not_before = CA_FROM,
	    .not_after = CA_TO,
	    .key_usage = KEY_USAGE_SIGN};

	if (question.certificate.len > 0)
		return &question;
	t.serial[0] = 0x41;
	if (issue_certificate(
		&t, &ca->signer, card, &question.certificate.len) != ERR_OK)
		abort();
	question.certificate.octets = card;
	question.issuer = t.issuer;
	return &question;
}

#endif
