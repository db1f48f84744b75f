/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/merkle.h"

#include <sodium.h>
#include <string.h>

void
merkle_leaf(const void *octets, size_t len, unsigned char ret_hash[MERKLE_HASH])
{
	static const unsigned char prefix = 0x00;
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(&state, &prefix, 1);
	(void)crypto_hash_sha256_update(&state, octets, len);
	(void)crypto_hash_sha256_final(&state, ret_hash);
}

/* Of two parts; ret may be one of them. */
static void
node(const unsigned char *left, const unsigned char *right, unsigned char *ret)
{
	unsigned char both[1 + 2 * MERKLE_HASH] = {0x01};

	memcpy(both + 1, left, MERKLE_HASH);
	memcpy(both + 1 + MERKLE_HASH, right, MERKLE_HASH);
	(void)crypto_hash_sha256(ret, both, sizeof both);
}

void
merkle_begin(struct merkle *tree)
{
	tree->leaves = 0;
}

/* Each bit of the number of leaves that is set is one full part. */
static size_t
parts(uint64_t leaves)
{
	return (size_t)__builtin_popcountll(leaves);
}

void
merkle_add(struct merkle *tree, const unsigned char leaf[MERKLE_HASH])
{
	size_t n = parts(tree->leaves);
	uint64_t full;

	memcpy(tree->part[n], leaf, MERKLE_HASH);
	/* Two parts of one size become one of the next. */
	for (full = tree->leaves; (full & 1) != 0; full >>= 1, n--)
		node(tree->part[n - 1], tree->part[n], tree->part[n - 1]);
	tree->leaves++;
}

void
merkle_root(const struct merkle *tree, unsigned char ret_root[MERKLE_HASH])
{
	size_t n = parts(tree->leaves);

	if (n == 0) {
		(void)crypto_hash_sha256(ret_root, NULL, 0);
		return;
	}
	memcpy(ret_root, tree->part[--n], MERKLE_HASH);
	while (n-- > 0)
		node(tree->part[n], ret_root, ret_root);
}

/* The largest power of two below n, which is at least 2. */
static uint64_t
split(uint64_t n)
{
	uint64_t k = 1;

	while (k < n - k)
		k <<= 1;
	return k;
}

static void
root_of(const unsigned char (*leaves)[MERKLE_HASH], size_t n,
    unsigned char ret_root[MERKLE_HASH])
{
	struct merkle tree;
	size_t i;

	merkle_begin(&tree);
	for (i = 0; i < n; i++)
		merkle_add(&tree, leaves[i]);
	merkle_root(&tree, ret_root);
}

size_t
merkle_path(const unsigned char (*leaves)[MERKLE_HASH], size_t n, size_t index,
    unsigned char ret_path[MERKLE_LEVELS][MERKLE_HASH])
{
	unsigned char down[MERKLE_LEVELS][MERKLE_HASH];
	size_t levels = 0, i;

	/* from the root down: at each the half where it is not */
	while (n > 1) {
		size_t k = (size_t)split(n);

		if (index < k) {
			root_of(leaves + k, n - k, down[levels++]);
			n = k;
		} else {
			root_of(leaves, k, down[levels++]);
			leaves += k;
			index -= k;
			n -= k;
		}
	}
	for (i = 0; i < levels; i++)
		memcpy(ret_path[i], down[levels - 1 - i], MERKLE_HASH);
	return levels;
}

bool
merkle_proves(const unsigned char leaf[MERKLE_HASH], uint64_t index, uint64_t n,
    const unsigned char (*path)[MERKLE_HASH], size_t n_path,
    const unsigned char root[MERKLE_HASH])
{
	unsigned char hash[MERKLE_HASH];
	uint64_t fn = index, sn;
	size_t i;

	if (index >= n)
		return false;
	sn = n - 1;
	memcpy(hash, leaf, MERKLE_HASH);
	for (i = 0; i < n_path; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			node(path[i], hash, hash);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			node(hash, path[i], hash);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && sodium_memcmp(hash, root, MERKLE_HASH) == 0;
}
