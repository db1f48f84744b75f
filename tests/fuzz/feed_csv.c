/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Separated values, with and without names of their columns. */
#include "cardtools/feed/parse_csv.h"
#include "tests/fuzz/feed.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct record record;
	const char *why = NULL;
	enum error err;

	if (size > FEED_LINE_MAX)
		return 0;
	err = parse_csv((const char *)data, size, size % 2 == 0 ? ',' : ';',
	    size % 3 == 0 ? "" : "a,b,,c", &record, &why);
	outcome_holds(err, why, &record);
	return 0;
}
