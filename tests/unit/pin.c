/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PINs that anybody would try, and those that few would. */
#include "tests/unit/test.h"

#include <string.h>

#include "cardtools/pin.h"

static enum pin_fault
judge(const char *pin)
{
	static const char *const known[] = {"n0417-suzuki", "00529-4431", NULL};

	return pin_judge(pin, strlen(pin), known, 3);
}

static void
good(void **state)
{
	static const char *const pins[] = {
	    "402917", "739105", "846203", "9504618", "71930482", "000417x"};
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(judge(pins[i]), PIN_GOOD);
	assert_int_equal(judge(pins[5]), PIN_FORM);
}

static void
faults(void **state)
{
	static const struct {
		const char *pin;
		enum pin_fault fault;
	} cases[] = {
	    {"", PIN_FORM}, {"12345", PIN_FORM}, {"123456789", PIN_FORM},
	    {"4029-7", PIN_FORM},
	    {"\xef\xbc\x91\xef\xbc\x92", PIN_FORM}, /* full-width digits */
	    {"000000", PIN_REPEATED}, {"121212", PIN_REPEATED},
	    {"123123", PIN_REPEATED}, {"40294029", PIN_REPEATED},
	    {"110110", PIN_REPEATED}, {"123456", PIN_SEQUENCE},
	    {"8765432", PIN_SEQUENCE}, {"890123", PIN_SEQUENCE},
	    {"135791", PIN_SEQUENCE}, {"112233", PIN_SEQUENCE},
	    {"123321", PIN_SEQUENCE}, {"147258", PIN_KEYPAD},
	    {"258036", PIN_KEYPAD}, /* 2580, 36 */ {"25808520", PIN_KEYPAD},
	    {"369147", PIN_KEYPAD}, {"1472583", PIN_KEYPAD},
	    {"159357", PIN_KEYPAD}, {"19870412", PIN_DATE},
	    {"12041987", PIN_DATE}, {"870412", PIN_DATE}, {"041287", PIN_DATE},
	    {"120487", PIN_DATE}, {"904170", PIN_KNOWN},  /* 0417 inside */
	    {"529443", PIN_KNOWN}, {"134492", PIN_KNOWN}, /* backwards */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (judge(cases[i].pin) != cases[i].fault)
			fail_msg("%s: %d, not %d", cases[i].pin,
			    judge(cases[i].pin), cases[i].fault);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good),
	    cmocka_unit_test(faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
