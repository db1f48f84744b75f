/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/csv.h"
#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/pskc.h"
#include "cardtools/text.h"
#include "cardtools/token.h"

enum { BYTES_MAX = PSKC_BYTES_MAX, LABEL_CHARS = 64 };

struct bytes {
	unsigned char *data;
	size_t len;
};

static void
bytes_clear(struct bytes *bytes)
{
	if (bytes->data != NULL)
		sodium_memzero(bytes->data, BYTES_MAX + 1);
	free(bytes->data);
	bytes->data = NULL;
}

/* A whole file, bounded; larger than a secret may be, but wiped like one. */
static enum status
read_whole(const char *path, struct bytes *ret_bytes)
{
	struct bytes bytes = {malloc(BYTES_MAX + 1), 0};
	ssize_t n = -1;
	int fd;

	if (bytes.data == NULL)
		return STATUS_UNREACHED;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		while ((n = read(fd, bytes.data + bytes.len,
			    BYTES_MAX + 1 - bytes.len)) > 0)
			bytes.len += (size_t)n;
		(void)close(fd);
	}
	if (n == 0 && bytes.len <= BYTES_MAX) {
		*ret_bytes = bytes;
		return STATUS_DONE;
	}
	if (n < 0)
		say("%s: %s", path, strerror(errno));
	else
		say(_("%s is larger than %d octets"), path, BYTES_MAX);
	bytes_clear(&bytes);
	return STATUS_USAGE;
}

static enum status
read_map(const char *path, struct csv **ret_map)
{
	struct bytes bytes = {NULL, 0};
	unsigned line;
	enum status status;

	status = read_whole(path, &bytes);
	if (status != STATUS_DONE)
		return status;
	if (csv_parse(bytes.data, bytes.len, ret_map, &line) != ERR_OK) {
		say(_("%s, line %u: not CSV in UTF-8 or CP932"), path, line);
		status = STATUS_USAGE;
	}
	bytes_clear(&bytes);
	return status;
}

/* Whose the key is. False if the map does not say, or not clearly. */
static bool
owner_of(const struct csv *map, const char *serial,
    char ret_login[NAME_MAX_OCTETS + 1])
{
	const struct csv_row *found = NULL;
	size_t i;

	for (i = 0; i < map->n; i++) {
		if (map->row[i].n < 2 ||
		    strcmp(map->row[i].field[0], serial) != 0)
			continue;
		if (found != NULL)
			return false;
		found = &map->row[i];
	}
	return found != NULL && found->field[1][0] != '\0' &&
	       name_canonical(found->field[1], strlen(found->field[1]),
		   ret_login) == ERR_OK;
}

static const char *
fault_words(enum pskc_fault fault)
{
	switch (fault) {
	case PSKC_GOOD:
		break;
	case PSKC_NOT_TOTP:
		return _("not a time-based token (TOTP)");
	case PSKC_NO_SEED:
		return _("its seed is missing");
	case PSKC_BAD_SEED:
		return _("its seed is not 16 to 128 octets long");
	case PSKC_BAD_DIGITS:
		return _("its codes are not 6 or 8 digits");
	case PSKC_BAD_PERIOD:
		return _("its codes do not change every 30 or 60 seconds");
	case PSKC_BAD_HASH:
		return _("its hash is none of SHA1, SHA256, SHA512");
	}
	return NULL;
}

struct import {
	struct call *call;
	const struct csv *map; /* NULL: everything is of --login */
	bool json;
	json_t *report;
	bool refused; /* at least one key */
};

/* One line for one key, or one object of the report. */
static void
report(struct import *import, const char *serial, const char *login,
    const char *outcome, const char *words, const char *id)
{
	char *shown;

	import->refused |= strcmp(outcome, "refused") == 0;
	if (import->json) {
		(void)json_array_append_new(import->report,
		    json_pack("{s:s, s:s, s:s, s:s, s:s}", "serial", serial,
			"login", login, "outcome", outcome, "text", words, "id",
			id));
		return;
	}
	shown = out_clean(serial);
	out("%s  %s  %s\n", shown[0] != '\0' ? shown : "-",
	    login[0] != '\0' ? login : "-", words);
	free(shown);
}

