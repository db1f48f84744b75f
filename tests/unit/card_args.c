/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments of orders: taken whole as written, or refused whole. */
#include "authd/card_args.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

static void
requests(void **state)
{
	struct card_request r;

	(void)state;
	assert_ok(card_args_request("9a  0", 5, &r));
	assert_string_equal(r.slot, "9a");
	assert_int_equal(r.csr.len, 1);
	assert_ok(card_args_request("abc40..", 7, &r));
	assert_string_equal(r.slot, "abc4");
	assert_int_equal(r.csr.len, 3);
	assert_error(card_args_request("9a  ", 4, &r), ERR_INPUT);
	assert_error(card_args_request("9a", 2, &r), ERR_INPUT);
	assert_error(card_args_request("", 0, &r), ERR_INPUT);
	assert_error(card_args_request("    0", 5, &r), ERR_INPUT);
	assert_error(card_args_request(" 9a 0", 5, &r), ERR_INPUT);
	assert_error(card_args_request("9 a 0", 5, &r), ERR_INPUT);
	assert_error(card_args_request("9A  0", 5, &r), ERR_INPUT);
	assert_error(card_args_request("9a\0 0", 5, &r), ERR_INPUT);
}

static void
proofs(void **state)
{
	unsigned char octets[2 * (SPKI_KEY_ID + 3) + SIGNATURE_MAX + 2];
	struct card_proof proof;
	struct der in;
	size_t len;

	(void)state;
	memset(octets, 7, sizeof octets);
	octets[SPKI_KEY_ID] = SCHEME_RSA_PSS_SHA256;
	octets[SPKI_KEY_ID + 1] = 0;
	octets[SPKI_KEY_ID + 2] = 2;
	in = (struct der){octets, SPKI_KEY_ID + 6};
	assert_ok(card_args_proof(&in, &proof));
	assert_ptr_equal(proof.key_id, octets);
	assert_int_equal(proof.scheme, SCHEME_RSA_PSS_SHA256);
	assert_int_equal(proof.signature.len, 2);
	assert_int_equal(in.len, 1);
	for (len = 0; len < SPKI_KEY_ID + 5; len++) {
		in = (struct der){octets, len};
		assert_error(card_args_proof(&in, &proof), ERR_INPUT);
	}
	octets[SPKI_KEY_ID] = 3;
	in = (struct der){octets, sizeof octets};
	assert_error(card_args_proof(&in, &proof), ERR_INPUT);
	octets[SPKI_KEY_ID] = 0;
	octets[SPKI_KEY_ID + 2] = 0;
	assert_error(card_args_proof(&in, &proof), ERR_INPUT);
	octets[SPKI_KEY_ID + 1] = SIGNATURE_MAX >> 8;
	assert_ok(card_args_proof(&in, &proof));
	assert_int_equal(proof.signature.len, SIGNATURE_MAX);
	octets[SPKI_KEY_ID + 2] = 1;
	in = (struct der){octets, sizeof octets};
	assert_error(card_args_proof(&in, &proof), ERR_INPUT);
}

static void
authorities(void **state)
{
	static const char *const wrong[] = {"", "P-384", "P-384 20",
	    "P-384 20 ", " 20 X", "P-384  X", "P-384 0 X", "P-384 31 X",
	    "P-384 100 X", "P-384 2x X", "P-384 -1 X", "P-384567 20 X",
	    "P-384 20 a\nb", "P-384 20 a\x7f"};
	char name[256] = "P-384 20 ";
	struct card_ca ca;
	size_t i;

	(void)state;
	assert_ok(card_args_ca("P-384 20 My CA", 14, &ca));
	assert_string_equal(ca.kind, "P-384");
	assert_int_equal(ca.years, 20);
	assert_string_equal(ca.name, "My CA");
	for (i = 0; i < COUNT(wrong); i++)
		assert_error(
		    card_args_ca(wrong[i], strlen(wrong[i]), &ca), ERR_INPUT);
	for (i = 0; i < 64; i++)
		(void)stpcpy(name + 9 + 3 * i, "病");
	assert_ok(card_args_ca(name, strlen(name), &ca));
	assert_int_equal(strlen(ca.name), 192);
	(void)memset(name + 9, 'x', 65);
	assert_error(card_args_ca(name, 9 + 65, &ca), ERR_INPUT);
	assert_ok(card_args_ca(name, 9 + 64, &ca));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests),
	    cmocka_unit_test(proofs),
	    cmocka_unit_test(authorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
