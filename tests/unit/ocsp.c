/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of OCSP responders: made with libcrypto, and by openssl-ocsp(1). */
#include "common/crypto/ocsp.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/crypto/pem.h"
#include "tests/unit/testca.h"
#include "tests/unit/testcert.h"
#include "tests/unit/testocsp.h"

enum { NOW = TESTCA_NOW + 3600, DAY = 86400 };

static struct testca ours, twin, rsa, pair;
static struct testkey card_key, responder_key, weak_key;
static unsigned char card[CERTIFICATE_MAX];
static size_t card_len;
static struct ocsp_question question;

/* OpenSSL counts its memory, and refuses it when told to. */
static long left = -1;

static void *
may_alloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (left == 0)
		return NULL;
	left -= left > 0;
	return malloc(size);
}

static void *
may_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (left == 0)
		return NULL;
	left -= left > 0;
	return realloc(old, size);
}

static void
release(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

static struct responder
good(void)
{
	return (struct responder){.about = {ours.der, ours.len},
	    .key = ours.key.key,
	    .md = EVP_sha256(),
	    .status = V_OCSP_CERTSTATUS_GOOD,
	    .this_update = NOW - 60,
	    .next_update = NOW + 3600,
	    .revoked = NOW - 7200};
}

/* One word for everything. */
static const char *
read_der(const void *der, size_t len, int64_t now, struct ocsp_answer *ret)
{
	enum ocsp_fault fault = OCSP_NO_FAULT;
	enum error err = ocsp_read(&question, der, len, now, ret, &fault);

	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(err == ERR_DENIED, fault != OCSP_NO_FAULT);
	return err == ERR_OK || err == ERR_DENIED ? ocsp_fault_text(fault)
						  : error_text(err);
}

static const char *
judged(const struct responder *r, int64_t now)
{
	unsigned char der[OCSP_RESPONSE_MAX];
	struct ocsp_answer a;

	return read_der(der, testocsp_answer(r, &question, der), now, &a);
}

static struct ocsp_answer
taken(const struct responder *r)
{
	unsigned char der[OCSP_RESPONSE_MAX];
	struct ocsp_answer a = {.until = -1};

	assert_string_equal(
	    read_der(der, testocsp_answer(r, &question, der), NOW, &a),
	    "ocsp_valid");
	return a;
}

static void
a_question(void **state)
{
	unsigned char der[OCSP_REQUEST_MAX];
	const unsigned char *p = der;
	struct ocsp_question q = question;
	OCSP_REQUEST *request;
	ASN1_OBJECT *hash;
	OCSP_CERTID *id;
	size_t len = 0;

	(void)state;
	assert_ok(ocsp_request(&q, der, &len));
	request = d2i_OCSP_REQUEST(NULL, &p, (long)len);
	assert_non_null(request);
	assert_ptr_equal(p, der + len);
	assert_int_equal(OCSP_request_onereq_count(request), 1);
	id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0));
	assert_int_equal(OCSP_id_get0_info(NULL, &hash, NULL, NULL, id), 1);
	assert_int_equal(OBJ_obj2nid(hash), NID_sha1);
	assert_int_equal(OCSP_REQUEST_get_ext_count(request), 1);
	OCSP_REQUEST_free(request);
	/* of another issuer, and no certificate */
	q.issuer = (struct der){rsa.der, rsa.len};
	assert_error(ocsp_request(&q, der, &len), ERR_DENIED);
	q = question;
	q.certificate.len--;
	assert_error(ocsp_request(&q, der, &len), ERR_INPUT);
	q.certificate.len = 0;
	assert_error(ocsp_request(&q, der, &len), ERR_INPUT);
	q = question;
	q.issuer.len = CERTIFICATE_MAX + 1;
	assert_error(ocsp_request(&q, der, &len), ERR_INPUT);
	assert_int_equal(ERR_peek_error(), 0);
}

