/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/guess/words.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/guess/fold.h"

struct words {
	char *text; /* of the general list: one word a line, sorted */
	size_t len;
	size_t n; /* lines of it */
	uint32_t *line;
	char **house; /* folded, sorted */
	size_t n_house;
};

static enum error
read_file(const char *path, char **ret_text, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	enum error err = ERR_SYSTEM;
	char *text = NULL;
	struct stat st;

	if (f == NULL)
		return ERR_SYSTEM;
	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > WORDS_FILE_MAX) {
		errno = EFBIG;
		goto out;
	}
	text = malloc((size_t)st.st_size + 1);
	if (text == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	*ret_len = fread(text, 1, (size_t)st.st_size, f);
	if (ferror(f))
		goto out;
	text[*ret_len] = '\0';
	*ret_text = text;
	text = NULL;
	err = ERR_OK;
out:
	free(text);
	(void)fclose(f);
	return err;
}

static size_t
count_lines(const char *text, size_t len)
{
	size_t n = 0;
	const char *at = text, *end = text + len;

	while (
	    at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		n++;
		at++;
	}
	return n;
}

static enum error
index_lines(struct words *w)
{
	size_t at = 0, i;

	w->n = count_lines(w->text, w->len);
	w->line = calloc(w->n + 1, sizeof *w->line);
	if (w->line == NULL)
		return ERR_NOMEM;
	for (i = 0; i < w->n; i++) {
		const char *end = memchr(w->text + at, '\n', w->len - at);

		w->line[i] = (uint32_t)at;
		at = (size_t)(end - w->text) + 1;
	}
	w->line[w->n] = (uint32_t)at;
	return ERR_OK;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum error
take_house(struct words *w, char *text, size_t len)
{
	char folded[FOLD_MAX], *save = NULL, *line;

	w->house = calloc(count_lines(text, len) + 1, sizeof *w->house);
	if (w->house == NULL)
		return ERR_NOMEM;
	for (line = strtok_r(text, "\r\n", &save); line != NULL;
	     line = strtok_r(NULL, "\r\n", &save)) {
		if (line[0] == '#' || strlen(line) > WORDS_LONGEST)
			continue;
		if (fold(line, strlen(line), folded) != ERR_OK)
			return ERR_INPUT;
		if (fold_chars(folded, strlen(folded)) < 2)
			continue;
		w->house[w->n_house] = strdup(folded);
		if (w->house[w->n_house++] == NULL)
			return ERR_NOMEM;
	}
	qsort(w->house, w->n_house, sizeof *w->house, compare_texts);
	return ERR_OK;
}

enum error
words_open(const char *general, const char *house, struct words **ret_words,
    char *message, size_t message_size)
{
	struct words *w = calloc(1, sizeof *w);
	const char *path = general;
	char *text = NULL;
	size_t len = 0;
	enum error err;

	if (w == NULL)
		return ERR_NOMEM;
	err = read_file(general, &w->text, &w->len);
	if (err == ERR_OK)
		err = index_lines(w);
	if (err == ERR_OK && house[0] != '\0') {
		path = house;
		err = read_file(house, &text, &len);
		if (err == ERR_OK)
			err = take_house(w, text, len);
	}
	free(text);
	if (err == ERR_OK) {
		*ret_words = w;
		return ERR_OK;
	}
	(void)snprintf(message, message_size, "%s: %s", path,
	    err == ERR_SYSTEM ? strerror(errno)
	    : err == ERR_INPUT
		? "is not UTF-8; write the list with one word a line"
		: error_text(err));
	words_close(&w);
	return err;
}

struct needle {
	const struct words *words;
	const char *text;
	size_t len;
};

/* As strcmp would, of a needle without its NUL. */
static int
order(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int c = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return c != 0 ? c : (a_len > b_len) - (a_len < b_len);
}

static int
compare_line(const void *key, const void *element)
{
	const struct needle *n = key;
	const uint32_t *line = element;

	return order(
	    n->text, n->len, n->words->text + line[0], line[1] - line[0] - 1);
}

static int
compare_house(const void *key, const void *element)
{
	const struct needle *n = key;
	const char *word = *(char *const *)element;

	return order(n->text, n->len, word, strlen(word));
}

bool
words_have(const struct words *w, const char *folded, size_t len)
{
	const struct needle n = {w, folded, len};

	if (len == 0 || len > WORDS_LONGEST)
		return false;
	return bsearch(&n, w->line, w->n, sizeof *w->line, compare_line) !=
		   NULL ||
	       (w->n_house > 0 && bsearch(&n, w->house, w->n_house,
				      sizeof *w->house, compare_house) != NULL);
}

size_t
words_count(const struct words *w)
{
	return w->n + w->n_house;
}

void
words_close(struct words **words)
{
	struct words *w = *words;
	size_t i;

	if (w == NULL)
		return;
	for (i = 0; i < w->n_house; i++)
		free(w->house[i]);
	free(w->house);
	free(w->line);
	free(w->text);
	free(w);
	*words = NULL;
}