static enum status
import_key(struct import *import, const struct pskc_key *key)
{
	struct call *call = import->call;
	const char *label = option(call, "label");
	struct token token = {.algorithm = key->algorithm,
	    .digits = key->digits,
	    .period = key->period,
	    .seed = key->seed};
	char login[NAME_MAX_OCTETS + 1] = "", person[UUID_TEXT];
	char shortened[LABEL_CHARS + 1];
	enum status status;

	if (import->map == NULL)
		(void)snprintf(
		    login, sizeof login, "%s", option(call, "login"));
	else if (!owner_of(import->map, key->serial, login)) {
		report(import, key->serial, "", "refused",
		    _("the map names no login for it, or more than one"), "");
		return STATUS_DONE;
	}
	if (key->fault != PSKC_GOOD) {
		report(import, key->serial, login, "refused",
		    fault_words(key->fault), "");
		return STATUS_DONE;
	}
	(void)snprintf(shortened, sizeof shortened, "%s", key->serial);
	token.login = login;
	token.label = label != NULL ? label : shortened;
	if (option(call, "dry-run") != NULL) {
		status = person_id(call, login, person);
		if (status == STATUS_DONE)
			report(import, key->serial, login, "would_enrol",
			    _("would be enrolled"), "");
	} else {
		status = token_store(call, &token);
		if (status == STATUS_DONE)
			report(import, key->serial, login, "enrolled",
			    _("enrolled; waits for its first code"), token.id);
	}
	if (status == STATUS_REFUSED) {
		report(import, key->serial, login, "refused",
		    _("refused, see above"), "");
		status = STATUS_DONE;
	}
	return status;
}

static enum status
import_file(struct import *import, struct pskc_file *file)
{
	struct pskc_key key;
	enum status status = STATUS_DONE;
	size_t i;

	if (import->map == NULL && pskc_key_at(file, 1, &key) == ERR_OK) {
		secret_free(&key.seed);
		say("%s", _("the file holds several keys: --map must say whose "
			    "each is"));
		return STATUS_USAGE;
	}
	for (i = 0; status == STATUS_DONE; i++) {
		if (pskc_key_at(file, i, &key) != ERR_OK)
			break;
		status = import_key(import, &key);
		secret_free(&key.seed);
	}
	if (i == 0) {
		say("%s", _("the file holds no keys"));
		return STATUS_USAGE;
	}
	return status;
}

enum status
totp_import(struct call *call)
{
	struct import import = {.call = call, .json = call->json};
	struct pskc_file *file = NULL;
	struct bytes bytes = {NULL, 0};
	struct csv *map = NULL;
	enum status status;

	if ((option(call, "login") == NULL) == (option(call, "map") == NULL)) {
		say("%s", _("say whose the keys are: either --login or --map"));
		return STATUS_USAGE;
	}
	/* Refusals are lines of the report, not answers of their own. */
	call->json = false;
	import.report = json_array();
	status = read_whole(call->arg[0], &bytes);
	if (status == STATUS_DONE && option(call, "map") != NULL)
		status = read_map(option(call, "map"), &map);
	import.map = map;
	if (status == STATUS_DONE &&
	    pskc_open(bytes.data, bytes.len, &file) != ERR_OK) {
		say(_("%s is not a PSKC file (RFC 6030), or its keys are "
		      "encrypted; ask the maker for plain keys, and delete the "
		      "file afterwards"),
		    call->arg[0]);
		status = STATUS_USAGE;
	}
	if (status == STATUS_DONE)
		status = import_file(&import, file);
	if (import.json && json_array_size(import.report) > 0)
		out_json(import.report, false);
	if (status == STATUS_DONE && import.refused)
		status = STATUS_REFUSED;
	pskc_close(&file);
	csv_free(&map);
	json_decref(import.report);
	bytes_clear(&bytes);
	return status;
}
