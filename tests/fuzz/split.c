/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of a value, each behind one octet of length, as attributes are. */
#include <string.h>

#include "common/wire/split.h"
#include "tests/fuzz/fuzz.h"

/* What was joined, split again, joins to the same. */
static void
again(const unsigned char *value, size_t len)
{
	static unsigned char copy[SPLIT_VALUE];
	unsigned char piece[SPLIT_PIECE];
	struct split split;
	size_t i, n = split_count(len), piece_len, copy_len;

	must(n > 0 && n <= SPLIT_PIECES);
	split_begin(&split, copy, len);
	for (i = 0; i < n; i++) {
		must(split_piece(value, len, i, piece, &piece_len) == ERR_OK);
		must(split_add(&split, piece, piece_len) == ERR_OK);
	}
	must(split_end(&split, &copy_len) == ERR_OK);
	must(copy_len == len && memcmp(copy, value, len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char value[SPLIT_VALUE];
	struct split split;
	size_t len = 0, cap;

	if (size < 2)
		return 0;
	cap = (size_t)data[0] << 4; /* up to 4,080 */
	cap = cap < sizeof value ? cap : sizeof value;
	data++;
	size--;
	split_begin(&split, value, cap);
	while (size > 0) {
		size_t piece = data[0] < size - 1 ? data[0] : size - 1;
		enum error err = split_add(&split, data + 1, piece);

		must(err == ERR_OK || err == ERR_INPUT);
		data += 1 + piece;
		size -= 1 + piece;
	}
	if (split_end(&split, &len) == ERR_OK) {
		must(len > 0 && len <= cap);
		again(value, len);
	}
	return 0;
}
