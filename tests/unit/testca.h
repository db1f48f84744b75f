/* SPDX-License-Identifier: GPL-2.0-or-later */
/* testca.h - a CA of ours whose key is in memory. */
#ifndef SEKISHO_TESTS_UNIT_TESTCA_H
#define SEKISHO_TESTS_UNIT_TESTCA_H

#include <string.h>

#include "common/crypto/issue.h"
#include "tests/unit/testkey.h"

/* 2026-01-01, 2036-01-01 */
enum { TESTCA_FROM = 1767225600, TESTCA_TO = 2082758400 };
enum { TESTCA_NOW = TESTCA_FROM + 86400 };

struct testca {
	struct testkey key;
	struct issue_signer signer;
	unsigned char der[CERTIFICATE_MAX];
	size_t len;
};

static inline enum error
testca_sign(void *context, enum padding padding, enum hash hash,
    const unsigned char *digest, unsigned char ret_signature[SIGNATURE_MAX],
    size_t *ret_len)
{
	const struct testkey *key = context;

	*ret_len =
	    testkey_sign_salt(key, padding, hash, 0, digest, ret_signature);
	return ERR_OK;
}

/* ca->key is made by the caller. */
static inline void
testca_root(struct testca *ca, const char *common_name)
{
	struct issue_template t = {
	    .subject = {.organization = "病院", .common_name = common_name},
	    .not_before = TESTCA_FROM,
	    .not_after = TESTCA_TO};

	memset(t.serial, 0xca, sizeof t.serial);
	issue_serial(t.serial);
	ca->signer = (struct issue_signer){
	    {ca->key.spki, ca->key.len}, testca_sign, &ca->key};
	assert_ok(issue_root(&t, &ca->signer, ca->der, &ca->len));
}

/* A card with everything that a template has. */
static inline struct issue_template
testca_template(const struct testca *ca, const struct testkey *card)
{
	struct issue_template t = {.issuer = {ca->der, ca->len},
	    .subject = {.organization = "病院",
		.common_name = "佐藤 花子",
		.serial_number = "0042"},
	    .spki = {card->spki, card->len},
	    .not_before = TESTCA_NOW,
	    .not_after = TESTCA_NOW + 86400 * 365,
	    .key_usage = KEY_USAGE_SIGN,
	    .uses = USE_CLIENT_AUTH | USE_SMARTCARD_LOGON,
	    .upn = "sato@byoin.example",
	    .sid = "S-1-5-21-3623811015-3361044348-30300820-1013",
	    .crl_url = "http://crl.byoin.example/sekisho.crl",
	    .policies = {"1.3.6.1.4.1.32473.1.1"}};

	memset(t.serial, 0x5a, sizeof t.serial);
	issue_serial(t.serial);
	return t;
}

#endif
