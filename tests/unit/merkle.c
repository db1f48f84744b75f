/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hash tree of RFC 9162 against the definition, and the statements. */
#include "common/crypto/merkle.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/statement.h"
#include "tests/unit/test.h"

enum { MANY = 70 };

static unsigned char leaves[MANY][MERKLE_HASH];

static int
set_up(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		char text[8];

		(void)snprintf(text, sizeof text, "%zu", i);
		merkle_leaf(text, strlen(text), leaves[i]);
	}
	return 0;
}

/* 2.1.1 as it is written, apart from the code under test. */
static void
definition(size_t from, size_t n, unsigned char *ret)
{
	unsigned char both[1 + 2 * MERKLE_HASH] = {0x01};
	size_t k = 1;

	if (n == 1) {
		memcpy(ret, leaves[from], MERKLE_HASH);
		return;
	}
	while (2 * k < n)
		k *= 2;
	definition(from, k, both + 1);
	definition(from + k, n - k, both + 1 + MERKLE_HASH);
	(void)crypto_hash_sha256(ret, both, sizeof both);
}

static void
root_of(size_t n, unsigned char *ret)
{
	struct merkle tree;
	size_t i;

	merkle_begin(&tree);
	for (i = 0; i < n; i++)
		merkle_add(&tree, leaves[i]);
	merkle_root(&tree, ret);
}

static void
roots(void **state)
{
	unsigned char root[MERKLE_HASH], expected[MERKLE_HASH];
	char text[2 * MERKLE_HASH + 1];
	size_t n;

	(void)state;
	/* of nothing, and of one empty leaf: facts of SHA-256 */
	root_of(0, root);
	hex_encode(root, MERKLE_HASH, text);
	assert_string_equal(text,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	merkle_leaf("", 0, root);
	hex_encode(root, MERKLE_HASH, text);
	assert_string_equal(text,
	    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	for (n = 1; n <= MANY; n++) {
		root_of(n, root);
		definition(0, n, expected);
		assert_memory_equal(root, expected, MERKLE_HASH);
	}
}

static void
proofs(void **state)
{
	unsigned char path[MERKLE_LEVELS][MERKLE_HASH], root[MERKLE_HASH];
	const unsigned char(*as)[MERKLE_HASH] =
	    (const unsigned char(*)[MERKLE_HASH])path;
	size_t n, i, len;

	(void)state;
	for (n = 1; n <= MANY; n++) {
		root_of(n, root);
		for (i = 0; i < n; i++) {
			len = merkle_path(
			    (const unsigned char(*)[MERKLE_HASH])leaves, n, i,
			    path);
			assert_true(
			    merkle_proves(leaves[i], i, n, as, len, root));
			/* of nothing else, nowhere else */
			assert_false(merkle_proves(
			    leaves[(i + 1) % MANY], i, n, as, len, root));
			assert_false(
			    merkle_proves(leaves[i], n, n, as, len, root));
			if (len == 0)
				continue;
			assert_false(
			    merkle_proves(leaves[i], i ^ 1, n, as, len, root));
			assert_false(
			    merkle_proves(leaves[i], i, n, as, len - 1, root));
			memcpy(path[len], root, MERKLE_HASH);
			assert_false(
			    merkle_proves(leaves[i], i, n, as, len + 1, root));
			path[len - 1][0] ^= 1;
			assert_false(
			    merkle_proves(leaves[i], i, n, as, len, root));
		}
	}
}

static struct statement
example(void)
{
	struct statement s = {.batch = 3,
	    .first = 101,
	    .last = 200,
	    .leaves = 98,
	    .at = "2027-04-01T08:00:00.000000Z"};

	memset(s.root, 0xab, sizeof s.root);
	memset(s.previous, 0xcd, sizeof s.previous);
	return s;
}

static void
statements(void **state)
{
	unsigned char secret[STATEMENT_SECRET_KEY], other[STATEMENT_SECRET_KEY];
	unsigned char public_key[STATEMENT_PUBLIC_KEY],
	    signature[STATEMENT_SIGNATURE];
	struct statement s = example(), read;
	char text[STATEMENT_TEXT];
	size_t len, i;

	(void)state;
	memset(secret, 7, sizeof secret);
	memset(other, 8, sizeof other);
	statement_public_key(secret, public_key);
	statement_key_id(public_key, s.key);
	len = statement_text(&s, text);
	assert_int_equal(len, strlen(text));
	assert_ok(statement_read(text, len, &read));
	assert_memory_equal(&read, &s, sizeof s);
	assert_ok(statement_sign(secret, text, len, signature));
	assert_ok(statement_verify(public_key, text, len, signature));
	/* another key is not named in it */
	assert_error(statement_sign(other, text, len, signature), ERR_INPUT);
	/* any octet changed: no statement, or not signed */
	for (i = 0; i < len; i++) {
		text[i] ^= 1;
		assert_true(statement_read(text, len, &read) != ERR_OK ||
			    statement_verify(public_key, text, len,
				signature) == ERR_MISMATCH);
		text[i] ^= 1;
	}
	for (i = 0; i < len; i++)
		assert_error(statement_read(text, i, &read), ERR_INPUT);
}

static void
no_statements(void **state)
{
	static const struct {
		uint64_t batch, first, last, leaves;
	} bad[] = {{0, 1, 2, 1}, {1, 5, 4, 1}, {1, 1, 10, 0}, {1, 1, 10, 11}};
	unsigned char secret[STATEMENT_SECRET_KEY] = {0},
		      signature[STATEMENT_SIGNATURE];
	struct statement s = example(), read;
	char text[STATEMENT_TEXT];
	size_t i, len;

	(void)state;
	(void)stpcpy(s.key, "0123456789abcdef");
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		s.batch = bad[i].batch;
		s.first = bad[i].first;
		s.last = bad[i].last;
		s.leaves = bad[i].leaves;
		len = statement_text(&s, text);
		assert_error(statement_read(text, len, &read), ERR_INPUT);
	}
	/* what else a clerk that was taken over would like to have signed */
	assert_error(
	    statement_sign(secret, "anything", 8, signature), ERR_INPUT);
	/* the longest there can be fits */
	s.batch = s.first = s.last = s.leaves = UINT64_MAX;
	s.first = 1;
	assert_in_range(statement_text(&s, text), 1, STATEMENT_TEXT - 1);
	assert_ok(statement_read(text, strlen(text), &read));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(roots, set_up),
	    cmocka_unit_test_setup(proofs, set_up),
	    cmocka_unit_test(statements),
	    cmocka_unit_test(no_statements),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
