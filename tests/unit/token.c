/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Against SoftHSM, in a folder of its own. Its PIN never locks, so what
 * happens then is not tried here.
 */
#include "common/crypto/token.h"

#include <openssl/err.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/crypto/encode.h"
#include "common/crypto/issue.h"
#include "tests/unit/testkey.h"

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
static char folder[] = "/tmp/sekisho-token.XXXXXX";
static struct secret *pin;

static int
run(const char *const *argv)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		char *args[24] = {NULL};
		size_t i;

		for (i = 0; argv[i] != NULL; i++)
			args[i] = strdup(argv[i]);
		(void)!freopen("/dev/null", "w", stdout);
		(void)execvp(args[0], args);
		_exit(127);
	}
	return waitpid(child, &status, 0) == child ? status : -1;
}

static bool
new_token(const char *label)
{
	const char *const argv[] = {"softhsm2-util", "--init-token", "--free",
	    "--label", label, "--pin", "123456", "--so-pin", "87654321", NULL};

	return run(argv) == 0;
}

static struct token *
opened(const char *label)
{
	struct token *token = NULL;

	assert_ok(token_open(MODULE, label, &token));
	assert_ok(token_login(token, pin));
	return token;
}

static void
tokens_are_found_by_label(void **state)
{
	struct token *token = NULL;

	(void)state;
	assert_ok(token_open(MODULE, "Sekisho CA", &token));
	token_free(&token);
	assert_null(token);
	token_free(&token);
	assert_error(token_open(MODULE, "Sekisho", &token), ERR_NOTFOUND);
	assert_error(token_open(MODULE, "Sekisho CA ", &token), ERR_OK);
	token_free(&token);
	assert_error(token_open(MODULE, "", &token), ERR_INPUT);
	assert_error(
	    token_open(MODULE, "123456789012345678901234567890123", &token),
	    ERR_INPUT);
	/* two of one name */
	assert_error(token_open(MODULE, "double", &token), ERR_INPUT);
	assert_error(
	    token_open("/nonexistent.so", "Sekisho CA", &token), ERR_CONFIG);
	assert_error(token_open("/lib/x86_64-linux-gnu/libc.so.6", "x", &token),
	    ERR_CONFIG);
	assert_null(token);
}

static void
only_with_the_pin(void **state)
{
	static const char *const wrong[] = {"", "12345", "123457", "1234567"};
	struct token *token = NULL;
	struct token_key key;
	size_t i;

	(void)state;
	assert_ok(token_open(MODULE, "Sekisho CA", &token));
	for (i = 0; i < COUNT(wrong); i++) {
		struct secret *guess = NULL;

		assert_ok(secret_copy(wrong[i], strlen(wrong[i]), &guess));
		assert_error(token_login(token, guess), ERR_MISMATCH);
		assert_non_null(strstr(token_fault(token), "PIN"));
		secret_free(&guess);
	}
	/* without it nothing can be made */
	assert_int_not_equal(
	    token_generate(token, KEY_P256, "k", &key), ERR_OK);
	assert_ok(token_login(token, pin));
	token_free(&token);
}

