/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/mac.h"

#include <string.h>

#include "tests/unit/test.h"

static void
becomes(const char *raw, const char *canonical)
{
	char mac[MAC_TEXT];

	if (mac_canonical(raw, strlen(raw), mac) != ERR_OK)
		fail_msg("'%s' was refused", raw);
	assert_string_equal(mac, canonical);
	assert_ok(mac_canonical(mac, strlen(mac), mac));
	assert_string_equal(mac, canonical);
}

static void
refused(const void *raw, size_t len)
{
	char mac[MAC_TEXT] = "untouched";

	if (mac_canonical(raw, len, mac) != ERR_INPUT)
		fail_msg("'%.*s' was not refused", (int)len, (const char *)raw);
	assert_string_equal(mac, "untouched");
}

#define refused_text(text) refused(text, sizeof(text) - 1)

static void
every_common_notation(void **state)
{
	(void)state;
	becomes("001bc50440a2", "001bc50440a2");
	becomes("001BC50440A2", "001bc50440a2");
	becomes("00-1B-C5-04-40-A2", "001bc50440a2"); /* RFC 3580 3.21 */
	becomes("00:1b:c5:04:40:a2", "001bc50440a2");
	becomes("00 1b c5 04 40 a2", "001bc50440a2");
	becomes("00.1b.c5.04.40.a2", "001bc50440a2");
	becomes("001b.c504.40a2", "001bc50440a2");
	becomes("001B-C504-40A2", "001bc50440a2");
	becomes("001b:c504:40a2", "001bc50440a2");
	becomes("001bc5-0440a2", "001bc50440a2");
	becomes("001bc5:0440a2", "001bc50440a2");
	becomes("0:1b:c5:4:40:a2", "001bc50440a2"); /* zeros left out */
	becomes("0:1:2:3:4:5", "000102030405");
}

static void
nothing_else(void **state)
{
	(void)state;
	refused_text("");
	refused_text("001bc50440a");
	refused_text("001bc50440a23");
	refused_text("00-1B-C5-04-40-A2:ward"); /* Called-Station-Id */
	refused_text("00:1b-c5:04:40:a2");
	refused_text("001:bc5:044:0a2");
	refused_text("00:1b:c5:04:40");
	refused_text("00:1b:c5:04:40:a2:");
	refused_text(":00:1b:c5:04:40:a2");
	refused_text("00::1b:c5:04:40:a2");
	refused_text("00:1b:c5:04:40:g2");
	refused_text("001bc5 0440 a2");
	refused_text("0:1bc504:40a2");
	refused_text("00:1b:c5:04:40:a2\0");
	refused("00:1b:c5\0:04:40", 15);
	refused_text("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
	refused_text("00:1b:c5:04:40:a2 00:1b:c5:04:40:a3");
}

static void
made_up_ones(void **state)
{
	(void)state;
	assert_true(mac_is_random("021bc50440a2"));
	assert_true(mac_is_random("da1bc50440a2"));
	assert_true(mac_is_random("f61bc50440a2"));
	assert_false(mac_is_random("001bc50440a2"));
	assert_false(mac_is_random("fc1bc50440a2"));
	assert_false(mac_is_random("ac1bc50440a2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_common_notation),
	    cmocka_unit_test(nothing_else),
	    cmocka_unit_test(made_up_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