static void
what_it_says(void **state)
{
	struct responder r = good();
	struct ocsp_answer a = taken(&r);

	(void)state;
	assert_int_equal(a.status, CERTIFICATE_GOOD);
	assert_int_equal(a.this_update, NOW - 60);
	assert_int_equal(a.until, NOW + 3600);
	assert_true(a.fresh);
	r.status = V_OCSP_CERTSTATUS_REVOKED;
	a = taken(&r);
	assert_int_equal(a.status, CERTIFICATE_REVOKED);
	assert_int_equal(a.revoked_at, NOW - 7200);
	/* held is not for good */
	r.hold = true;
	assert_int_equal(taken(&r).status, CERTIFICATE_UNKNOWN);
	r.hold = false;
	r.status = V_OCSP_CERTSTATUS_UNKNOWN;
	assert_int_equal(taken(&r).status, CERTIFICATE_UNKNOWN);
	/* the responder named by its key */
	r.flags = OCSP_RESPID_KEY;
	(void)taken(&r);
}

static void
how_long_it_counts(void **state)
{
	struct responder r = good();

	(void)state;
	r.next_update = NOW + 30 * DAY;
	assert_int_equal(taken(&r).until, NOW + OCSP_GOOD_MAX);
	r.next_update = 0;
	assert_int_equal(taken(&r).until, NOW + OCSP_GOOD_BARE);
	/* an old CRL behind it, but it was asked now */
	r.this_update = NOW - 20 * DAY;
	assert_int_equal(taken(&r).until, NOW + OCSP_GOOD_BARE);
	/* from stock it ages */
	r = good();
	r.nonce = NONCE_NONE;
	assert_false(taken(&r).fresh);
	assert_int_equal(taken(&r).until, NOW + 3600);
	r.next_update = NOW + 30 * DAY;
	assert_int_equal(taken(&r).until, NOW - 60 + OCSP_GOOD_MAX);
	r.this_update = NOW - OCSP_GOOD_MAX;
	assert_string_equal(judged(&r, NOW), "ocsp_stale");
	r.next_update = 0;
	r.this_update = NOW - OCSP_GOOD_BARE + 1;
	assert_int_equal(taken(&r).until, NOW + 1);
	assert_string_equal(judged(&r, NOW + 1), "ocsp_stale");
	/* clocks */
	r = good();
	assert_string_equal(judged(&r, NOW + 3599), "ocsp_valid");
	assert_string_equal(judged(&r, NOW + 3600), "ocsp_stale");
	assert_string_equal(judged(&r, NOW - 60 - OCSP_SKEW), "ocsp_valid");
	assert_string_equal(judged(&r, NOW - 61 - OCSP_SKEW), "ocsp_early");
	r.next_update = r.this_update - 1;
	assert_string_equal(judged(&r, NOW), "ocsp_malformed");
}

static void
answers_to_something_else(void **state)
{
	struct responder r = good();

	(void)state;
	r.nonce = NONCE_OTHER;
	assert_string_equal(judged(&r, NOW), "ocsp_nonce");
	r.nonce = NONCE_TWICE;
	assert_string_equal(judged(&r, NOW), "ocsp_nonce");
	r = good();
	r.serial = 4711;
	assert_string_equal(judged(&r, NOW), "ocsp_another");
	r = good();
	r.twice = true;
	assert_string_equal(judged(&r, NOW), "ocsp_malformed");
	r = good();
	r.critical = true;
	assert_string_equal(judged(&r, NOW), "ocsp_malformed");
	/* about the card of a CA that has the same name and another key */
	r = good();
	r.about = (struct der){twin.der, twin.len};
	r.cert = question.issuer;
	assert_string_equal(judged(&r, NOW), "ocsp_another");
	/* and that CA answering for ours */
	r = good();
	r.cert = (struct der){twin.der, twin.len};
	r.key = twin.key.key;
	assert_string_equal(judged(&r, NOW), "ocsp_signature");
	r.flags = OCSP_RESPID_KEY;
	assert_string_equal(judged(&r, NOW), "ocsp_signer");
}