static void
keys_are_made_and_found_again(void **state)
{
	static const struct {
		enum key_kind kind;
		const char *label;
	} kinds[] = {{KEY_P256, "ca 256"}, {KEY_P384, "ca 384"}};
	unsigned char digest[SIGNATURE_DIGEST_MAX] = {1, 2, 3};
	unsigned char signature[SIGNATURE_MAX];
	struct token *token = opened("Sekisho CA");
	struct token_key made, found;
	enum hash hash;
	size_t i, len, times;

	(void)state;
	for (i = 0; i < COUNT(kinds); i++) {
		assert_error(
		    token_find(token, kinds[i].label, &found), ERR_NOTFOUND);
		assert_ok(token_generate(
		    token, kinds[i].kind, kinds[i].label, &made));
		assert_int_equal(made.kind, kinds[i].kind);
		/* the same label is not taken twice */
		assert_error(token_generate(
				 token, kinds[i].kind, kinds[i].label, &found),
		    ERR_DENIED);
		token_free(&token);
		token = opened("Sekisho CA");
		assert_ok(token_find(token, kinds[i].label, &found));
		assert_int_equal(found.spki_len, made.spki_len);
		assert_memory_equal(found.spki, made.spki, made.spki_len);
		assert_int_equal(found.kind, kinds[i].kind);
		for (hash = HASH_SHA256; hash <= HASH_SHA512; hash++) {
			/* often, for r and s of every length */
			for (times = 0; times < 50; times++) {
				digest[0]++;
				len = 0;
				assert_ok(token_sign(&found, PADDING_NONE, hash,
				    digest, signature, &len));
				assert_ok(signature_verify_hash(found.spki,
				    found.spki_len, PADDING_NONE, hash, digest,
				    signature, len));
			}
		}
		assert_error(token_sign(&found, PADDING_PKCS1, HASH_SHA256,
				 digest, signature, &len),
		    ERR_INPUT);
	}
	assert_error(token_generate(token, KEY_RSA, "rsa", &made), ERR_INPUT);
	assert_error(token_find(token, "", &found), ERR_INPUT);
	assert_error(token_find(token,
			 "12345678901234567890123456789012345678901234567890"
			 "123456789012345",
			 &found),
	    ERR_INPUT);
	token_free(&token);
}

/* Asked as anybody could who has the PIN. */
static void
keys_do_not_leave(void **state)
{
	CK_FUNCTION_LIST *module = p11_kit_module_load(MODULE, 0);
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE wanted = {CKA_CLASS, &class, sizeof class};
	CK_OBJECT_HANDLE keys[8];
	CK_SESSION_HANDLE session;
	CK_SLOT_ID slots[8];
	CK_ULONG n = 8, i, j, checked = 0;

	(void)state;
	assert_non_null(module);
	assert_int_equal(p11_kit_module_initialize(module), CKR_OK);
	assert_int_equal(module->C_GetSlotList(CK_TRUE, slots, &n), CKR_OK);
	for (i = 0; i < n; i++) {
		CK_ULONG found = 0;

		/* the last one is free, and not formatted */
		if (module->C_OpenSession(slots[i], CKF_SERIAL_SESSION, NULL,
			NULL, &session) != CKR_OK ||
		    module->C_Login(session, CKU_USER, pin->bytes,
			(CK_ULONG)pin->len) != CKR_OK)
			continue;
		assert_int_equal(
		    module->C_FindObjectsInit(session, &wanted, 1), CKR_OK);
		assert_int_equal(
		    module->C_FindObjects(session, keys, 8, &found), CKR_OK);
		(void)module->C_FindObjectsFinal(session);
		for (j = 0; j < found; j++) {
			unsigned char value[64];
			CK_BBOOL never = CK_FALSE, local = CK_FALSE;
			CK_ATTRIBUTE a[] = {{CKA_VALUE, value, sizeof value}};
			CK_ATTRIBUTE b[] = {{CKA_NEVER_EXTRACTABLE, &never, 1},
			    {CKA_LOCAL, &local, 1}};

			assert_int_equal(
			    module->C_GetAttributeValue(session, keys[j], a, 1),
			    CKR_ATTRIBUTE_SENSITIVE);
			assert_int_equal(
			    module->C_GetAttributeValue(session, keys[j], b, 2),
			    CKR_OK);
			assert_int_equal(never, CK_TRUE);
			assert_int_equal(local, CK_TRUE);
			checked++;
		}
		(void)module->C_CloseAllSessions(slots[i]);
	}
	assert_int_equal(checked, 2);
	(void)p11_kit_module_finalize(module);
	p11_kit_module_release(module);
}

