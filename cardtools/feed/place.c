/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/place.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/hex.h"

static enum error
digest_tail(int fd, uint64_t offset, uint64_t tail, char ret_digest[65])
{
	unsigned char octets[PLACE_TAIL], digest[crypto_hash_sha256_BYTES];
	size_t have = 0;

	if (tail > sizeof octets || tail > offset)
		return ERR_INPUT;
	while (have < tail) {
		ssize_t n = pread(fd, octets + have, (size_t)tail - have,
		    (off_t)(offset - tail + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_SYSTEM; /* it became shorter */
		have += (size_t)n;
	}
	crypto_hash_sha256(digest, octets, have);
	hex_encode(digest, sizeof digest, ret_digest);
	return ERR_OK;
}

enum error
place_take(int fd, uint64_t offset, uint64_t last_line, struct place *ret_place)
{
	struct place place = {.offset = offset};
	struct stat st;
	enum error err;

	if (fstat(fd, &st) != 0)
		return ERR_SYSTEM;
	place.device = (uint64_t)st.st_dev;
	place.inode = (uint64_t)st.st_ino;
	place.tail = last_line < PLACE_TAIL ? last_line : PLACE_TAIL;
	if (place.tail > offset)
		place.tail = offset;
	err = digest_tail(fd, offset, place.tail, place.digest);
	if (err == ERR_OK)
		*ret_place = place;
	return err;
}

void
place_write(const struct place *place, char ret_text[PLACE_TEXT])
{
	(void)snprintf(ret_text, PLACE_TEXT,
	    "file1 %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s",
	    place->device, place->inode, place->offset, place->tail,
	    place->digest);
}

enum error
place_read(const char *text, struct place *ret_place)
{
	struct place place;
	char again[PLACE_TEXT];

	if (strlen(text) >= PLACE_TEXT ||
	    sscanf(text,
		"file1 %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		" %64[0-9a-f]",
		&place.device, &place.inode, &place.offset, &place.tail,
		place.digest) != 5 ||
	    strlen(place.digest) != 64 || place.tail > PLACE_TAIL ||
	    place.tail > place.offset)
		return ERR_INPUT;
	place_write(&place, again);
	if (strcmp(again, text) != 0)
		return ERR_INPUT;
	*ret_place = place;
	return ERR_OK;
}

bool
place_fits(const struct place *place, int fd)
{
	char digest[65];
	struct stat st;

	return fstat(fd, &st) == 0 && (uint64_t)st.st_ino == place->inode &&
	       st.st_size >= 0 && (uint64_t)st.st_size >= place->offset &&
	       digest_tail(fd, place->offset, place->tail, digest) == ERR_OK &&
	       strcmp(digest, place->digest) == 0;
}