/* A responder's certificate by one of the CAs. */
static struct testcert
delegate(const struct testca *ca, const struct testkey *key, const char *uses,
    const char *usage)
{
	X509 *x = testcert_new("responder", key);
	X509 *issuer = testocsp_x509((struct der){ca->der, ca->len});
	struct testcert cert;

	assert_int_equal(
	    X509_set_issuer_name(x, X509_get_subject_name(issuer)), 1);
	if (uses[0] != '\0')
		testcert_extend(x, NID_ext_key_usage, uses);
	if (usage[0] != '\0')
		testcert_extend(x, NID_key_usage, usage);
	testcert_sign(x, &ca->key, &cert);
	X509_free(issuer);
	return cert;
}

static void
delegated_responders(void **state)
{
	static const struct {
		const struct testca *ca;
		const struct testkey *key;
		const char *uses, *usage, *expected;
	} cases[] = {
	    {&ours, &responder_key, "OCSPSigning", "digitalSignature",
		"ocsp_valid"},
	    {&ours, &responder_key, "OCSPSigning,clientAuth", "", "ocsp_valid"},
	    {&ours, &responder_key, "", "digitalSignature", "ocsp_signer"},
	    {&ours, &responder_key, "clientAuth", "digitalSignature",
		"ocsp_signer"},
	    {&ours, &responder_key, "anyExtendedKeyUsage", "digitalSignature",
		"ocsp_signer"},
	    {&ours, &responder_key, "OCSPSigning", "keyEncipherment",
		"ocsp_signer"},
	    {&ours, &weak_key, "OCSPSigning", "digitalSignature",
		"ocsp_signer"},
	    {&twin, &responder_key, "OCSPSigning", "digitalSignature",
		"ocsp_signer"},
	    {&rsa, &responder_key, "OCSPSigning", "digitalSignature",
		"ocsp_signer"},
	};
	struct responder r = good();
	struct testcert cert;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		cert = delegate(
		    cases[i].ca, cases[i].key, cases[i].uses, cases[i].usage);
		r.cert = (struct der){cert.der, cert.len};
		r.key = cases[i].key->key;
		r.flags = (i % 2) * OCSP_RESPID_KEY;
		assert_string_equal(judged(&r, NOW), cases[i].expected);
	}
	/* its own time; and without it nobody knows who has signed */
	cert = delegate(&ours, &responder_key, "OCSPSigning", "");
	r.key = responder_key.key;
	r.this_update = TESTCERT_TO - 10;
	r.next_update = 0;
	assert_string_equal(judged(&r, TESTCERT_TO - 1), "ocsp_valid");
	assert_string_equal(judged(&r, TESTCERT_TO + 1), "ocsp_signer");
	r = good();
	r.cert = (struct der){cert.der, cert.len};
	r.key = responder_key.key;
	r.flags = OCSP_NOCERTS;
	assert_string_equal(judged(&r, NOW), "ocsp_signer");
	/* a card of this issuer is no responder */
	memcpy(cert.der, card, card_len);
	cert.len = card_len;
	r = good();
	r.cert = (struct der){cert.der, cert.len};
	r.key = card_key.key;
	assert_string_equal(judged(&r, NOW), "ocsp_signer");
}

static void
signatures_that_are_weak(void **state)
{
	struct ocsp_question ecdsa = question;
	struct responder r = good();

	(void)state;
	r.md = EVP_sha1();
	assert_string_equal(judged(&r, NOW), "ocsp_signature");
	r.md = EVP_sha384();
	assert_string_equal(judged(&r, NOW), "ocsp_valid");
	r.md = EVP_sha224();
	assert_string_equal(judged(&r, NOW), "ocsp_signature");
	/* RSA: the card is pretended to be this CA's, which has our name */
	question.issuer = (struct der){pair.der, pair.len};
	r = good();
	r.about = question.issuer;
	r.key = pair.key.key;
	assert_string_equal(judged(&r, NOW), "ocsp_valid");
	r.pss = true;
	assert_string_equal(judged(&r, NOW), "ocsp_valid");
	r.md = EVP_sha1();
	assert_string_equal(judged(&r, NOW), "ocsp_signature");
	question = ecdsa;
}

