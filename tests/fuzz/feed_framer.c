/* SPDX-License-Identifier: GPL-2.0-or-later */
/* However a stream is cut into pieces, its lines are the same. */
#include <sodium.h>
#include <string.h>

#include "cardtools/feed/framer.h"
#include "tests/fuzz/fuzz.h"

/* Everything that comes out, as one digest; piece 0: all at once. */
static void
run(const uint8_t *data, size_t size, bool counted, size_t piece,
    unsigned char ret_digest[crypto_hash_sha256_BYTES])
{
	static struct framer framer;
	crypto_hash_sha256_state state;
	enum error err = ERR_OK;
	size_t at = 0, room, n, len;
	uint64_t before = 0;
	char *to;

	crypto_hash_sha256_init(&state);
	framer_begin(&framer, counted);
	while (err != ERR_INPUT && at < size) {
		to = framer_room(&framer, &room);
		n = piece != 0 && piece < size - at ? piece : size - at;
		n = n < room ? n : room;
		memcpy(to, data + at, n);
		framer_fed(&framer, n);
		at += n;
		while ((err = framer_next(&framer, &len)) == ERR_OK) {
			must(len <= FEED_LINE_MAX);
			must(framer.begun >= before &&
			     framer.passed > framer.begun &&
			     framer.passed <= at);
			before = framer.passed;
			crypto_hash_sha256_update(
			    &state, (const unsigned char *)&len, sizeof len);
			crypto_hash_sha256_update(
			    &state, (const unsigned char *)framer.line, len);
		}
		must(err == ERR_TIMEOUT || err == ERR_INPUT);
	}
	crypto_hash_sha256_final(&state, ret_digest);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char whole[crypto_hash_sha256_BYTES];
	unsigned char pieces[crypto_hash_sha256_BYTES];

	if (size < 2)
		return 0;
	run(data + 2, size - 2, (data[0] & 1) != 0, 0, whole);
	run(data + 2, size - 2, (data[0] & 1) != 0, (size_t)data[1] + 1,
	    pieces);
	must(memcmp(whole, pieces, sizeof whole) == 0);
	return 0;
}
