/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pwhash_arena.h - libsodium maps and unmaps Argon2's memory (19 MiB) for
 * every hash, and the kernel's work on those pages takes about as long as the
 * hash. A process that does nothing but hash keeps them between two hashes.
 *
 * A program that links this file has an mmap() and a munmap() that stand
 * before libc's: they hand the kept memory to the one caller that asks for
 * exactly as much of it; all other calls go to the kernel unchanged. In builds
 * with sanitizers, which have such functions of their own, nothing is kept.
 */
#ifndef SEKISHO_CRYPTO_PWHASH_ARENA_H
#define SEKISHO_CRYPTO_PWHASH_ARENA_H

/* From now on this process keeps the memory of its last hash. */
void pwhash_arena_keep(void);

/* Gives it back to the kernel, until the next hash. */
void pwhash_arena_release(void);

#endif
