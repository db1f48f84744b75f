/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A password that grows more than eightfold in NFKC was not searched for the
 * login name, and the grown copy of it was left behind in memory.
 */
#include <string.h>

#include "common/rules/password.h"
#include "tests/unit/test.h"

static void
login_name_among_ligatures(void **state)
{
	unsigned char password[PASSWORD_MAX_OCTETS];
	size_t i;

	(void)state;
	memcpy(password, "s1!ato", 6);
	for (i = 6; i + 3 <= 123; i += 3)
		memcpy(password + i, "\xef\xb7\xba", 3);
	memcpy(password + i, "sato", 4);
	assert_int_equal(
	    password_check(password, i + 4, "sato", 13), PASSWORD_HAS_NAME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(login_name_among_ligatures)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
