/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame of the terminal's helpers is taken within its bounds, or refused. */
#include "cardtools/terminal/frame.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct frame frame, again;
	char text[64];
	unsigned number;
	size_t i;

	memcpy(frame.octets, data, size < FRAME_MAX ? size : FRAME_MAX);
	if (frame_decode(&frame, size) != ERR_OK)
		return 0;
	must(size <= FRAME_MAX && frame.n <= FRAME_FIELDS);
	frame_begin(&again, frame.kind);
	for (i = 0; i < frame.n; i++) {
		must(frame.field[i].bytes + frame.field[i].len <=
		     frame.octets + size);
		if (frame_text(&frame, i, text, sizeof text) == ERR_OK)
			must(strlen(text) == frame.field[i].len);
		if (frame_number(&frame, i, 99, &number) == ERR_OK)
			must(number <= 99);
		frame_put(&again, frame.field[i].bytes, frame.field[i].len);
	}
	must(
	    again.len == size && memcmp(again.octets, frame.octets, size) == 0);
	return 0;
}
