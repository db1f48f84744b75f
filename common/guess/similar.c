/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "common/guess/fold.h"
#include "common/guess/guess.h"

enum {
	CHARS_MAX = 160,
	CORE = 4,     /* characters that make a stem worth recognising */
	CONTAINED = 6 /* the same of one that stands in the other */
};

struct chars {
	ucs4_t uc[CHARS_MAX];
	size_t n;
};

static enum error
take(const unsigned char *password, size_t len, struct chars *ret)
{
	char folded[FOLD_MAX];
	size_t n = CHARS_MAX;
	enum error err = fold(password, len, folded);

	if (err != ERR_OK)
		return err;
	if (u8_mbsnlen((const uint8_t *)folded, strlen(folded)) > CHARS_MAX ||
	    u8_to_u32((const uint8_t *)folded, strlen(folded), ret->uc, &n) ==
		NULL)
		err = ERR_INPUT;
	ret->n = n;
	sodium_memzero(folded, sizeof folded);
	return err;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Single characters to put in, take out or exchange (Levenshtein). */
static size_t
distance(const struct chars *a, const struct chars *b)
{
	size_t row[CHARS_MAX + 1], i, k;

	for (k = 0; k <= b->n; k++)
		row[k] = k;
	for (i = 1; i <= a->n; i++) {
		size_t before = row[0];

		row[0] = i;
		for (k = 1; k <= b->n; k++) {
			size_t above = row[k];
			size_t exchange =
			    before + (a->uc[i - 1] == b->uc[k - 1] ? 0 : 1);

			row[k] = least(exchange, least(above, row[k - 1]) + 1);
			before = above;
		}
	}
	return row[b->n];
}

static bool
is_letter(ucs4_t uc)
{
	return (uc >= 'a' && uc <= 'z') || uc >= 0x80;
}

/* The stem between the digits and signs that people count up. */
static struct chars
core(const struct chars *a)
{
	struct chars stem = {.n = 0};
	size_t from = 0, to = a->n;

	while (from < to && !is_letter(a->uc[from]))
		from++;
	while (to > from && !is_letter(a->uc[to - 1]))
		to--;
	stem.n = to - from;
	memcpy(stem.uc, a->uc + from, stem.n * sizeof a->uc[0]);
	return stem;
}

static bool
is_in(const struct chars *small, const struct chars *big)
{
	size_t at;

	if (small->n < CONTAINED || small->n > big->n)
		return false;
	for (at = 0; at + small->n <= big->n; at++) {
		if (memcmp(small->uc, big->uc + at,
			small->n * sizeof small->uc[0]) == 0)
			return true;
	}
	return false;
}

static bool
are_similar(const struct chars *old, const struct chars *new)
{
	const struct chars old_core = core(old), new_core = core(new);
	const size_t allowed = least(old->n, new->n) / 4;

	if (distance(old, new) <= (allowed < 2 ? 2 : allowed))
		return true;
	if (old_core.n >= CORE && old_core.n == new_core.n &&
	    memcmp(old_core.uc, new_core.uc,
		old_core.n * sizeof old_core.uc[0]) == 0)
		return true;
	return is_in(old, new) || is_in(new, old);
}

enum error
guess_similar(const unsigned char *old, size_t old_len,
    const unsigned char *password, size_t len, enum guess_fault *ret_fault)
{
	struct chars *both = calloc(2, sizeof *both);
	enum error err;

	if (both == NULL)
		return ERR_NOMEM;
	*ret_fault = GUESS_GOOD;
	err = take(old, old_len, &both[0]);
	if (err == ERR_OK)
		err = take(password, len, &both[1]);
	if (err == ERR_OK && are_similar(&both[0], &both[1]))
		*ret_fault = GUESS_SIMILAR;
	sodium_memzero(both, 2 * sizeof *both);
	free(both);
	return err;
}
