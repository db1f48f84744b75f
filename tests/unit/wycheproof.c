/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Project Wycheproof's signatures. What it calls "acceptable" is refused
 * here: there is one way to write a signature. Keys that we do not take
 * (RSA with a small exponent) are refused with all their signatures.
 */
#include <jansson.h>
#include <openssl/evp.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/signature.h"
#include "tests/unit/vectors.h"

struct file {
	const char *name;
	enum padding padding;
	enum hash hash;
	/* as the file says them, so that none can be lost */
	unsigned tests, right, acceptable, of_refused_keys;
};

static const struct file p256 = {"ecdsa_secp256r1_sha256_test.json",
    PADDING_NONE, HASH_SHA256, 484, 174, 0, 0};
static const struct file p384 = {"ecdsa_secp384r1_sha384_test.json",
    PADDING_NONE, HASH_SHA384, 504, 194, 0, 0};
static const struct file pkcs1 = {"rsa_signature_2048_sha256_test.json",
    PADDING_PKCS1, HASH_SHA256, 259, 7, 1, 2};
static const struct file pss = {"rsa_pss_2048_sha256_mgf1_32_test.json",
    PADDING_PSS, HASH_SHA256, 108, 63, 0, 0};

static size_t
octets(json_t *object, const char *name, unsigned char *out, size_t cap)
{
	const char *hex = json_string_value(json_object_get(object, name));
	size_t len = 0;

	assert_non_null(hex);
	assert_ok(hex_decode(hex, strlen(hex), out, cap, &len));
	return len;
}

static void
run(const struct file *file)
{
	unsigned n = 0, right = 0, acceptable = 0, refused_keys = 0;
	unsigned by_error[ERR_MISMATCH + 1] = {0};
	json_t *root, *group, *test;
	json_error_t fault;
	size_t i, j;
	char path[512];

	vectors_path(file->name, path, sizeof path);
	root = json_load_file(path, 0, &fault);
	if (root == NULL)
		fail_msg("%s: %s", path, fault.text);
	json_array_foreach(json_object_get(root, "testGroups"), i, group)
	{
		unsigned char key[SPKI_MAX];
		size_t key_len = octets(group, "publicKeyDer", key, sizeof key);
		struct spki spki;
		bool taken = spki_acceptable(key, key_len, &spki) == ERR_OK;

		json_array_foreach(json_object_get(group, "tests"), j, test)
		{
			const char *result =
			    json_string_value(json_object_get(test, "result"));
			long long id =
			    json_integer_value(json_object_get(test, "tcId"));
			static unsigned char sig[65536 + 4096];
			unsigned char text[4096], digest[64];
			size_t text_len, sig_len;
			enum error err;

			text_len = octets(test, "msg", text, sizeof text);
			sig_len = octets(test, "sig", sig, sizeof sig);
			assert_true(EVP_Q_digest(NULL,
			    file->hash == HASH_SHA384 ? "SHA384" : "SHA256",
			    NULL, text, text_len, digest, NULL));
			err = signature_verify_hash(key, key_len, file->padding,
			    file->hash, digest, sig, sig_len);
			n++;
			by_error[err]++;
			if (strcmp(result, "acceptable") == 0)
				acceptable++;
			if (!taken) {
				refused_keys++;
				assert_error(err, ERR_INPUT);
			} else if (strcmp(result, "valid") == 0) {
				right++;
				if (err != ERR_OK)
					fail_msg("%s %lld is valid: %s",
					    file->name, id, error_text(err));
			} else if (err != ERR_INPUT && err != ERR_MISMATCH) {
				fail_msg("%s %lld is %s: %s", file->name, id,
				    result, error_text(err));
			}
		}
	}
	json_decref(root);
	print_message("%s: %u vectors ran: %u right, %u wrong, %u malformed "
		      "or with a key that is not taken (%u), among them %u "
		      "acceptable\n",
	    file->name, n, by_error[ERR_OK], by_error[ERR_MISMATCH],
	    by_error[ERR_INPUT], refused_keys, acceptable);
	assert_int_equal(n, file->tests);
	assert_int_equal(right, file->right);
	assert_int_equal(by_error[ERR_OK], file->right);
	assert_int_equal(acceptable, file->acceptable);
	assert_int_equal(refused_keys, file->of_refused_keys);
}

static void
ecdsa_p256_sha256(void **state)
{
	(void)state;
	run(&p256);
}

static void
ecdsa_p384_sha384(void **state)
{
	(void)state;
	run(&p384);
}

static void
rsa_pkcs1_sha256(void **state)
{
	(void)state;
	run(&pkcs1);
}

static void
rsa_pss_sha256(void **state)
{
	(void)state;
	run(&pss);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ecdsa_p256_sha256),
	    cmocka_unit_test(ecdsa_p384_sha384),
	    cmocka_unit_test(rsa_pkcs1_sha256),
	    cmocka_unit_test(rsa_pss_sha256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
