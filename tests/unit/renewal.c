/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/renewal.h"

#include <string.h>

#include "common/base/hex.h"
#include "tests/unit/test.h"

static unsigned char octets[RENEWAL_MAX + 8];

static struct renewal
example(void)
{
	static const unsigned char sealed[] = "sealed", a[] = "AAAA",
				   e[] = "EE";

	return (struct renewal){.sealed = sealed,
	    .sealed_len = 6,
	    .n = 2,
	    .certificate = {{0x9a, a, 4}, {0x9e, e, 2}}};
}

static void
there_and_back(void **state)
{
	struct renewal in = example(), out;
	size_t len = 0;

	(void)state;
	assert_ok(renewal_write(&in, octets, &len));
	assert_int_equal(len, 8 + 1 + 6 + 1 + 4);
	assert_memory_equal(octets, "\0\6sealed\x9a\0\4AAAA\x9e\0\2EE", len);
	assert_ok(renewal_read(octets, len, &out));
	assert_int_equal(out.sealed_len, 6);
	assert_int_equal(out.n, 2);
	assert_int_equal(out.certificate[1].slot, 0x9e);
	assert_memory_equal(out.certificate[0].der, "AAAA", 4);
}

/* Cut anywhere, or with something behind: nothing of it. */
static void
what_is_not_whole(void **state)
{
	struct renewal in = example(), out;
	size_t len = 0, cut;

	(void)state;
	assert_ok(renewal_write(&in, octets, &len));
	for (cut = 0; cut < len; cut++) {
		/* after the first certificate it is whole, with one */
		assert_error(renewal_read(octets, cut, &out),
		    cut == 8 + 7 ? ERR_OK : ERR_INPUT);
	}
	octets[len] = 0x9c;
	assert_error(renewal_read(octets, len + 1, &out), ERR_INPUT);
	memcpy(octets + len, "\x9c\0\1x", 4);
	assert_error(renewal_read(octets, len + 4, &out), ERR_INPUT);
	octets[1] = 0;
	assert_error(renewal_read(octets, len, &out), ERR_INPUT);
}

static void
what_cannot_be_sent(void **state)
{
	static unsigned char large[RENEWAL_MAX];
	struct renewal in = example();
	size_t len;

	(void)state;
	in.n = 0;
	assert_error(renewal_write(&in, octets, &len), ERR_INPUT);
	in = example();
	in.sealed_len = RENEWAL_SEALED + 1;
	in.sealed = large;
	assert_error(renewal_write(&in, octets, &len), ERR_INPUT);
	in = example();
	in.certificate[0].der = large;
	in.certificate[0].len = RENEWAL_MAX - 8 - 3 - 5;
	assert_ok(renewal_write(&in, octets, &len));
	assert_int_equal(len, RENEWAL_MAX);
	in.certificate[0].len++;
	assert_error(renewal_write(&in, octets, &len), ERR_INPUT);
}

/* docs/protocol.md, "Renewal at a terminal". */
static void
the_example_of_the_protocol(void **state)
{
	unsigned char challenge[RENEWAL_CHALLENGE], key[RENEWAL_PUBLIC];
	unsigned char bound[RENEWAL_CHALLENGE], other[RENEWAL_CHALLENGE];
	char text[2 * RENEWAL_CHALLENGE + 1];
	unsigned char i;

	(void)state;
	for (i = 0; i < 32; i++) {
		challenge[i] = i;
		key[i] = (unsigned char)(0x20 + i);
	}
	renewal_challenge(challenge, key, bound);
	hex_encode(bound, sizeof bound, text);
	assert_string_equal(text,
	    "0467b215b8f2f468e7492506ca84d5d81c18ec95534d824ae948f66719603819");
	key[31] ^= 1;
	renewal_challenge(challenge, key, other);
	assert_memory_not_equal(bound, other, sizeof bound);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(what_is_not_whole),
	    cmocka_unit_test(what_cannot_be_sent),
	    cmocka_unit_test(the_example_of_the_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
