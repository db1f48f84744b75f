/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/conf.h"

#include <errno.h>
#include <libconfig.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secret.h"

#define FIELD(conf, setting, type) \
	((type *)(void *)((char *)(conf) + (setting)->offset))

static enum error
set_string(const struct conf_setting *s, const char *value, void *conf)
{
	char **field = FIELD(conf, s, char *);

	free(*field);
	*field = strdup(value);
	return *field == NULL ? ERR_NOMEM : ERR_OK;
}

static enum error
set_preset(const struct conf_setting *s, void *conf)
{
	switch (s->type) {
	case CONF_INT:
		*FIELD(conf, s, int) = (int)strtol(s->preset, NULL, 10);
		return ERR_OK;
	case CONF_BOOL:
		*FIELD(conf, s, bool) = strcmp(s->preset, "true") == 0;
		return ERR_OK;
	case CONF_STRING:
		return set_string(s, s->preset, conf);
	case CONF_PAIRS:
	case CONF_LIST:
		return ERR_OK; /* there are none */
	}
	return ERR_CONFIG;
}

static void
clear_pairs(struct conf_pairs *pairs)
{
	size_t i;

	for (i = 0; i < pairs->n; i++) {
		free(pairs->pair[i].from);
		free(pairs->pair[i].to);
	}
	free(pairs->pair);
	memset(pairs, 0, sizeof *pairs);
}

static void
clear_list(struct conf_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->text[i]);
	free(list->text);
	memset(list, 0, sizeof *list);
}

/* One of the texts; NULL for what is none, or too long. */
static const char *
pair_text(const config_setting_t *pair, int which)
{
	const char *text = config_setting_get_string_elem(pair, which);

	return text != NULL && strlen(text) <= CONF_PAIR_MAX ? text : NULL;
}

static enum error
set_pairs(const char *name, const struct conf_setting *s,
    const config_setting_t *given, void *conf, char *message)
{
	struct conf_pairs *field = FIELD(conf, s, struct conf_pairs);
	const int n = config_setting_length(given);
	int i;

	if (n > s->max) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s:%u: %s has %d pairs, at most %ld", name,
		    config_setting_source_line(given), s->path, n, s->max);
		return ERR_CONFIG;
	}
	clear_pairs(field);
	field->pair = calloc((size_t)n + 1, sizeof *field->pair);
	if (field->pair == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		const config_setting_t *pair =
		    config_setting_get_elem(given, (unsigned)i);
		const char *from = NULL, *to = NULL;

		if (config_setting_is_list(pair) &&
		    config_setting_length(pair) == 2) {
			from = pair_text(pair, 0);
			to = pair_text(pair, 1);
		}
		if (from == NULL || to == NULL) {
			(void)snprintf(message, CONF_MESSAGE,
			    "%s:%u: %s: a pair is (\"text\", \"text\"), each "
			    "at "
			    "most %d octets",
			    name, config_setting_source_line(pair), s->path,
			    CONF_PAIR_MAX);
			return ERR_CONFIG;
		}
		field->n = (size_t)i + 1;
		field->pair[i].from = strdup(from);
		field->pair[i].to = strdup(to);
		if (field->pair[i].from == NULL || field->pair[i].to == NULL)
			return ERR_NOMEM;
	}
	return ERR_OK;
}

static enum error
set_list(const char *name, const struct conf_setting *s,
    const config_setting_t *given, void *conf, char *message)
{
	struct conf_list *field = FIELD(conf, s, struct conf_list);
	const int n = config_setting_length(given);
	int i;

	clear_list(field);
	field->text = calloc((size_t)n + 1, sizeof *field->text);
	if (field->text == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		const char *text = i < s->max ? pair_text(given, i) : NULL;

		if (text == NULL) {
			(void)snprintf(message, CONF_MESSAGE,
			    "%s:%u: %s has texts, each at most %d octets, and "
			    "at most %ld of them",
			    name, config_setting_source_line(given), s->path,
			    CONF_PAIR_MAX, s->max);
			return ERR_CONFIG;
		}
		field->text[i] = strdup(text);
		if (field->text[i] == NULL)
			return ERR_NOMEM;
		field->n = (size_t)i + 1;
	}
	return ERR_OK;
}

/* One setting that the file gives. */
static enum error
set_given(const char *name, const struct conf_setting *s,
    const config_setting_t *given, void *conf, char *message)
{
	const unsigned line = config_setting_source_line(given);
	const char *text;
	int number;

	switch (s->type) {
	case CONF_INT:
		if (config_setting_type(given) != CONFIG_TYPE_INT)
			break;
		number = config_setting_get_int(given);
		if (number < s->min || number > s->max) {
			(void)snprintf(message, CONF_MESSAGE,
			    "%s:%u: %s is %d, must be %ld to %ld", name, line,
			    s->path, number, s->min, s->max);
			return ERR_CONFIG;
		}
		*FIELD(conf, s, int) = number;
		return ERR_OK;
	case CONF_BOOL:
		if (config_setting_type(given) != CONFIG_TYPE_BOOL)
			break;
		*FIELD(conf, s, bool) = config_setting_get_bool(given) != 0;
		return ERR_OK;
	case CONF_STRING:
		if (config_setting_type(given) != CONFIG_TYPE_STRING)
			break;
		text = config_setting_get_string(given);
		if (strlen(text) < (size_t)s->min ||
		    strlen(text) > (size_t)s->max) {
			(void)snprintf(message, CONF_MESSAGE,
			    "%s:%u: %s must have %ld to %ld characters", name,
			    line, s->path, s->min, s->max);
			return ERR_CONFIG;
		}
		return set_string(s, text, conf);
	case CONF_PAIRS:
		if (config_setting_type(given) != CONFIG_TYPE_LIST)
			break;
		return set_pairs(name, s, given, conf, message);
	case CONF_LIST:
		if (config_setting_type(given) != CONFIG_TYPE_ARRAY)
			break;
		return set_list(name, s, given, conf, message);
	}
	(void)snprintf(message, CONF_MESSAGE, "%s:%u: %s must be %s", name,
	    line, s->path,
	    s->type == CONF_INT	   ? "a whole number"
	    : s->type == CONF_BOOL ? "true or false"
	    : s->type == CONF_PAIRS
		? "pairs in brackets: ( (\"text\", \"text\"), ... )"
	    : s->type == CONF_LIST ? "texts in brackets: [ \"text\", ... ]"
				   : "a text in quotation marks");
	return ERR_CONFIG;
}

