/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of JSON becomes a flat record, or is refused whole. */
#include "cardtools/feed/parse_json.h"
#include "tests/fuzz/feed.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct record record;
	const char *why = NULL;
	enum error err;

	if (size > FEED_LINE_MAX)
		return 0;
	err = parse_json((const char *)data, size, &record, &why);
	outcome_holds(err, why, &record);
	return 0;
}
