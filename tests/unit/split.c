/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/split.h"

#include <string.h>

#include "tests/unit/test.h"

struct piece {
	unsigned char octets[SPLIT_PIECE + 8];
	size_t len;
};

static unsigned char value[SPLIT_VALUE + 1];

static size_t
cut(size_t len, struct piece pieces[SPLIT_PIECES])
{
	size_t n = split_count(len), i;

	for (i = 0; i < n; i++)
		assert_ok(split_piece(
		    value, len, i, pieces[i].octets, &pieces[i].len));
	return n;
}

static enum error
join(const struct piece *pieces, size_t n, unsigned char *out, size_t cap,
    size_t *ret_len)
{
	struct split split;
	enum error err = ERR_OK;
	size_t i;

	split_begin(&split, out, cap);
	for (i = 0; i < n && err == ERR_OK; i++)
		err = split_add(&split, pieces[i].octets, pieces[i].len);
	if (err != ERR_OK) {
		/* what failed once does not come right again */
		assert_error(split_end(&split, ret_len), err);
		assert_error(split_add(&split, "\1\1x", 3), err);
		return err;
	}
	return split_end(&split, ret_len);
}

static void
what_was_split_joins(void **state)
{
	struct piece pieces[SPLIT_PIECES];
	unsigned char out[SPLIT_VALUE];
	size_t len, got, n;

	(void)state;
	for (len = 1; len <= SPLIT_VALUE; len++) {
		n = cut(len, pieces);
		assert_int_equal(n, (len + 244) / 245);
		got = 0;
		assert_ok(join(pieces, n, out, len, &got));
		assert_int_equal(got, len);
		assert_memory_equal(out, value, len);
		/* and not into less */
		assert_error(join(pieces, n, out, len - 1, &got), ERR_INPUT);
	}
}

static void
what_a_piece_looks_like(void **state)
{
	struct piece pieces[SPLIT_PIECES];

	(void)state;
	assert_int_equal(cut(256, pieces), 2);
	assert_int_equal(pieces[0].len, 247);
	assert_int_equal(pieces[1].len, 13);
	assert_memory_equal(pieces[0].octets, "\1\2", 2);
	assert_memory_equal(pieces[1].octets, "\2\2", 2);
	assert_memory_equal(pieces[1].octets + 2, value + 245, 11);
}

static void
nothing_and_too_much_cannot_be_split(void **state)
{
	unsigned char piece[SPLIT_PIECE];
	size_t len = 0;

	(void)state;
	assert_int_equal(split_count(0), 0);
	assert_int_equal(split_count(SPLIT_VALUE + 1), 0);
	assert_int_equal(split_count((size_t)-1), 0);
	assert_error(split_piece(value, 0, 0, piece, &len), ERR_INPUT);
	assert_error(split_piece(value, 245, 1, piece, &len), ERR_INPUT);
	assert_error(
	    split_piece(value, sizeof value, 0, piece, &len), ERR_INPUT);
}

static void
anything_out_of_place_is_refused(void **state)
{
	struct piece good[SPLIT_PIECES], p[SPLIT_PIECES + 1];
	unsigned char out[SPLIT_VALUE];
	size_t got = 7, i, j, n;

	(void)state;
	n = cut(4 * 245, good);
	/* one missing, wherever; the last one too */
	for (i = 0; i < n; i++) {
		for (j = 0; j + 1 < n; j++)
			p[j] = good[j < i ? j : j + 1];
		assert_error(join(p, n - 1, out, sizeof out, &got), ERR_INPUT);
	}
	/* one doubled, wherever */
	for (i = 0; i < n; i++) {
		for (j = 0; j <= n; j++)
			p[j] = good[j <= i ? j : j - 1];
		assert_error(join(p, n + 1, out, sizeof out, &got), ERR_INPUT);
	}
	/* any two exchanged */
	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++) {
			memcpy(p, good, sizeof good);
			p[i] = good[j];
			p[j] = good[i];
			assert_error(
			    join(p, n, out, sizeof out, &got), ERR_INPUT);
		}
	}
	/* a total that differs in one of them, a wrong index */
	for (i = 0; i < n; i++) {
		unsigned other;

		for (other = 0; other < 256; other++) {
			memcpy(p, good, sizeof good);
			p[i].octets[1] = (unsigned char)other;
			assert_error(join(p, n, out, sizeof out, &got),
			    other == n ? ERR_OK : ERR_INPUT);
			memcpy(p, good, sizeof good);
			p[i].octets[0] = (unsigned char)other;
			assert_error(join(p, n, out, sizeof out, &got),
			    other == i + 1 ? ERR_OK : ERR_INPUT);
		}
	}
	got = 7;
	assert_error(join(p, 0, out, sizeof out, &got), ERR_INPUT);
	assert_int_equal(got, 7);
}

static void
lengths_of_a_piece(void **state)
{
	unsigned char out[SPLIT_VALUE];
	struct piece p;
	size_t got;

	(void)state;
	memset(p.octets, 'v', sizeof p.octets);
	p.octets[0] = p.octets[1] = 1;
	for (p.len = 0; p.len <= sizeof p.octets; p.len++)
		assert_error(join(&p, 1, out, sizeof out, &got),
		    p.len > 2 && p.len <= SPLIT_PIECE ? ERR_OK : ERR_INPUT);
}

/* Others may cut shorter than we do. */
static void
short_pieces_join(void **state)
{
	struct piece p[SPLIT_PIECES + 1];
	unsigned char out[SPLIT_VALUE];
	size_t got = 0, i;

	(void)state;
	for (i = 0; i < COUNT(p); i++) {
		p[i].len = 3;
		p[i].octets[0] = (unsigned char)(i + 1);
		p[i].octets[1] = SPLIT_PIECES;
		p[i].octets[2] = (unsigned char)('a' + i);
	}
	assert_ok(join(p, SPLIT_PIECES, out, sizeof out, &got));
	assert_int_equal(got, SPLIT_PIECES);
	assert_memory_equal(out, "abcdefghijklmno", SPLIT_PIECES);
	/* but not without end */
	for (i = 0; i < COUNT(p); i++)
		p[i].octets[1] = SPLIT_PIECES + 1;
	assert_error(
	    join(p, SPLIT_PIECES + 1, out, sizeof out, &got), ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_split_joins),
	    cmocka_unit_test(what_a_piece_looks_like),
	    cmocka_unit_test(nothing_and_too_much_cannot_be_split),
	    cmocka_unit_test(anything_out_of_place_is_refused),
	    cmocka_unit_test(lengths_of_a_piece),
	    cmocka_unit_test(short_pieces_join),
	};
	size_t i;

	for (i = 0; i < sizeof value; i++)
		value[i] = (unsigned char)(i * 7 + i / 251);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
