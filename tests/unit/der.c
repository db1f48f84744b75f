/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/der.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

static void
one_length_has_one_form(void **state)
{
	static const struct {
		const char *head;
		size_t head_len, len;
		bool good;
	} cases[] = {
	    {"\x04\x00", 2, 0, true},
	    {"\x04\x7f", 2, 127, true},
	    {"\x04\x81\x80", 3, 128, true},
	    {"\x04\x81\xff", 3, 255, true},
	    {"\x04\x82\x01\x00", 4, 256, true},
	    {"\x04\x82\xff\xff", 4, 65535, true},
	    {"\x04\x83\x01\x00\x00", 5, 65536, true},
	    {"\x04\x81\x7f", 3, 127, false},
	    {"\x04\x81\x00", 3, 0, false},
	    {"\x04\x82\x00\xff", 4, 255, false},
	    {"\x04\x82\x00\x00", 4, 0, false},
	    {"\x04\x83\x00\xff\xff", 5, 65535, false},
	    {"\x04\x84\x01\x00\x00\x00", 6, 70000, false},
	    {"\x04\x80", 2, 10, false},
	    {"\x04\xff", 2, 10, false},
	    {"\x05\x00", 2, 0, false},
	};
	unsigned char *octets;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		size_t all = cases[i].head_len + cases[i].len, cut;
		struct der in, out = {NULL, 0};

		octets = calloc(1, all + 1);
		memcpy(octets, cases[i].head, cases[i].head_len);
		in = (struct der){octets, all + 1};
		if (der_take(&in, 0x04, &out) != cases[i].good)
			fail_msg("case %zu", i);
		if (!cases[i].good) {
			/* what is not taken stays where it was */
			assert_ptr_equal(in.octets, octets);
			assert_int_equal(in.len, all + 1);
			free(octets);
			continue;
		}
		assert_int_equal(out.len, cases[i].len);
		assert_ptr_equal(out.octets, octets + cases[i].head_len);
		assert_int_equal(in.len, 1);
		in = (struct der){octets, all};
		assert_true(der_only(in, 0x04, &out));
		in.len = all + 1;
		assert_false(der_only(in, 0x04, &out));
		in.len = all;
		assert_true(der_take_whole(&in, 0x04, &out));
		assert_ptr_equal(out.octets, octets);
		assert_int_equal(out.len, all);
		for (cut = 0; cut < all && cut < 10; cut++) {
			in = (struct der){octets, cut};
			assert_false(der_take(&in, 0x04, &out));
			in = (struct der){octets, all - 1 - cut};
			assert_false(der_take(&in, 0x04, &out));
		}
		free(octets);
	}
}

static void
positive_numbers(void **state)
{
	static const struct {
		const char *octets;
		size_t len, want; /* 0: refused */
	} cases[] = {
	    {"\x02\x01\x01", 3, 1},
	    {"\x02\x01\x7f", 3, 1},
	    {"\x02\x02\x00\x80", 4, 1},
	    {"\x02\x02\x01\x00", 4, 2},
	    {"\x02\x01\x00", 3, 0},
	    {"\x02\x01\x80", 3, 0},
	    {"\x02\x01\xff", 3, 0},
	    {"\x02\x00", 2, 0},
	    {"\x02\x02\x00\x7f", 4, 0},
	    {"\x02\x02\x00\x00", 4, 0},
	    {"\x02\x03\x00\x00\x80", 5, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct der in = {
		    (const unsigned char *)cases[i].octets, cases[i].len};
		struct der n;
		bool good = der_positive(&in, &n);

		assert_int_equal(good, cases[i].want > 0);
		if (good)
			assert_int_equal(n.len, cases[i].want);
	}
}

static void
octets_that_begin_it(void **state)
{
	struct der in = {(const unsigned char *)"abcd", 4};

	(void)state;
	assert_false(der_skip(&in, "ac", 2));
	assert_false(der_skip(&in, "abcde", 5));
	assert_int_equal(in.len, 4);
	assert_true(der_skip(&in, "ab", 2));
	assert_int_equal(in.len, 2);
	assert_true(der_skip(&in, "cd", 2));
	assert_int_equal(in.len, 0);
	assert_true(der_skip(&in, "", 0));
	in = (struct der){NULL, 0};
	assert_false(der_skip(&in, "a", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_length_has_one_form),
	    cmocka_unit_test(positive_numbers),
	    cmocka_unit_test(octets_that_begin_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
