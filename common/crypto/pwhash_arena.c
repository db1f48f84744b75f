/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/pwhash_arena.h"

#ifdef SEKISHO_SANITIZED

void
pwhash_arena_keep(void)
{
}

void
pwhash_arena_release(void)
{
}

#else

#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A smaller map is not Argon2's at any cost worth an arena. */
enum { SMALLEST = 4 << 20 };

static bool keeping, lent;
static void *kept;
static size_t kept_len;

void
pwhash_arena_keep(void)
{
	keeping = true;
}

void
pwhash_arena_release(void)
{
	if (kept != NULL && !lent) {
		(void)syscall(SYS_munmap, kept, kept_len);
		kept = NULL;
	}
}

__attribute__((visibility("default"))) void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	void *got;
	bool ours = keeping && !lent && addr == NULL && fd == -1 &&
		    len >= SMALLEST && (flags & MAP_ANONYMOUS) != 0 &&
		    prot == (PROT_READ | PROT_WRITE);

	if (ours && kept != NULL && kept_len == len) {
		lent = true;
		return kept;
	}
	if (ours)
		pwhash_arena_release();
	/* MAP_FAILED and errno as the kernel means them. */
	got = (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, offset);
	if (ours && got != MAP_FAILED) {
		kept = got;
		kept_len = len;
		lent = true;
	}
	return got;
}

__attribute__((visibility("default"))) int
munmap(void *addr, size_t len)
{
	if (lent && addr == kept && len == kept_len) {
		lent = false;
		return 0;
	}
	return (int)syscall(SYS_munmap, addr, len);
}

#endif
