/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/state.h"

#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/hex.h"

enum { VALUE_MAX = 8192 };

struct state {
	char *path;
	json_t *root;
};

static enum error
make(const char *path, json_t *root, struct state **ret_state)
{
	struct state *state = calloc(1, sizeof *state);

	if (state == NULL || root == NULL)
		goto fail;
	state->root = root;
	state->path = strdup(path);
	if (state->path == NULL)
		goto fail;
	*ret_state = state;
	return ERR_OK;
fail:
	json_decref(root);
	free(state);
	return ERR_NOMEM;
}

enum error
state_new(const char *path, struct state **ret_state)
{
	return make(path, json_object(), ret_state);
}

static bool
section_formed(json_t *section)
{
	const json_t *value;
	const char *name;

	if (!json_is_object(section))
		return false;
	json_object_foreach(section, name, value)
	{
		if (!json_is_string(value) &&
		    (!json_is_integer(value) ||
			json_integer_value(value) < INT_MIN ||
			json_integer_value(value) > INT_MAX))
			return false;
	}
	return true;
}

enum error
state_load(const char *path, struct state **ret_state)
{
	json_t *root, *section;
	const char *key;

	if (access(path, R_OK) != 0)
		return ERR_NOTFOUND;
	root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(root)) {
		json_decref(root);
		return ERR_INPUT;
	}
	json_object_foreach(root, key, section)
	{
		if (!section_formed(section)) {
			json_decref(root);
			return ERR_INPUT;
		}
	}
	return make(path, root, ret_state);
}

void
state_free(struct state **state)
{
	if (state == NULL || *state == NULL)
		return;
	json_decref((*state)->root);
	free((*state)->path);
	free(*state);
	*state = NULL;
}

enum error
state_save(const struct state *state)
{
	char *beside;
	int fd, said;
	enum error err = ERR_SYSTEM;

	if (asprintf(&beside, "%s.new", state->path) < 0)
		return ERR_NOMEM;
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		goto out;
	said = json_dumpfd(state->root, fd, JSON_INDENT(1) | JSON_SORT_KEYS);
	/* not synced: a test's card need not outlive the machine's power */
	if (close(fd) != 0 || said != 0)
		goto out;
	if (rename(beside, state->path) != 0)
		goto out;
	err = ERR_OK;
out:
	free(beside);
	return err;
}

static const json_t *
get(const struct state *state, const char *section, const char *name)
{
	return json_object_get(json_object_get(state->root, section), name);
}

enum error
state_bytes(const struct state *state, const char *section, const char *name,
    uint8_t *ret_bytes, size_t cap, size_t *ret_len)
{
	const char *hex = json_string_value(get(state, section, name));

	if (hex == NULL)
		return ERR_NOTFOUND;
	return hex_decode(hex, strlen(hex), ret_bytes, cap, ret_len);
}

int
state_number(const struct state *state, const char *section, const char *name,
    int without)
{
	const json_t *value = get(state, section, name);

	return json_is_integer(value) ? (int)json_integer_value(value)
				      : without;
}

const char *
state_text(const struct state *state, const char *section, const char *name)
{
	return json_string_value(get(state, section, name));
}

static enum error
put(struct state *state, const char *section, const char *name, json_t *value)
{
	json_t *in = json_object_get(state->root, section);

	if (in == NULL) {
		in = json_object();
		if (json_object_set_new(state->root, section, in) != 0) {
			json_decref(value);
			return ERR_NOMEM;
		}
	}
	return json_object_set_new(in, name, value) == 0 ? ERR_OK : ERR_NOMEM;
}

enum error
state_put_bytes(struct state *state, const char *section, const char *name,
    const void *bytes, size_t len)
{
	char *hex;
	enum error err;

	if (len > VALUE_MAX)
		return ERR_INPUT;
	hex = malloc(2 * len + 1);
	if (hex == NULL)
		return ERR_NOMEM;
	hex_encode(bytes, len, hex);
	err = put(state, section, name, json_string(hex));
	free(hex);
	return err;
}

enum error
state_put_number(
    struct state *state, const char *section, const char *name, int number)
{
	return put(state, section, name, json_integer(number));
}

enum error
state_put_text(struct state *state, const char *section, const char *name,
    const char *text)
{
	return put(state, section, name, json_string(text));
}

void
state_drop(struct state *state, const char *section, const char *name)
{
	(void)json_object_del(json_object_get(state->root, section), name);
}

void
state_drop_section(struct state *state, const char *section)
{
	(void)json_object_del(state->root, section);
}