/* Every name in the file must stand in the table, or begin one that does. */
static enum error
check_known(const char *name, const config_setting_t *group, const char *prefix,
    const struct conf_setting *table, char *message)
{
	int i;

	for (i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s =
		    config_setting_get_elem(group, (unsigned)i);
		const struct conf_setting *t;
		char path[128];
		bool leaf = false, stem = false;
		int n;

		n = snprintf(path, sizeof path, "%s%s", prefix,
		    config_setting_name(s) ? config_setting_name(s) : "?");
		if (n < 0 || (size_t)n >= sizeof path)
			n = (int)sizeof path - 1;
		for (t = table; t->path != NULL; t++) {
			leaf |= strcmp(t->path, path) == 0;
			stem |= strncmp(t->path, path, (size_t)n) == 0 &&
				t->path[n] == '.';
		}
		if (stem && config_setting_is_group(s)) {
			char deeper[130];
			enum error err;

			(void)snprintf(deeper, sizeof deeper, "%s.", path);
			err = check_known(name, s, deeper, table, message);
			if (err != ERR_OK)
				return err;
		} else if (!leaf) {
			(void)snprintf(message, CONF_MESSAGE,
			    "%s:%u: %s is not a setting; see the man page",
			    name, config_setting_source_line(s), path);
			return ERR_CONFIG;
		}
	}
	return ERR_OK;
}

enum error
conf_read_text(const char *name, const char *text,
    const struct conf_setting *table, void *ret_conf,
    char message[CONF_MESSAGE])
{
	const struct conf_setting *s;
	enum error err;
	config_t file;

	message[0] = '\0';
	config_init(&file);
	/* libconfig's @include would let a file name others: not wanted. */
	config_set_include_dir(&file, "/nonexistent");
	if (config_read_string(&file, text) != CONFIG_TRUE) {
		(void)snprintf(message, CONF_MESSAGE, "%s:%d: %s", name,
		    config_error_line(&file), config_error_text(&file));
		err = ERR_CONFIG;
		goto out;
	}
	err = check_known(name, config_root_setting(&file), "", table, message);
	if (err != ERR_OK)
		goto out;
	for (s = table; s->path != NULL; s++) {
		const config_setting_t *given = config_lookup(&file, s->path);

		if (given != NULL) {
			err = set_given(name, s, given, ret_conf, message);
		} else if (s->preset != NULL) {
			err = set_preset(s, ret_conf);
		} else {
			(void)snprintf(message, CONF_MESSAGE,
			    "%s: %s is missing", name, s->path);
			err = ERR_CONFIG;
		}
		if (err != ERR_OK)
			goto out;
	}
out:
	config_destroy(&file);
	return err;
}

enum error
conf_read(const char *path, const struct conf_setting *table, void *ret_conf,
    char message[CONF_MESSAGE])
{
	struct secret *text = NULL;
	enum error err;

	if (path == NULL)
		return conf_read_text("defaults", "", table, ret_conf, message);
	err = secret_read_file(path, CONF_FILE_MAX - 1, &text);
	if (err == ERR_INPUT) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: longer than %d octets", path, CONF_FILE_MAX - 1);
		return ERR_CONFIG;
	}
	if (err != ERR_OK) {
		(void)snprintf(
		    message, CONF_MESSAGE, "%s: %s", path, strerror(errno));
		return ERR_CONFIG;
	}
	if (memchr(text->bytes, '\0', text->len) != NULL) {
		(void)snprintf(
		    message, CONF_MESSAGE, "%s: contains a NUL octet", path);
		err = ERR_CONFIG;
	} else {
		err = conf_read_text(
		    path, (const char *)text->bytes, table, ret_conf, message);
	}
	secret_free(&text);
	return err;
}

void
conf_clear(const struct conf_setting *table, void *conf)
{
	const struct conf_setting *s;

	for (s = table; s->path != NULL; s++) {
		if (s->type == CONF_STRING) {
			free(*FIELD(conf, s, char *));
			*FIELD(conf, s, char *) = NULL;
		} else if (s->type == CONF_PAIRS) {
			clear_pairs(FIELD(conf, s, struct conf_pairs));
		} else if (s->type == CONF_LIST) {
			clear_list(FIELD(conf, s, struct conf_list));
		}
	}
}
