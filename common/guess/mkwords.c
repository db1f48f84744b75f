/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkwords - makes the list that words.h reads out of Debian's dictionaries:
 * of Japanese ones (SKK's format) each word as it is read, in kana and in both
 * romanisations, and as it is written; of others each line.
 *
 * usage: mkwords OUTPUT skk=FILE... list=FILE...
 */
#include <iconv.h>
#include <libkakasi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/guess/fold.h"
#include "common/guess/words.h"

enum { LINE = 65536, LEAST_LATIN = 4, LEAST_KANA = 3, LEAST_KANJI = 2 };

static char **word;
static size_t n_words, room;

static void
die(const char *what)
{
	(void)fprintf(stderr, "mkwords: %s\n", what);
	exit(EXIT_FAILURE);
}

static void
keep(const char *text, size_t least)
{
	char folded[FOLD_MAX];
	size_t len;

	if (fold(text, strlen(text), folded) != ERR_OK)
		return;
	len = strlen(folded);
	if (len > WORDS_LONGEST || fold_chars(folded, len) < least ||
	    strpbrk(folded, "()\"#\n") != NULL)
		return;
	if (n_words == room) {
		room = room * 2 + 4096;
		word = realloc(word, room * sizeof *word);
		if (word == NULL)
			die("no memory");
	}
	word[n_words] = strdup(folded);
	if (word[n_words++] == NULL)
		die("no memory");
}

static int
is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return 0;
	}
	return 1;
}

/* A reading in EUC-JP, as it is romanised by the table kakasi was set to. */
static void
keep_romaji(const char *euc)
{
	char copy[256], *romaji;

	if (strlen(euc) >= sizeof copy)
		return;
	(void)stpcpy(copy, euc);
	romaji = kakasi_do(copy);
	if (romaji == NULL)
		return;
	if (is_ascii(romaji) && strpbrk(romaji, "^'") == NULL)
		keep(romaji, LEAST_LATIN);
	(void)kakasi_free(romaji);
}

static void
take_candidates(char *text)
{
	char *save = NULL, *candidate;

	for (candidate = strtok_r(text, "/", &save); candidate != NULL;
	     candidate = strtok_r(NULL, "/", &save)) {
		candidate[strcspn(candidate, ";")] = '\0';
		keep(
		    candidate, is_ascii(candidate) ? LEAST_LATIN : LEAST_KANJI);
	}
}

static void
take_skk_line(iconv_t utf8, char *line)
{
	char text[2 * LINE], *in = line, *out = text, *candidates;
	size_t in_left = strlen(line), out_left = sizeof text - 1;

	candidates = strchr(line, ' ');
	if (line[0] == ';' || candidates == NULL ||
	    iconv(utf8, &in, &in_left, &out, &out_left) == (size_t)-1)
		return;
	*out = '\0';
	*candidates = '\0';
	candidates = strchr(text, ' ');
	if (candidates == NULL)
		return;
	*candidates++ = '\0';
	/* readings that end in a Latin letter wait for an inflexion */
	if (text[0] != '\0' && (unsigned char)text[strlen(text) - 1] < 0x80)
		return;
	keep(text, LEAST_KANA);
	keep_romaji(line);
	take_candidates(candidates);
}

static void
take_skk(const char *path)
{
	static char line[LINE];
	iconv_t utf8 = iconv_open("UTF-8", "EUC-JISX0213");
	FILE *f = fopen(path, "r");

	if (f == NULL || utf8 == (iconv_t)-1)
		die(path);
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		take_skk_line(utf8, line);
	}
	(void)fclose(f);
	(void)iconv_close(utf8);
}

static void
take_list(const char *path)
{
	static char line[LINE];
	FILE *f = fopen(path, "r");

	if (f == NULL)
		die(path);
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "'\n")] = '\0';
		keep(line, LEAST_LATIN);
	}
	(void)fclose(f);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
main(int argc, char **argv)
{
	static char *hepburn[] = {"kakasi", "-Ja", "-Ha", "-Ka", "-rhepburn"};
	static char *kunrei[] = {"kakasi", "-Ja", "-Ha", "-Ka", "-rkunrei"};
	char **tables[] = {hepburn, kunrei};
	size_t t, i;
	FILE *out;
	int a;

	for (t = 0; t < 2; t++) {
		if (kakasi_getopt_argv(5, tables[t]) != 0)
			die("kakasi does not know its options");
		for (a = 2; a < argc; a++) {
			if (strncmp(argv[a], "skk=", 4) == 0)
				take_skk(argv[a] + 4);
			else if (t == 0 && strncmp(argv[a], "list=", 5) == 0)
				take_list(argv[a] + 5);
		}
	}
	if (n_words == 0)
		die("usage: mkwords OUTPUT skk=FILE... list=FILE...");
	qsort(word, n_words, sizeof *word, compare);
	out = fopen(argv[1], "w");
	if (out == NULL)
		die(argv[1]);
	for (i = 0; i < n_words; i++) {
		if (i == 0 || strcmp(word[i - 1], word[i]) != 0)
			(void)fprintf(out, "%s\n", word[i]);
	}
	return fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