/* Each octet altered, each end cut off: never another answer. */
static void
octets_that_are_altered(void **state)
{
	unsigned char der[OCSP_RESPONSE_MAX];
	const unsigned char try_later[] = {0x30, 3, 0x0a, 1, 3};
	struct testcert cert =
	    delegate(&ours, &responder_key, "OCSPSigning", "digitalSignature");
	struct responder r = good();
	struct ocsp_answer a;
	size_t len, i;

	(void)state;
	r.cert = (struct der){cert.der, cert.len};
	r.key = responder_key.key;
	r.status = V_OCSP_CERTSTATUS_REVOKED;
	len = testocsp_answer(&r, &question, der);
	for (i = 0; i < len; i++) {
		const char *word;

		der[i] ^= 0x01;
		a.until = -1;
		word = read_der(der, len, NOW, &a);
		if (strcmp(word, "ocsp_valid") == 0) {
			/* what is not signed: such as a BIT STRING's tag */
			assert_int_equal(a.status, CERTIFICATE_REVOKED);
			assert_int_equal(a.until, NOW + 3600);
		}
		der[i] ^= 0x01;
		assert_string_not_equal(
		    read_der(der, i, NOW, &a), "ocsp_valid");
	}
	der[len] = 0;
	assert_string_equal(read_der(der, len, NOW, &a), "ocsp_valid");
	assert_string_equal(read_der(der, len + 1, NOW, &a), "ocsp_malformed");
	assert_string_equal(
	    read_der(try_later, sizeof try_later, NOW, &a), "ocsp_no_answer");
	assert_string_equal(
	    read_der(der, OCSP_RESPONSE_MAX + 1, NOW, &a), "ocsp_malformed");
}

/* Short of memory it says less, never more. */
static void
memory_that_is_short(void **state)
{
	unsigned char der[OCSP_RESPONSE_MAX], request[OCSP_REQUEST_MAX];
	struct testcert cert =
	    delegate(&ours, &responder_key, "OCSPSigning", "digitalSignature");
	struct responder r = good();
	enum ocsp_fault fault;
	struct ocsp_answer a;
	size_t len, n, i;
	enum error err = ERR_NOMEM;

	(void)state;
	r.cert = (struct der){cert.der, cert.len};
	r.key = responder_key.key;
	len = testocsp_answer(&r, &question, der);
	for (i = 0; err != ERR_OK && i < 1000000; i += i / 64 + 1) {
		left = (long)i;
		err = ocsp_read(&question, der, len, NOW, &a, &fault);
		left = (long)i;
		if (ocsp_request(&question, request, &n) == ERR_OK && i < 20)
			fail_msg("a request without memory");
		left = -1;
		if (err == ERR_OK)
			assert_int_equal(a.status, CERTIFICATE_GOOD);
	}
	assert_ok(err);
	assert_int_equal(ERR_peek_error(), 0);
}

static void
put(const char *folder, const char *name, const char *label, const void *der,
    size_t len)
{
	char path[128], *text = NULL;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	if (label != NULL) {
		assert_ok(pem_encode(label, der, len, &text));
		assert_true(fputs(text, f) >= 0);
		free(text);
	} else {
		assert_int_equal(fwrite(der, 1, len, f), len);
	}
	assert_int_equal(fclose(f), 0);
}

static void
run(const char *const *argv)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		char *args[24] = {NULL};
		size_t i;

		for (i = 0; argv[i] != NULL; i++)
			args[i] = strdup(argv[i]);
		(void)execvp(args[0], args);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Another program's answer to our question, now. */
