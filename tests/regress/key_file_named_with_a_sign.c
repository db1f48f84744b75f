/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "key--001" was read as version 4294967295, the newest of all: new boxes
 * would have been sealed to it.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "authd/keys.h"
#include "tests/unit/test.h"

static void
key_file_named_with_a_sign(void **state)
{
	char folder[] = "/tmp/regress-XXXXXX", message[KEYS_MESSAGE];
	char from[64], to[64];
	struct keys *keys = NULL;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_ok(keys_init(folder, message));
	(void)snprintf(from, sizeof from, "%s/key-0001", folder);
	(void)snprintf(to, sizeof to, "%s/key--001", folder);
	assert_int_equal(link(from, to), 0);
	assert_ok(keys_load(folder, &keys, message));
	assert_int_equal(keys->n, 1);
	assert_int_equal(keys->key[0].version, 1);
	keys_free(&keys);
	(void)unlink(to);
	(void)unlink(from);
	(void)snprintf(from, sizeof from, "%s/mask.key", folder);
	(void)unlink(from);
	(void)rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(key_file_named_with_a_sign)};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
