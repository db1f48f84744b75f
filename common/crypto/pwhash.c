/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/pwhash.h"

#include <sodium.h>

enum error
pwhash_tag(const struct pwhash_cost *cost,
    const unsigned char salt[PWHASH_SALT], const void *password, size_t len,
    unsigned char ret_tag[PWHASH_TAG])
{
	_Static_assert(PWHASH_SALT == crypto_pwhash_SALTBYTES, "salt size");

	if (crypto_pwhash(ret_tag, PWHASH_TAG, password, len, salt,
		cost->opslimit, (size_t)cost->memlimit_kib * 1024,
		crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ERR_NOMEM;
	return ERR_OK;
}
