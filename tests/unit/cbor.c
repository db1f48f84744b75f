/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is CBOR in the narrow form, and what is not. Examples by hand from RFC
 * 8949's rules; everything else that libcbor would take is refused. */
#include "common/crypto/cbor.h"

#include <string.h>

#include "common/base/hex.h"
#include "tests/unit/test.h"

static size_t
octets(const char *hex, unsigned char *out, size_t cap)
{
	size_t len;

	assert_ok(hex_decode(hex, strlen(hex), out, cap, &len));
	return len;
}

static void
good(const char *hex)
{
	unsigned char in[512], *back = NULL;
	size_t len = octets(hex, in, sizeof in), used, i, size = 0;
	cbor_item_t *item = NULL;

	assert_ok(cbor_strict(in, len, &used));
	assert_int_equal(used, len);
	assert_ok(cbor_item(in, len, &item));
	assert_int_equal(cbor_serialize_alloc(item, &back, &size), len);
	assert_memory_equal(back, in, len);
	free(back);
	cbor_decref(&item);
	/* cut off anywhere it is none; with more behind it, not all of it */
	for (i = 0; i < len; i++)
		assert_error(cbor_strict(in, i, &used), ERR_INPUT);
	in[len] = 0;
	assert_ok(cbor_strict(in, len + 1, &used));
	assert_int_equal(used, len);
	assert_error(cbor_item(in, len + 1, &item), ERR_INPUT);
}

static void
bad(const char *hex)
{
	unsigned char in[512];
	size_t len = octets(hex, in, sizeof in), used;
	cbor_item_t *item = NULL;

	if (cbor_strict(in, len, &used) != ERR_INPUT)
		fail_msg("%s was taken", hex);
	assert_error(cbor_item(in, len, &item), ERR_INPUT);
	assert_null(item);
}

static void
numbers_are_as_short_as_can_be(void **state)
{
	static const char *const yes[] = {"00", "17", "1818", "18ff", "190100",
	    "19ffff", "1a00010000", "1b0000000100000000", "1bffffffffffffffff",
	    "20", "3818", "3bffffffffffffffff"};
	static const char *const no[] = {"1800", "1817", "190000", "1900ff",
	    "1a00000000", "1a0000ffff", "1b0000000000000000",
	    "1b00000000ffffffff", "1c", "1d", "1e", "1f", "3817", "580100",
	    "7801", "980100", "b80100"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(yes); i++)
		good(yes[i]);
	for (i = 0; i < COUNT(no); i++)
		bad(no[i]);
}

static void
lengths_are_definite_and_there(void **state)
{
	static const char *const yes[] = {"40", "4101", "60", "6161", "80",
	    "8101", "a0", "a10102", "a1616102", "820102", "a201022103"};
	static const char *const no[] = {"5f4101ff", "7f6161ff", "9f01ff",
	    "bf0102ff", "4201", "6261", "5bffffffffffffffff",
	    "7bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff",
	    "5a7fffffff00", "8201", "a101", "a1", "ff"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(yes); i++)
		good(yes[i]);
	for (i = 0; i < COUNT(no); i++)
		bad(no[i]);
	bad("");
}

static void
no_key_twice(void **state)
{
	static const char *const no[] = {"a201010102", "a2616101616102",
	    "a3010102020103",
	    /* deep inside as well */
	    "a101a201010102", "81a201010102",
	    /* keys that are neither number nor text */
	    "a1410101", "a1800101", "a1a00101", "a1f501", "a1f601"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(no); i++)
		bad(no[i]);
	/* the same octets as a number and as text are two keys */
	good("a20101613102");
	good("a2010120f5");
}

static void
nothing_is_nested_deeply(void **state)
{
	char hex[600];
	size_t i;

	(void)state;
	good("8181818101");
	bad("818181818101");
	good("a101a101a101a10101");
	bad("a101a101a101a101a10101");
	/* far beyond any stack: refused at the fifth level */
	for (i = 0; i < 298; i++)
		memcpy(hex + 2 * i, "81", 2);
	memcpy(hex + 2 * i, "00", 3);
	bad(hex);
}

static void
no_more_than_so_many(void **state)
{
	char hex[200] = "9820";
	size_t i;

	(void)state;
	for (i = 0; i < CBOR_ENTRIES; i++)
		memcpy(hex + 4 + 2 * i, "00", 3);
	good(hex);
	memcpy(hex, "9821", 4);
	memcpy(hex + 4 + 2 * i, "00", 3);
	bad(hex);
	bad("b821");
}

static void
no_other_kinds(void **state)
{
	static const char *const no[] = {"c001", "c11a514b67b0", "d81801",
	    "d9d9f700", "f7", "f0", "f820", "f8ff", "f814", "f90000",
	    "fa00000000", "fb0000000000000000", "81f90000", "a101c001"};
	size_t i;

	(void)state;
	good("f4");
	good("f5");
	good("f6");
	good("63e38182"); /* U+3042 */
	bad("61ff");
	bad("62c080");
	bad("63eda080");
	bad("62e381");
	for (i = 0; i < COUNT(no); i++)
		bad(no[i]);
}

static void
looked_up(void **state)
{
	unsigned char in[64];
	size_t len = octets(
		   "a4010a2026613143aabbcc3b7fffffffffffffff01", in, sizeof in),
	       octets_len;
	const unsigned char *at;
	cbor_item_t *map = NULL, *list = NULL;
	int64_t n;

	(void)state;
	assert_ok(cbor_item(in, len, &map));
	assert_true(cbor_number(cbor_at(map, 1), &n));
	assert_int_equal(n, 10);
	assert_true(cbor_number(cbor_at(map, -1), &n));
	assert_int_equal(n, -7);
	assert_true(cbor_number(cbor_at(map, INT64_MIN), &n));
	assert_int_equal(n, 1);
	assert_true(cbor_octets(cbor_under(map, "1"), &at, &octets_len));
	assert_int_equal(octets_len, 3);
	assert_memory_equal(at, "\xaa\xbb\xcc", 3);
	/* of another kind, or not there */
	assert_false(cbor_number(cbor_under(map, "1"), &n));
	assert_false(cbor_octets(cbor_at(map, 1), &at, &octets_len));
	assert_null(cbor_at(map, 2));
	assert_null(cbor_under(map, "2"));
	assert_null(cbor_under(map, ""));
	assert_false(cbor_number(NULL, &n));
	assert_false(cbor_octets(NULL, &at, &octets_len));
	assert_null(cbor_at(NULL, 1));
	assert_null(cbor_under(NULL, "1"));
	cbor_decref(&map);
	/* numbers that do not fit, and no map */
	len = octets("821bffffffffffffffff3b8000000000000000", in, sizeof in);
	assert_ok(cbor_item(in, len, &list));
	assert_false(cbor_number(cbor_array_handle(list)[0], &n));
	assert_false(cbor_number(cbor_array_handle(list)[1], &n));
	assert_null(cbor_at(list, 0));
	assert_null(cbor_under(list, "1"));
	cbor_decref(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_as_short_as_can_be),
	    cmocka_unit_test(lengths_are_definite_and_there),
	    cmocka_unit_test(no_key_twice),
	    cmocka_unit_test(nothing_is_nested_deeply),
	    cmocka_unit_test(no_more_than_so_many),
	    cmocka_unit_test(no_other_kinds),
	    cmocka_unit_test(looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
