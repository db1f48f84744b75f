/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/credentials.h"

#include <string.h>

#include "tests/unit/test.h"

static unsigned char octets[CREDENTIALS_OCTETS + 1];
static size_t len;

static void
put(size_t size, unsigned char first)
{
	octets[len] = (unsigned char)(size >> 8);
	octets[len + 1] = (unsigned char)size;
	memset(octets + len + 2, 0, size);
	octets[len + 2] = first;
	len += 2 + size;
}

static enum error
read_all(size_t *ret_n)
{
	struct credential list[CREDENTIALS_MAX];
	enum error err = credentials_read(octets, len, list, ret_n);

	if (err == ERR_OK)
		assert_ptr_equal(list[0].id, octets + 2);
	return err;
}

static void
lists(void **state)
{
	size_t n = 0, i;

	(void)state;
	len = 0;
	put(CREDENTIAL_MIN, 1);
	put(CREDENTIAL_MAX, 1);
	assert_ok(read_all(&n));
	assert_int_equal(n, 2);
	/* every one that is cut short */
	for (i = len; i > 0; i--) {
		len = i - 1;
		if (len != 2 + CREDENTIAL_MIN)
			assert_error(read_all(&n), ERR_INPUT);
	}
	len = 0;
	for (i = 0; i < CREDENTIALS_MAX; i++)
		put(CREDENTIAL_MAX, (unsigned char)i);
	assert_ok(read_all(&n));
	assert_int_equal(n, CREDENTIALS_MAX);
	put(64, 99);
	assert_error(read_all(&n), ERR_INPUT);
}

static void
what_is_none(void **state)
{
	size_t n = 7;

	(void)state;
	len = 0;
	assert_error(read_all(&n), ERR_INPUT);
	put(CREDENTIAL_MIN - 1, 1);
	assert_error(read_all(&n), ERR_INPUT);
	len = 0;
	put(CREDENTIAL_MAX + 1, 1);
	assert_error(read_all(&n), ERR_INPUT);
	len = 0;
	put(64, 1);
	octets[len++] = 0; /* an octet too many */
	assert_error(read_all(&n), ERR_INPUT);
	len = 0;
	put(64, 1);
	put(64, 2);
	put(64, 1);
	assert_error(read_all(&n), ERR_INPUT);
	len = CREDENTIALS_OCTETS + 1;
	assert_error(read_all(&n), ERR_INPUT);
	assert_int_equal(n, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists), cmocka_unit_test(what_is_none)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
