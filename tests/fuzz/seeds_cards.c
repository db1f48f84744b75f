/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/seeds.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto/pem.h"
#include "common/wire/split.h"
#include "tests/fuzz/ca.h"
#include "tests/fuzz/question.h"
#include "tests/unit/testcert.h"
#include "tests/unit/testkey.h"
#include "tests/unit/testocsp.h"

struct seed {
	unsigned char octets[16384];
	size_t len;
};

static void
put(struct seed *seed, const void *octets, size_t len)
{
	if (len > sizeof seed->octets - seed->len)
		abort();
	memcpy(seed->octets + seed->len, octets, len);
	seed->len += len;
}

static void
put_length(struct seed *seed, size_t len)
{
	const unsigned char two[] = {
	    (unsigned char)(len >> 8), (unsigned char)len};

	put(seed, two, 2);
}

static void
write_seed(const char *fuzzer, const char *name, const struct seed *seed)
{
	seed_write(fuzzer, name, "", 0, seed->octets, seed->len);
}

/* The digest that tests/fuzz/signature.c asks about. */
static void
signatures(void)
{
	static const unsigned char digest[SIGNATURE_DIGEST] = "the digest";
	static const char *const names[] = {"p256", "p384", "pkcs1", "pss"};
	struct testkey keys[3];
	size_t i;

	testkey_ec("P-256", &keys[0]);
	testkey_ec("P-384", &keys[1]);
	testkey_rsa(2048, &keys[2]);
	for (i = 0; i < 4; i++) {
		const struct testkey *key = &keys[i < 2 ? i : 2];
		enum scheme scheme = i < 2    ? SCHEME_ECDSA_SHA256
				     : i == 2 ? SCHEME_RSA_PKCS1_SHA256
					      : SCHEME_RSA_PSS_SHA256;
		unsigned char signature[SIGNATURE_MAX];
		size_t len = testkey_sign(key, scheme, digest, signature);
		struct seed seed = {.len = 0};

		put_length(&seed, key->len);
		seed.octets[seed.len++] = (unsigned char)scheme;
		put(&seed, key->spki, key->len);
		put(&seed, signature, len);
		write_seed("signature", names[i], &seed);
	}
	for (i = 0; i < 3; i++)
		EVP_PKEY_free(keys[i].key);
}

/* With every field, in as few octets as may be. */
static void
card(const struct testkey *key, struct seed *ret)
{
	const struct ca *ca = fuzz_ca();
	struct issue_template t = {.issuer = {ca->root, ca->root_len},
	    .subject = {.country = "JP",
		.organization = "病院",
		.common_name = "佐藤",
		.serial_number = "42"},
	    .spki = {key->spki, key->len},
	    .not_before = CA_FROM,
	    .not_after = CA_TO,
	    .key_usage = KEY_USAGE_SIGN,
	    .uses = USE_CLIENT_AUTH | USE_SMARTCARD_LOGON,
	    .upn = "a@b",
	    .sid = "S-1-5-21-1",
	    .crl_url = "http://a/b",
	    .policies = {"1.2.3"}};

	t.serial[0] = 0x41;
	if (issue_certificate(&t, &ca->signer, ret->octets, &ret->len) !=
	    ERR_OK)
		abort();
}

static void
crl(size_t revoked, struct seed *ret)
{
	static const struct issue_revoked list[] = {
	    {"41000000000000000000000000000000", CA_FROM,
		REVOKED_KEY_COMPROMISE},
	    {"ff", CA_FROM, REVOKED_UNSPECIFIED}};
	const struct ca *ca = fuzz_ca();
	struct issue_crl c = {.issuer = {ca->root, ca->root_len},
	    .number = 7,
	    .this_update = CA_FROM,
	    .next_update = CA_TO,
	    .revoked = list,
	    .n_revoked = revoked};
	unsigned char *der = NULL;

	if (issue_crl(&c, &ca->signer, &der, &ret->len) != ERR_OK)
		abort();
	memcpy(ret->octets, der, ret->len);
	free(der);
}

static void
request(const struct testkey *key, struct seed *ret)
{
	X509_REQ *req = X509_REQ_new();
	unsigned char *der = ret->octets;

	if (X509_REQ_set_pubkey(req, key->key) != 1 ||
	    X509_REQ_sign(req, key->key, EVP_sha256()) == 0)
		abort();
	ret->len = (size_t)i2d_X509_REQ(req, &der);
	X509_REQ_free(req);
}

static void
as_text(const char *label, const struct seed *seed, const char *name)
{
	struct seed text_seed = {.len = 0};
	char *text = NULL;

	if (pem_encode(label, seed->octets, seed->len, &text) != ERR_OK)
		abort();
	put(&text_seed, "a word\n", 7);
	put(&text_seed, text, strlen(text));
	write_seed("certificate", name, &text_seed);
	free(text);
}

