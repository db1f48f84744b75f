/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/people.h"

#include <liboath/oath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole file as one text; the caller frees. */
static enum error
slurp(const char *path, char **ret_text)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	if (file == NULL)
		return ERR_NOTFOUND;
	n = getdelim(&text, &size, '\0', file);
	(void)fclose(file);
	if (n < 0) {
		free(text);
		return ERR_INPUT;
	}
	*ret_text = text;
	return ERR_OK;
}

static enum error
read_line(char *line, struct someone *ret_someone)
{
	struct someone s = {.seed_len = 0};
	char *rest = NULL, *base32, *seed = NULL;
	size_t len = 0;
	enum error err = ERR_OK;

	s.login = strtok_r(line, " ", &rest);
	s.word = strtok_r(NULL, " ", &rest);
	base32 = strtok_r(NULL, " ", &rest);
	if (base32 == NULL)
		return ERR_INPUT;
	if (oath_base32_decode(base32, strlen(base32), &seed, &len) !=
		OATH_OK ||
	    len > sizeof s.seed)
		err = ERR_INPUT;
	else
		memcpy(s.seed, seed, len);
	s.seed_len = len;
	free(seed);
	if (err == ERR_OK)
		*ret_someone = s;
	return err;
}

enum error
people_read(const char *path, struct people **ret_people)
{
	struct people *p = calloc(1, sizeof *p);
	char *rest = NULL, *line;
	size_t lines = 1;
	const char *c;
	enum error err;

	if (p == NULL)
		return ERR_NOMEM;
	err = oath_init() == OATH_OK ? slurp(path, &p->text) : ERR_SYSTEM;
	if (err != ERR_OK)
		goto out;
	for (c = p->text; *c != '\0'; c++)
		lines += *c == '\n';
	p->someone = calloc(lines, sizeof *p->someone);
	if (p->someone == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	for (line = strtok_r(p->text, "\n", &rest);
	     line != NULL && err == ERR_OK; line = strtok_r(NULL, "\n", &rest))
		err = read_line(line, &p->someone[p->n++]);
	if (err == ERR_OK && p->n == 0)
		err = ERR_INPUT;
out:
	if (err == ERR_OK)
		*ret_people = p;
	else
		people_free(&p);
	return err;
}

void
people_free(struct people **people)
{
	if (people == NULL || *people == NULL)
		return;
	free((*people)->someone);
	free((*people)->text);
	free(*people);
	*people = NULL;
}

enum error
people_code(const struct someone *someone, time_t now, int offset,
    char ret_code[PEOPLE_CODE])
{
	if (oath_totp_generate2((const char *)someone->seed, someone->seed_len,
		now + (time_t)offset * PEOPLE_STEP, PEOPLE_STEP, 0, 6, 0,
		ret_code) != OATH_OK)
		return ERR_CRYPTO;
	return ERR_OK;
}