/* Made by others, extractable: it may be anywhere by now. */
static void
a_key_that_could_leave_is_refused(void **state)
{
	CK_FUNCTION_LIST *module = p11_kit_module_load(MODULE, 0);
	CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	unsigned char params[16], id[] = "x";
	char label[] = "loose";
	CK_ATTRIBUTE public[] = {{CKA_TOKEN, &yes, 1},
	    {CKA_EC_PARAMS, params, encode_curve(KEY_P256).len},
	    {CKA_ID, id, 1}};
	CK_ATTRIBUTE private[] = {{CKA_TOKEN, &yes, 1}, {CKA_PRIVATE, &yes, 1},
	    {CKA_LABEL, label, 5}, {CKA_ID, id, 1}, {CKA_SIGN, &yes, 1},
	    {CKA_SENSITIVE, &yes, 1}, {CKA_EXTRACTABLE, &yes, 1}};
	CK_OBJECT_HANDLE a, b;
	CK_SESSION_HANDLE session;
	CK_SLOT_ID slots[8];
	CK_ULONG n = 8, i;
	size_t made = 0;
	struct token *token;
	struct token_key key;

	(void)state;
	memcpy(params, encode_curve(KEY_P256).octets, public[1].ulValueLen);
	assert_int_equal(p11_kit_module_initialize(module), CKR_OK);
	assert_int_equal(module->C_GetSlotList(CK_TRUE, slots, &n), CKR_OK);
	for (i = 0; i < n; i++) {
		CK_TOKEN_INFO info;

		if (module->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    memcmp(info.label, "loose ", 6) != 0)
			continue;
		assert_int_equal(module->C_OpenSession(slots[i],
				     CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
				     NULL, &session),
		    CKR_OK);
		assert_int_equal(
		    module->C_Login(session, CKU_USER, pin->bytes, 6), CKR_OK);
		for (made = 0; made < 2; made++) {
			/* the second can be read at once */
			private[5].pValue = made == 0 ? &yes : &no;
			private[6].pValue = made == 0 ? &yes : &no;
			label[0] = made == 0 ? 'l' : 'g';
			id[0]++;
			assert_int_equal(module->C_GenerateKeyPair(session,
					     &mechanism, public, COUNT(public),
					     private, COUNT(private), &a, &b),
			    CKR_OK);
		}
		(void)module->C_CloseAllSessions(slots[i]);
	}
	(void)p11_kit_module_finalize(module);
	p11_kit_module_release(module);
	assert_int_equal(made, 2);
	token = opened("loose");
	assert_error(token_find(token, "loose", &key), ERR_DENIED);
	assert_error(token_find(token, "goose", &key), ERR_DENIED);
	token_free(&token);
}

/* A key that somebody else put there. */
static void
import(const struct testkey *key, const char *label)
{
	static const char *const token_args[] = {"softhsm2-util", "--import",
	    NULL, "--token", "imported", "--label", NULL, "--id", "a1", "--pin",
	    "123456", "--force", NULL};
	const char *argv[COUNT(token_args)];
	char path[80];
	FILE *f;

	memcpy(argv, token_args, sizeof argv);
	(void)snprintf(path, sizeof path, "%s/key.pem", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	{
		unsigned char *der = NULL;
		PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key->key);
		int len = i2d_PKCS8_PRIV_KEY_INFO(p8, &der), i;

		(void)fputs("-----BEGIN PRIVATE KEY-----\n", f);
		for (i = 0; i < len; i += 48) {
			unsigned char line[80];

			(void)EVP_EncodeBlock(
			    line, der + i, len - i < 48 ? len - i : 48);
			(void)fprintf(f, "%s\n", (char *)line);
		}
		(void)fputs("-----END PRIVATE KEY-----\n", f);
		OPENSSL_free(der);
		PKCS8_PRIV_KEY_INFO_free(p8);
	}
	assert_int_equal(fclose(f), 0);
	argv[2] = path;
	argv[6] = label;
	assert_int_equal(run(argv), 0);
	assert_int_equal(unlink(path), 0);
}

