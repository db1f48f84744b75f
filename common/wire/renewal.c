/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/renewal.h"

#include <sodium.h>
#include <string.h>

static const char label[] = "SEKISHO-renewal"; /* its NUL is part of it */

struct writer {
	unsigned char *at;
	size_t left;
	bool failed;
};

static void
put(struct writer *w, const void *octets, size_t len)
{
	if (w->failed || len > w->left) {
		w->failed = true;
		return;
	}
	memcpy(w->at, octets, len);
	w->at += len;
	w->left -= len;
}

static void
put_part(struct writer *w, const void *octets, size_t len)
{
	const unsigned char head[2] = {
	    (unsigned char)(len >> 8), (unsigned char)len};

	if (len == 0 || len > RENEWAL_MAX)
		w->failed = true;
	put(w, head, sizeof head);
	put(w, octets, len);
}

void
renewal_challenge(const unsigned char challenge[RENEWAL_CHALLENGE],
    const unsigned char public_key[RENEWAL_PUBLIC],
    unsigned char ret_challenge[RENEWAL_CHALLENGE])
{
	crypto_hash_sha256_state hash;

	(void)crypto_hash_sha256_init(&hash);
	(void)crypto_hash_sha256_update(
	    &hash, (const unsigned char *)label, sizeof label);
	(void)crypto_hash_sha256_update(&hash, challenge, RENEWAL_CHALLENGE);
	(void)crypto_hash_sha256_update(&hash, public_key, RENEWAL_PUBLIC);
	(void)crypto_hash_sha256_final(&hash, ret_challenge);
}

enum error
renewal_write(const struct renewal *r, unsigned char ret_octets[RENEWAL_MAX],
    size_t *ret_len)
{
	struct writer w = {ret_octets, RENEWAL_MAX, false};
	size_t i;

	if (r->n == 0 || r->n > RENEWAL_KEYS || r->sealed_len > RENEWAL_SEALED)
		return ERR_INPUT;
	put_part(&w, r->sealed, r->sealed_len);
	for (i = 0; i < r->n; i++) {
		put(&w, &r->certificate[i].slot, 1);
		put_part(&w, r->certificate[i].der, r->certificate[i].len);
	}
	if (w.failed)
		return ERR_INPUT;
	*ret_len = RENEWAL_MAX - w.left;
	return ERR_OK;
}

struct reader {
	const unsigned char *at;
	size_t left;
};

static bool
take_part(struct reader *in, const unsigned char **ret, size_t *ret_len)
{
	size_t len;

	if (in->left < 2)
		return false;
	len = (size_t)in->at[0] << 8 | in->at[1];
	if (len == 0 || len > in->left - 2)
		return false;
	*ret = in->at + 2;
	*ret_len = len;
	in->at += 2 + len;
	in->left -= 2 + len;
	return true;
}

enum error
renewal_read(
    const unsigned char *octets, size_t len, struct renewal *ret_renewal)
{
	struct reader in = {octets, len};
	struct renewal r = {.n = 0};

	if (len > RENEWAL_MAX || !take_part(&in, &r.sealed, &r.sealed_len) ||
	    r.sealed_len > RENEWAL_SEALED)
		return ERR_INPUT;
	while (in.left > 0) {
		if (r.n == RENEWAL_KEYS)
			return ERR_INPUT;
		r.certificate[r.n].slot = *in.at++;
		in.left--;
		if (!take_part(
			&in, &r.certificate[r.n].der, &r.certificate[r.n].len))
			return ERR_INPUT;
		r.n++;
	}
	if (r.n == 0)
		return ERR_INPUT;
	*ret_renewal = r;
	return ERR_OK;
}
