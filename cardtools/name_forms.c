/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/name_forms.h"

#include <iconv.h>
#include <libkakasi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/guess/fold.h"

enum { FORMS = 60, FORM = 192, PARTS = 4, PART = 512, SAID = 16 };

struct forms {
	char text[FORMS][FORM];
	size_t n;
	char said[SAID][PART]; /* to be romanised */
	size_t n_said;
};

/* Whoever types the common form means the same name. */
static const struct {
	const char *from, *to;
} variants[] = {{"髙", "高"}, {"﨑", "崎"}, {"𠮷", "吉"}, {"濵", "浜"},
    {"邊", "辺"}, {"邉", "辺"}, {"齋", "斎"}, {"齊", "斉"}, {"澤", "沢"}};

static void
add_folded(struct forms *f, const char *folded)
{
	size_t i;

	if (folded[0] == '\0' || strlen(folded) >= FORM || f->n == FORMS ||
	    strpbrk(folded, "{}\",\\") != NULL ||
	    fold_chars(folded, strlen(folded)) < 2)
		return;
	for (i = 0; i < f->n; i++) {
		if (strcmp(f->text[i], folded) == 0)
			return;
	}
	(void)stpcpy(f->text[f->n++], folded);
}

static void
add(struct forms *f, const char *text)
{
	char folded[FOLD_MAX];

	if (fold(text, strlen(text), folded) == ERR_OK)
		add_folded(f, folded);
}

static void
to_common(const char *text, char ret[PART])
{
	size_t to = 0, i, n;

	while (*text != '\0' && to + 8 < PART) {
		for (i = 0; i < sizeof variants / sizeof variants[0]; i++) {
			n = strlen(variants[i].from);
			if (strncmp(text, variants[i].from, n) == 0)
				break;
		}
		if (i < sizeof variants / sizeof variants[0]) {
			to += (size_t)snprintf(
			    ret + to, PART - to, "%s", variants[i].to);
			text += strlen(variants[i].from);
		} else {
			ret[to++] = *text++;
		}
	}
	ret[to] = '\0';
}

static bool
convert(const char *to, const char *from, const char *text, char ret[PART])
{
	iconv_t cd = iconv_open(to, from);
	char copy[PART], *in = copy, *out = ret;
	size_t in_left, out_left = PART - 1;
	bool done;

	if (cd == (iconv_t)-1)
		return false;
	(void)snprintf(copy, sizeof copy, "%s", text);
	in_left = strlen(copy);
	done = iconv(cd, &in, &in_left, &out, &out_left) != (size_t)-1;
	(void)iconv_close(cd);
	*out = '\0';
	return done;
}

/* libkakasi takes EUC-JP; what that has no sign for is left out. */
static bool
run_kakasi(int argc, char **argv, const char *text, char ret[PART])
{
	static char set_to[64]; /* the options that it has */
	char euc[PART], *answer;
	const char *which = argv[argc - 1];

	if (!convert("EUC-JP", "UTF-8", text, euc) || euc[0] == '\0')
		return false;
	if (strcmp(set_to, which) != 0) {
		if (kakasi_getopt_argv(argc, argv) != 0)
			return false;
		(void)snprintf(set_to, sizeof set_to, "%s", which);
	}
	answer = kakasi_do(euc);
	if (answer == NULL)
		return false;
	(void)snprintf(ret, PART, "%s", answer);
	(void)kakasi_free(answer);
	return ret[0] != '\0';
}

static bool
romanise(const char *text, const char *table, char ret[PART])
{
	char kakasi[] = "kakasi", kanji[] = "-Ja", hira[] = "-Ha",
	     kata[] = "-Ka", which[16];
	char *argv[] = {kakasi, kanji, hira, kata, which};
	const char *at;

	(void)snprintf(which, sizeof which, "-r%s", table);
	if (!run_kakasi(5, argv, text, ret))
		return false;
	for (at = ret; *at != '\0'; at++) {
		if ((unsigned char)*at >= 0x80)
			return false;
	}
	return true;
}