static void
an_rsa_key_signs_too(void **state)
{
	unsigned char digest[SIGNATURE_DIGEST_MAX] = {9};
	unsigned char signature[SIGNATURE_MAX];
	struct token *token;
	struct testkey rsa;
	struct token_key key;
	enum hash hash;
	size_t len = 0;

	(void)state;
	testkey_rsa(2048, &rsa);
	import(&rsa, "rsa");
	token = opened("imported");
	assert_ok(token_find(token, "rsa", &key));
	assert_int_equal(key.kind, KEY_RSA);
	assert_int_equal(key.spki_len, rsa.len);
	assert_memory_equal(key.spki, rsa.spki, rsa.len);
	for (hash = HASH_SHA256; hash <= HASH_SHA512; hash++) {
		assert_ok(token_sign(
		    &key, PADDING_PKCS1, hash, digest, signature, &len));
		assert_int_equal(len, 256);
		assert_ok(signature_verify_hash(key.spki, key.spki_len,
		    PADDING_PKCS1, hash, digest, signature, len));
	}
	assert_error(
	    token_sign(&key, PADDING_PSS, HASH_SHA256, digest, signature, &len),
	    ERR_INPUT);
	/* a second one of the same label: which? */
	import(&rsa, "rsa");
	assert_error(token_find(token, "rsa", &key), ERR_INPUT);
	token_free(&token);
	EVP_PKEY_free(rsa.key);
}

/* The whole way: a root, a card and a CRL by a key that is in the token. */
static void
a_ca_in_a_token(void **state)
{
	unsigned char root[CERTIFICATE_MAX], der[CERTIFICATE_MAX], *crl = NULL;
	struct token *token = opened("Sekisho CA");
	struct token_key key;
	struct issue_signer signer;
	struct issue_template t = {
	    .subject = {.organization = "病院", .common_name = "Sekisho CA"},
	    .not_before = 1767225600,
	    .not_after = 2082758400,
	    .key_usage = KEY_USAGE_SIGN,
	    .uses = USE_CLIENT_AUTH};
	struct issue_crl c = {
	    .number = 1, .this_update = 1767225600, .next_update = 1767312000};
	const unsigned char *p;
	X509 *ca, *card;
	X509_CRL *list;
	EVP_PKEY *public;
	struct testkey card_key;
	size_t root_len = 0, len = 0, crl_len = 0;

	(void)state;
	assert_ok(token_find(token, "ca 384", &key));
	signer =
	    (struct issue_signer){{key.spki, key.spki_len}, token_sign, &key};
	randombytes_buf(t.serial, sizeof t.serial);
	issue_serial(t.serial);
	assert_ok(issue_root(&t, &signer, root, &root_len));
	testkey_ec("P-256", &card_key);
	t.issuer = c.issuer = (struct der){root, root_len};
	t.spki = (struct der){card_key.spki, card_key.len};
	t.subject.common_name = "佐藤 花子";
	assert_ok(issue_certificate(&t, &signer, der, &len));
	assert_ok(issue_crl(&c, &signer, &crl, &crl_len));
	token_free(&token);

	p = root;
	ca = d2i_X509(NULL, &p, (long)root_len);
	p = der;
	card = d2i_X509(NULL, &p, (long)len);
	p = crl;
	list = d2i_X509_CRL(NULL, &p, (long)crl_len);
	public = X509_get0_pubkey(ca);
	assert_int_equal(X509_verify(ca, public), 1);
	assert_int_equal(X509_verify(card, public), 1);
	assert_int_equal(X509_CRL_verify(list, public), 1);
	X509_free(ca);
	X509_free(card);
	X509_CRL_free(list);
	free(crl);
	EVP_PKEY_free(card_key.key);
}

