/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/cbor.h"

#include <string.h>
#include <unistr.h>

#include "common/base/secret.h"

enum major {
	MAJOR_UNSIGNED,
	MAJOR_NEGATIVE,
	MAJOR_OCTETS,
	MAJOR_TEXT,
	MAJOR_LIST,
	MAJOR_MAP,
	MAJOR_TAG,
	MAJOR_OTHER
};

struct walk {
	const unsigned char *at, *end;
};

/* The first octet and the number in or behind it, in its shortest form. */
static enum error
head(struct walk *w, enum major *ret_major, uint64_t *ret_number)
{
	unsigned low, octets, i;
	uint64_t n = 0;

	if (w->at == w->end)
		return ERR_INPUT;
	*ret_major = (enum major)(*w->at >> 5);
	low = *w->at++ & 31U;
	if (low < 24) {
		*ret_number = low;
		return ERR_OK;
	}
	if (low > 27)
		return ERR_INPUT; /* reserved, or an indefinite length */
	octets = 1U << (low - 24);
	if ((size_t)(w->end - w->at) < octets)
		return ERR_INPUT;
	for (i = 0; i < octets; i++)
		n = n << 8 | *w->at++;
	if (n < 24 || (octets > 1 && n >> (octets * 4) == 0))
		return ERR_INPUT; /* could be shorter */
	*ret_number = n;
	return ERR_OK;
}

static enum error item(struct walk *w, unsigned depth);

/* A map whose keys are numbers or texts, none of them twice. */
static enum error
map(struct walk *w, uint64_t n, unsigned depth)
{
	struct {
		const unsigned char *at;
		size_t len;
	} key[CBOR_ENTRIES];
	uint64_t i, j;

	for (i = 0; i < n; i++) {
		key[i].at = w->at;
		if (w->at == w->end ||
		    (*w->at >> 5 > MAJOR_NEGATIVE && *w->at >> 5 != MAJOR_TEXT))
			return ERR_INPUT;
		if (item(w, depth) != ERR_OK)
			return ERR_INPUT;
		key[i].len = (size_t)(w->at - key[i].at);
		for (j = 0; j < i; j++) {
			if (secret_equal(
				key[i].at, key[i].len, key[j].at, key[j].len))
				return ERR_INPUT;
		}
		if (item(w, depth) != ERR_OK)
			return ERR_INPUT;
	}
	return ERR_OK;
}

/* depth: how many levels may still be inside. */
static enum error
item(struct walk *w, unsigned depth)
{
	enum major major;
	uint64_t n, i;

	if (head(w, &major, &n) != ERR_OK)
		return ERR_INPUT;
	switch (major) {
	case MAJOR_UNSIGNED:
	case MAJOR_NEGATIVE:
		return ERR_OK;
	case MAJOR_OCTETS:
	case MAJOR_TEXT:
		if (n > (uint64_t)(w->end - w->at) ||
		    (major == MAJOR_TEXT && u8_check(w->at, n) != NULL))
			return ERR_INPUT;
		w->at += n;
		return ERR_OK;
	case MAJOR_LIST:
		if (depth == 0 || n > CBOR_ENTRIES)
			return ERR_INPUT;
		for (i = 0; i < n; i++) {
			if (item(w, depth - 1) != ERR_OK)
				return ERR_INPUT;
		}
		return ERR_OK;
	case MAJOR_MAP:
		if (depth == 0 || n > CBOR_ENTRIES)
			return ERR_INPUT;
		return map(w, n, depth - 1);
	case MAJOR_OTHER:
		return n == 20 || n == 21 || n == 22 ? ERR_OK : ERR_INPUT;
	case MAJOR_TAG:
		break;
	}
	return ERR_INPUT;
}

enum error
cbor_strict(const void *octets, size_t len, size_t *ret_used)
{
	struct walk w = {octets, (const unsigned char *)octets + len};

	if (len == 0 || item(&w, CBOR_DEPTH) != ERR_OK)
		return ERR_INPUT;
	*ret_used = (size_t)(w.at - (const unsigned char *)octets);
	return ERR_OK;
}

enum error
cbor_item(const void *octets, size_t len, cbor_item_t **ret_item)
{
	struct cbor_load_result result;
	size_t used;

	if (cbor_strict(octets, len, &used) != ERR_OK || used != len)
		return ERR_INPUT;
	*ret_item = cbor_load(octets, len, &result);
	if (*ret_item != NULL)
		return ERR_OK;
	return result.error.code == CBOR_ERR_MEMERROR ? ERR_NOMEM : ERR_INPUT;
}

cbor_item_t *
cbor_under(const cbor_item_t *map, const char *name)
{
	const struct cbor_pair *pair;
	const size_t len = strlen(name);
	size_t i;

	if (map == NULL || !cbor_isa_map(map))
		return NULL;
	pair = cbor_map_handle(map);
	for (i = 0; i < cbor_map_size(map); i++) {
		if (cbor_isa_string(pair[i].key) &&
		    secret_equal(cbor_string_handle(pair[i].key),
			cbor_string_length(pair[i].key), name, len))
			return pair[i].value;
	}
	return NULL;
}

cbor_item_t *
cbor_at(const cbor_item_t *map, int64_t number)
{
	const struct cbor_pair *pair;
	int64_t key;
	size_t i;

	if (map == NULL || !cbor_isa_map(map))
		return NULL;
	pair = cbor_map_handle(map);
	for (i = 0; i < cbor_map_size(map); i++) {
		if (cbor_number(pair[i].key, &key) && key == number)
			return pair[i].value;
	}
	return NULL;
}

bool
cbor_number(const cbor_item_t *item, int64_t *ret_number)
{
	uint64_t n;

	if (item == NULL || !cbor_is_int(item))
		return false;
	n = cbor_get_int(item);
	if (n > INT64_MAX)
		return false;
	*ret_number = cbor_isa_uint(item) ? (int64_t)n : -1 - (int64_t)n;
	return true;
}

bool
cbor_octets(
    const cbor_item_t *item, const unsigned char **ret_octets, size_t *ret_len)
{
	if (item == NULL || !cbor_isa_bytestring(item) ||
	    !cbor_bytestring_is_definite(item))
		return false;
	*ret_octets = cbor_bytestring_handle(item);
	*ret_len = cbor_bytestring_length(item);
	return true;
}