/* With a blank between words, as kakasi finds them. */
static bool
divide(const char *text, char ret[PART])
{
	char kakasi[] = "kakasi", words[] = "-w";
	char *argv[] = {kakasi, words}, euc[PART];

	return run_kakasi(2, argv, text, euc) &&
	       convert("UTF-8", "EUC-JP", euc, ret);
}

/* satou, and sato as it stands in a passport; kakasi's marks are left out. */
static void
add_romaji(struct forms *f, const char *romaji)
{
	char plain[PART], short_[PART];
	size_t to = 0, i;

	for (i = 0; romaji[i] != '\0' && to + 1 < PART; i++) {
		if (strchr("^'- ", romaji[i]) == NULL)
			plain[to++] = romaji[i];
	}
	plain[to] = '\0';
	add(f, plain);
	for (i = 0, to = 0; plain[i] != '\0'; i++) {
		if (to > 0 && ((plain[i] == 'u' && short_[to - 1] == 'o') ||
				  (plain[i] == short_[to - 1] &&
				      strchr("ou", plain[i]) != NULL)))
			continue;
		short_[to++] = plain[i];
	}
	short_[to] = '\0';
	add(f, short_);
}

/* Romanised later: kakasi takes its time to change from one table to another.
 */
static void
add_every_way(struct forms *f, const char *text)
{
	char common[PART];

	add(f, text);
	to_common(text, common);
	add(f, common);
	if (f->n_said < SAID)
		(void)snprintf(f->said[f->n_said++], PART, "%s", common);
}

static void
add_said(struct forms *f)
{
	static const char *const tables[] = {"hepburn", "kunrei"};
	char romaji[PART];
	size_t t, i;

	for (t = 0; t < 2; t++) {
		for (i = 0; i < f->n_said; i++) {
			if (romanise(f->said[i], tables[t], romaji))
				add_romaji(f, romaji);
		}
	}
}

/* At blanks, also wide ones. */
static size_t
split(const char *text, char part[PARTS][PART])
{
	static const char wide[] = "\xe3\x80\x80";
	size_t n = 0, to = 0;

	for (; *text != '\0' && n < PARTS; text++) {
		bool is_wide = strncmp(text, wide, 3) == 0;

		if (*text == ' ' || is_wide) {
			part[n][to] = '\0';
			n += to > 0;
			to = 0;
			text += is_wide ? 2 : 0;
		} else if (to < PART - 1) {
			part[n][to++] = *text;
		}
	}
	if (n < PARTS && to > 0)
		part[n++][to] = '\0';
	return n;
}

static void
add_parts(struct forms *f, char part[PARTS][PART], size_t n)
{
	char joined[2 * PART];
	size_t i;

	for (i = 0; i < n; i++)
		add_every_way(f, part[i]);
	if (n < 2)
		return;
	(void)snprintf(
	    joined, sizeof joined, "%.500s%.500s", part[0], part[n - 1]);
	add_every_way(f, joined);
	(void)snprintf(
	    joined, sizeof joined, "%.500s%.500s", part[n - 1], part[0]);
	add_every_way(f, joined);
}

void
name_forms(const char *name, const char *kana, char ret_array[NAME_FORMS_TEXT])
{
	struct forms *f = calloc(1, sizeof *f);
	char part[PARTS][PART], common[PART], words[PART];
	size_t i, n, to = 1;

	(void)stpcpy(ret_array, "{}");
	if (f == NULL)
		return;
	add_parts(f, part, split(kana, part));
	n = split(name, part);
	add_parts(f, part, n);
	/* without a blank: kakasi knows where the given name begins */
	to_common(name, common);
	if (n == 1 && divide(common, words)) {
		n = split(words, part);
		if (n > 1)
			add_parts(f, part, n);
	}
	add_said(f);
	for (i = 0; i < f->n && to + FORM + 4 < NAME_FORMS_TEXT; i++)
		to += (size_t)snprintf(ret_array + to, NAME_FORMS_TEXT - to,
		    "%s\"%s\"", i > 0 ? "," : "", f->text[i]);
	(void)snprintf(ret_array + to, NAME_FORMS_TEXT - to, "}");
	free(f);
}