static void
openssl_answers(void **state)
{
	static const char serial[] = "5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A";
	static const struct {
		const char *line;
		enum certificate_status status;
	} cases[] = {{"V\t301231235959Z\t", CERTIFICATE_GOOD},
	    {"R\t301231235959Z\t260201000000Z", CERTIFICATE_REVOKED},
	    {NULL, CERTIFICATE_UNKNOWN}};
	char folder[] = "/tmp/sekisho-ocsp.XXXXXX", line[128];
	const char *const argv[] = {"openssl", "ocsp", "-index", "index", "-CA",
	    "ca.pem", "-rsigner", "ca.pem", "-rkey", "key.pem", "-reqin",
	    "req.der", "-respout", "resp.der", "-nmin", "5", NULL};
	const char *const remove[] = {"rm", "-r", folder, NULL};
	unsigned char der[OCSP_RESPONSE_MAX];
	struct ocsp_answer a;
	char here[4096], path[128];
	size_t i, len = 0;
	FILE *f;

	(void)state;
	assert_non_null(getcwd(here, sizeof here));
	assert_non_null(mkdtemp(folder));
	put(folder, "ca.pem", PEM_CERTIFICATE, ours.der, ours.len);
	assert_ok(ocsp_request(&question, der, &len));
	put(folder, "req.der", NULL, der, len);
	(void)snprintf(path, sizeof path, "%s/key.pem", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(
	    PEM_write_PrivateKey(f, ours.key.key, NULL, NULL, 0, NULL, NULL),
	    1);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chdir(folder), 0);
	for (i = 0; i < COUNT(cases); i++) {
		line[0] = '\0';
		if (cases[i].line != NULL)
			(void)snprintf(line, sizeof line,
			    "%s\t%s\tunknown\t/CN=x\n", cases[i].line, serial);
		put(folder, "index", NULL, line, strlen(line));
		run(argv);
		f = fopen("resp.der", "r");
		assert_non_null(f);
		len = fread(der, 1, sizeof der, f);
		assert_int_equal(fclose(f), 0);
		assert_string_equal(
		    read_der(der, len, time(NULL), &a), "ocsp_valid");
		assert_int_equal(a.status, cases[i].status);
		assert_true(a.fresh);
		assert_in_range(a.until - time(NULL), 280, 300);
	}
	assert_int_equal(chdir(here), 0);
	run(remove);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_question),
	    cmocka_unit_test(what_it_says),
	    cmocka_unit_test(how_long_it_counts),
	    cmocka_unit_test(answers_to_something_else),
	    cmocka_unit_test(delegated_responders),
	    cmocka_unit_test(signatures_that_are_weak),
	    cmocka_unit_test(octets_that_are_altered),
	    cmocka_unit_test(memory_that_is_short),
	    cmocka_unit_test(openssl_answers),
	};
	struct issue_template t;
	int failed;

	if (CRYPTO_set_mem_functions(may_alloc, may_realloc, release) != 1 ||
	    sodium_init() < 0)
		return 1;
	testkey_ec("P-256", &ours.key);
	testkey_ec("P-256", &twin.key);
	testkey_rsa(2048, &rsa.key);
	testkey_rsa(2048, &pair.key);
	testkey_ec("P-256", &card_key);
	testkey_ec("P-256", &responder_key);
	testkey_rsa(1024, &weak_key);
	testca_root(&ours, "Sekisho CA");
	testca_root(&twin, "Sekisho CA");
	testca_root(&rsa, "Another CA");
	testca_root(&pair, "Sekisho CA");
	t = testca_template(&ours, &card_key);
	assert_ok(issue_certificate(&t, &ours.signer, card, &card_len));
	question.issuer = (struct der){ours.der, ours.len};
	question.certificate = (struct der){card, card_len};
	randombytes_buf(question.nonce, sizeof question.nonce);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(ours.key.key);
	EVP_PKEY_free(twin.key.key);
	EVP_PKEY_free(rsa.key.key);
	EVP_PKEY_free(pair.key.key);
	EVP_PKEY_free(card_key.key);
	EVP_PKEY_free(responder_key.key);
	EVP_PKEY_free(weak_key.key);
	return failed;
}