static void
raw_signatures_as_der(void **state)
{
	unsigned char raw[98] = {0}, der[SIGNATURE_MAX];
	size_t len = 0, i;

	(void)state;
	raw[31] = 1;
	raw[63] = 0x80;
	assert_ok(encode_ecdsa(raw, 64, der, &len));
	assert_int_equal(len, 9);
	assert_memory_equal(der, "\x30\x07\x02\x01\x01\x02\x02\x00\x80", 9);
	memset(raw, 0xff, sizeof raw);
	assert_ok(encode_ecdsa(raw, 96, der, &len));
	assert_int_equal(len, 2 + 2 * (2 + 49));
	assert_error(encode_ecdsa(raw, 98, der, &len), ERR_INPUT);
	assert_error(encode_ecdsa(raw, 63, der, &len), ERR_INPUT);
	assert_error(encode_ecdsa(raw, 0, der, &len), ERR_INPUT);
	for (i = 0; i < 2; i++) {
		memset(raw, 0xff, 64);
		memset(raw + 32 * i, 0, 32);
		assert_error(encode_ecdsa(raw, 64, der, &len), ERR_INPUT);
	}
}

static void
points_bare_and_wrapped(void **state)
{
	static const char *const curves[] = {"P-256", "P-384"};
	unsigned char spki[SPKI_MAX], wrapped[128];
	struct testkey key;
	struct spki parsed;
	struct der curve;
	size_t i, n, len = 0;

	(void)state;
	for (n = 0; n < 300; n++) {
		i = n % 2;
		testkey_ec(curves[i], &key);
		assert_ok(spki_parse(key.spki, key.len, &parsed));
		curve = encode_curve(parsed.kind);
		assert_ok(encode_spki_ec(curve, parsed.point, spki, &len));
		assert_int_equal(len, key.len);
		assert_memory_equal(spki, key.spki, len);
		wrapped[0] = 4;
		wrapped[1] = (unsigned char)parsed.point.len;
		memcpy(wrapped + 2, parsed.point.octets, parsed.point.len);
		assert_ok(encode_spki_ec(curve,
		    (struct der){wrapped, parsed.point.len + 2}, spki, &len));
		assert_memory_equal(spki, key.spki, len);
		assert_error(
		    encode_spki_ec(encode_curve(i == 0 ? KEY_P384 : KEY_P256),
			parsed.point, spki, &len),
		    ERR_INPUT);
		EVP_PKEY_free(key.key);
	}
	assert_null(encode_curve(KEY_RSA).octets);
}

static bool
prepare(void)
{
	char path[80];
	FILE *f;

	if (mkdtemp(folder) == NULL)
		return false;
	(void)snprintf(path, sizeof path, "%s/tokens", folder);
	if (mkdir(path, 0700) != 0)
		return false;
	(void)snprintf(path, sizeof path, "%s/conf", folder);
	f = fopen(path, "w");
	if (f == NULL ||
	    fprintf(f,
		"directories.tokendir = %s/tokens\n"
		"objectstore.backend = file\n"
		"log.level = ERROR\n",
		folder) < 0 ||
	    fclose(f) != 0)
		return false;
	(void)setenv("SOFTHSM2_CONF", path, 1);
	return new_token("Sekisho CA") && new_token("double") &&
	       new_token("double") && new_token("imported") &&
	       new_token("loose") && secret_copy("123456", 6, &pin) == ERR_OK;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tokens_are_found_by_label),
	    cmocka_unit_test(only_with_the_pin),
	    cmocka_unit_test(keys_are_made_and_found_again),
	    cmocka_unit_test(keys_do_not_leave),
	    cmocka_unit_test(a_key_that_could_leave_is_refused),
	    cmocka_unit_test(an_rsa_key_signs_too),
	    cmocka_unit_test(a_ca_in_a_token),
	    cmocka_unit_test(raw_signatures_as_der),
	    cmocka_unit_test(points_bare_and_wrapped),
	};
	const char *const clean[] = {"rm", "-r", folder, NULL};
	int failed;

	if (sodium_init() < 0 || !prepare()) {
		(void)fprintf(stderr, "token: SoftHSM could not be set up\n");
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	secret_free(&pin);
	return run(clean) == 0 ? failed : 1;
}