static void
certificates(void)
{
	static const struct {
		const char *name;
		unsigned char flags;
		size_t revoked;
	} paths[] = {{"good", 1, 0}, {"revoked", 1, 2}, {"indirect", 5, 1},
	    {"loose", 24, 0}, {"policy", 0xe0, 0}};
	const struct ca *ca = fuzz_ca();
	struct seed c, r, list, root = {.len = 0};
	struct testkey key;
	size_t i;

	testkey_ec("P-256", &key);
	card(&key, &c);
	request(&key, &r);
	put(&root, ca->root, ca->root_len);
	write_seed("certificate", "card", &c);
	write_seed("certificate", "root", &root);
	write_seed("certificate", "request", &r);
	as_text(PEM_CERTIFICATE, &c, "card_pem");
	as_text(PEM_CSR, &r, "request_pem");
	for (i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct seed path = {.len = 1};

		path.octets[0] = paths[i].flags;
		put_length(&path, c.len);
		put(&path, c.octets, c.len);
		crl(paths[i].revoked, &list);
		put(&path, list.octets, list.len);
		write_seed("path", paths[i].name, &path);
	}
	EVP_PKEY_free(key.key);
}

static void
pieces(void)
{
	static const unsigned char value[600] = "some octets";
	struct seed seed = {.octets = {0xff}, .len = 1};
	unsigned char piece[SPLIT_PIECE], len_octet;
	size_t i, len;

	for (i = 0; i < split_count(sizeof value); i++) {
		if (split_piece(value, sizeof value, i, piece, &len) != ERR_OK)
			abort();
		len_octet = (unsigned char)len;
		put(&seed, &len_octet, 1);
		put(&seed, piece, len);
	}
	write_seed("split", "three", &seed);
	seed = (struct seed){.octets = {1, 3, 1, 1, 'x'}, .len = 5};
	write_seed("split", "one", &seed);
}

static void
responder(void)
{
	static const struct {
		const char *name;
		int status;
		enum nonce nonce;
		unsigned long flags;
	} answers[] = {{"good", V_OCSP_CERTSTATUS_GOOD, NONCE_OURS, 0},
	    {"revoked", V_OCSP_CERTSTATUS_REVOKED, NONCE_NONE, 0},
	    {"unknown", V_OCSP_CERTSTATUS_UNKNOWN, NONCE_OURS,
		OCSP_RESPID_KEY | OCSP_NOCERTS}};
	static unsigned char der[OCSP_RESPONSE_MAX];
	const struct ocsp_question *q = fuzz_question();
	size_t i;

	for (i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		const struct responder r = {.about = q->issuer,
		    .key = fuzz_ca()->signer.context,
		    .md = EVP_sha256(),
		    .status = answers[i].status,
		    .nonce = answers[i].nonce,
		    .flags = answers[i].flags,
		    .this_update = CA_NOW - 60,
		    .next_update = i == 1 ? 0 : CA_NOW + 3600,
		    .revoked = CA_FROM};
		struct seed seed = {.len = 0};

		put(&seed, der, testocsp_answer(&r, q, der));
		write_seed("ocsp", answers[i].name, &seed);
	}
	write_seed("ocsp", "try_later",
	    &(struct seed){.octets = {0x30, 3, 0x0a, 1, 3}, .len = 5});
}

static void
certify(const char *subject, const struct testkey *key,
    const struct testkey *by, bool ca, struct testcert *ret_cert)
{
	X509 *x = testcert_new(subject, key);
	X509_NAME *name = X509_NAME_new();

	(void)X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
	    (const unsigned char *)(ca ? "Root" : "F9"), -1, -1, 0);
	(void)X509_set_issuer_name(x, name);
	X509_NAME_free(name);
	testcert_extend(
	    x, NID_basic_constraints, ca ? "critical,CA:TRUE" : "CA:FALSE");
	if (!ca) {
		testcert_extend_der(x, "1.3.6.1.4.1.41482.3.3", "\5\4\3", 3);
		testcert_extend_der(x, "1.3.6.1.4.1.41482.3.7", "\2\2\1\2", 4);
		testcert_extend_der(x, "1.3.6.1.4.1.41482.3.8", "\2\1", 2);
	}
	testcert_sign(x, by, ret_cert);
}

/* A card's whole chain, as tests/fuzz/attestation.c reads it. */
static void
attestation(void)
{
	static struct testcert root, maker, statement;
	struct testkey root_key, maker_key, card_key;
	struct seed seed = {.len = 0};

	testkey_ec("P-256", &root_key);
	testkey_ec("P-256", &maker_key);
	testkey_ec("P-256", &card_key);
	certify("Root", &root_key, &root_key, true, &root);
	certify("F9", &maker_key, &root_key, true, &maker);
	certify("9a", &card_key, &maker_key, false, &statement);
	put_length(&seed, statement.len);
	put_length(&seed, maker.len);
	put_length(&seed, root.len);
	put(&seed, statement.der, statement.len);
	put(&seed, maker.der, maker.len);
	put(&seed, root.der, root.len);
	put(&seed, card_key.spki, card_key.len);
	write_seed("attestation", "chain", &seed);
	EVP_PKEY_free(root_key.key);
	EVP_PKEY_free(maker_key.key);
	EVP_PKEY_free(card_key.key);
}

void
seeds_cards(void)
{
	signatures();
	certificates();
	responder();
	pieces();
	attestation();
}
