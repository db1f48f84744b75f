/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/keylist.h"

#include <stdlib.h>
#include <string.h>

/* Ids are public: they are digests of public keys. */
static int
compare(const void *a, const void *b)
{
	const unsigned char *x = a, *y = b;
	size_t i;

	for (i = 0; i < ENTRY_KEY; i++) {
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	}
	return 0;
}

bool
keylist_has(const struct keylist *list, const unsigned char key[ENTRY_KEY],
    int64_t now_ms)
{
	return list->n > 0 && now_ms < list->until &&
	       bsearch(key, list->key, list->n, ENTRY_KEY, compare) != NULL;
}

static enum error
grow(struct keylist *list, size_t more)
{
	size_t cap = list->cap > 0 ? list->cap : ENTRY_KEYS_PAGE;
	void *key;

	while (cap < list->n + more)
		cap *= 2;
	if (cap == list->cap)
		return ERR_OK;
	key = realloc(list->key, cap * ENTRY_KEY);
	if (key == NULL)
		return ERR_NOMEM;
	list->key = key;
	list->cap = cap;
	return ERR_OK;
}

enum error
keylist_add(struct keylist *list, const unsigned char *page, size_t len,
    int64_t now_ms, bool *ret_last)
{
	const unsigned char *key = page + 4;
	uint32_t seconds;
	enum error err;
	size_t n, i;

	if (len < 4 || (len - 4) % ENTRY_KEY != 0)
		return ERR_INPUT;
	n = (len - 4) / ENTRY_KEY;
	if (n > ENTRY_KEYS_PAGE || list->n + n > KEYLIST_MAX)
		return ERR_INPUT;
	err = grow(list, n);
	if (err != ERR_OK)
		return err;
	for (i = 0; i < n; i++, key += ENTRY_KEY) {
		if (list->n > 0 && compare(list->key[list->n - 1], key) >= 0)
			return ERR_INPUT;
		memcpy(list->key[list->n++], key, ENTRY_KEY);
	}
	seconds = (uint32_t)page[0] << 24 | (uint32_t)page[1] << 16 |
		  (uint32_t)page[2] << 8 | page[3];
	list->until = now_ms + (int64_t)seconds * 1000;
	*ret_last = n < ENTRY_KEYS_PAGE;
	return ERR_OK;
}

void
keylist_clear(struct keylist *list)
{
	free(list->key);
	memset(list, 0, sizeof *list);
}
