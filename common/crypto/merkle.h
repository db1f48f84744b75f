/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * merkle.h - the hash tree of RFC 9162, section 2.1, over SHA-256: its root
 * leaf by leaf in constant memory, and proofs that a leaf is in it.
 */
#ifndef SEKISHO_CRYPTO_MERKLE_H
#define SEKISHO_CRYPTO_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MERKLE_HASH = 32,
	MERKLE_LEVELS = 64, /* hashes in a proof, at most */
};

/* A tree that grows: the roots of its full parts, largest first. */
struct merkle {
	uint64_t leaves;
	unsigned char part[MERKLE_LEVELS][MERKLE_HASH];
};

/* 2.1.1: HASH(0x00 || octets). */
void merkle_leaf(
    const void *octets, size_t len, unsigned char ret_hash[MERKLE_HASH]);

void merkle_begin(struct merkle *tree);
void merkle_add(struct merkle *tree, const unsigned char leaf[MERKLE_HASH]);
/* Of what was added so far; of nothing it is HASH(). */
void merkle_root(
    const struct merkle *tree, unsigned char ret_root[MERKLE_HASH]);

/*
 * 2.1.3: the proof that leaf number index (from 0) is among n > index leaves,
 * nearest first. The number of its hashes.
 */
size_t merkle_path(const unsigned char (*leaves)[MERKLE_HASH], size_t n,
    size_t index, unsigned char ret_path[MERKLE_LEVELS][MERKLE_HASH]);

/* 2.1.3.2: whether it proves that. */
bool merkle_proves(const unsigned char leaf[MERKLE_HASH], uint64_t index,
    uint64_t n, const unsigned char (*path)[MERKLE_HASH], size_t n_path,
    const unsigned char root[MERKLE_HASH]);

#endif
