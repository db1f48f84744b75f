/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/speech.h"

#include <string.h>

#include "tests/unit/test.h"

static void
every_text_exists_in_both_languages(void **state)
{
	char text[SPEECH_SIZE], long_name[300];
	int what;

	(void)state;
	memset(long_name, 'x', sizeof long_name);
	long_name[sizeof long_name - 1] = '\0';
	for (what = SPEECH_PASSWORD; what <= SPEECH_TOO_LONG; what++) {
		const char *contacts[] = {"", "1234", long_name};
		size_t i;

		for (i = 0; i < COUNT(contacts); i++) {
			speech_text(SPEECH_EN, (enum speech)what, 2,
			    contacts[i], long_name, text);
			assert_true(strlen(text) > 4);
			assert_null(strchr(text, '{'));
			assert_null(strchr(text, '}'));
			speech_text(SPEECH_JA, (enum speech)what, 2,
			    contacts[i], "佐藤", text);
			assert_true((unsigned char)text[0] > 0x7f ||
				    strncmp(text, "PIN", 3) == 0);
			assert_null(strchr(text, '{'));
		}
	}
}

static void
the_words_that_were_agreed(void **state)
{
	char text[SPEECH_SIZE];

	(void)state;
	speech_text(SPEECH_JA, SPEECH_PIN, 0, "1234", "", text);
	assert_string_equal(text, "職員証の暗証番号(PIN)を入力してください: ");
	speech_text(SPEECH_JA, SPEECH_PIN_WRONG, 2, "1234", "", text);
	assert_string_equal(text,
	    "PINが違います。あと2回で職員証が使えなくなります。"
	    "不明なときは入力せず、内線1234へ");
	speech_text(SPEECH_EN, SPEECH_PIN_WRONG, 0, "", "", text);
	assert_non_null(strstr(text, "After a few more wrong tries"));
	assert_non_null(strstr(text, "ask the help desk"));
	speech_text(SPEECH_EN, SPEECH_PIN_FOR, 0, "", "sato", text);
	assert_string_equal(text, "PIN of your staff card, sato: ");
}

static void
what_a_server_says_is_cleaned(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"plain", "plain"},
	    {"two\nlines\tand\rmore", "two lines andmore"},
	    {"\033[31mred\033[0m", "[31mred[0m"},
	    {"bell\a\b\177", "bell"},
	    {"c1 \xc2\x9b"
	     "31m",
		"c1 31m"},
	    {"bare \x9b\xff", "bare "},
	    {"認証に失敗", "認証に失敗"},
	    {"cut \xe8\xaa", "cut "},
	    {"\xc0\xaf\xf5\x80", ""},
	};
	char text[SPEECH_SIZE], long_text[2000];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		speech_clean(cases[i].in, strlen(cases[i].in), text);
		assert_string_equal(text, cases[i].out);
	}
	speech_clean("a\0b", 3, text);
	assert_string_equal(text, "ab");
	for (i = 0; i + 3 < sizeof long_text; i += 3)
		memcpy(long_text + i, "認", 3);
	speech_clean(long_text, i, text);
	/* whole characters only */
	assert_int_equal(strlen(text), 510);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_text_exists_in_both_languages),
	    cmocka_unit_test(the_words_that_were_agreed),
	    cmocka_unit_test(what_a_server_says_is_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
