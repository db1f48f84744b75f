/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keyed digests, and the few words that go to people and into the log. */
#include "authd/mask.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/reason.h"
#include "authd/text.h"
#include "tests/unit/test.h"

static const struct mask one = {.key = "the key of this hospital, 32 oct"};
static const struct mask two = {.key = "the key of that hospital, 32 oct"};

static void
digests_depend_on_everything(void **state)
{
	unsigned char d[8][16];
	size_t i, j;

	(void)state;
	mask_digest(&one, MASK_FAILURE, "ab", 2, "c", 1, d[0]);
	mask_digest(&two, MASK_FAILURE, "ab", 2, "c", 1, d[1]);
	mask_digest(&one, MASK_SALT, "ab", 2, "c", 1, d[2]);
	mask_digest(&one, MASK_FAILURE, "a", 1, "bc", 2, d[3]);
	mask_digest(&one, MASK_FAILURE, "abc", 3, "", 0, d[4]);
	mask_digest(&one, MASK_FAILURE, "", 0, "abc", 3, d[5]);
	mask_digest(&one, MASK_FAILURE, "ab", 2, "d", 1, d[6]);
	mask_digest(&one, MASK_FAILURE, "ab", 2, "c\0", 2, d[7]);
	for (i = 0; i < 8; i++) {
		for (j = 0; j < i; j++)
			assert_memory_not_equal(d[i], d[j], 16);
	}
	mask_digest(&one, MASK_FAILURE, "ab", 2, "c", 1, d[1]);
	assert_memory_equal(d[0], d[1], 16);
}

static void
numbers_are_never_zero(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_true(
		    mask_number(&one, MASK_SOURCE, &i, sizeof i, "", 0) != 0);
}

/* An unknown name behaves like a person: one subject, always the same. */
static void
buckets(void **state)
{
	static char seen[4096][UUID_TEXT];
	unsigned i, j, same = 0;
	char again[UUID_TEXT];

	(void)state;
	for (i = 0; i < 4096; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "u%u", i);
		mask_bucket(&one, name, strlen(name), seen[i]);
		assert_true(uuid_valid(seen[i]));
	}
	mask_bucket(&one, "u7", 2, again);
	assert_string_equal(again, seen[7]);
	mask_bucket(&two, "u7", 2, again);
	assert_string_not_equal(again, seen[7]);
	/* 4096 names in 65536 buckets: about 128 pairs meet */
	for (i = 0; i < 4096; i++) {
		for (j = 0; j < i; j++)
			same += strcmp(seen[i], seen[j]) == 0;
	}
	assert_in_range(same, 50, 250);
}

static void
reasons_are_words_of_their_own(void **state)
{
	const char *words[REASON_DECIDE_REFUSED + 1];
	int i, j;

	(void)state;
	for (i = 0; i <= REASON_DECIDE_REFUSED; i++) {
		words[i] = reason_text((enum reason)i);
		assert_string_not_equal(words[i], "unknown");
		assert_int_equal(
		    strspn(words[i], "abcdefghijklmnopqrstuvwxyz_"),
		    strlen(words[i]));
		for (j = 0; j < i; j++)
			assert_string_not_equal(words[i], words[j]);
	}
	assert_string_equal(reason_text((enum reason)99), "unknown");
	assert_string_equal(
	    reason_text(REASON_WRONG_PASSWORD), "wrong_password");
}

static void
the_refusal_is_uniform(void **state)
{
	char text[TEXT_SIZE], other[TEXT_SIZE];

	(void)state;
	text_refusal(LANG_JA, 10, "1234", "K7-4821", text);
	assert_string_equal(text,
	    "認証に失敗しました。10秒後にもう一度お試しください。"
	    "お困りのとき:内線1234(受付番号 K7-4821)");
	text_refusal(LANG_EN, 10, "1234", "K7-4821", text);
	assert_string_equal(text,
	    "Authentication failed. Please try again in 10 seconds. "
	    "If you need help, call 1234 (reference K7-4821).");
	text_refusal(LANG_JA, 900, "", "K7-4821", text);
	assert_non_null(strstr(text, "15分後"));
	assert_non_null(strstr(text, "情報システム担当"));
	text_refusal(LANG_EN, 61, "", "K7-4821", text);
	assert_non_null(strstr(text, "in 2 minutes"));
	assert_non_null(strstr(text, "ask the help desk"));
	/* nothing charged and a first failure look alike */
	text_refusal(LANG_JA, 0, "1", "r", text);
	text_refusal(LANG_JA, 5, "1", "r", other);
	assert_string_equal(text, other);
	text_refusal(LANG_JA, -7, "1", "r", text);
	assert_string_equal(text, other);
	/* a lock and an operator's stop too */
	text_refusal(LANG_EN, 900, "1", "r", text);
	text_refusal(LANG_EN, 2147483647, "1", "r", other);
	assert_string_equal(text, other);
}

static void
texts_fit(void **state)
{
	char contact[65], ref[STORE_REF], text[TEXT_SIZE];
	int lang, wait;

	(void)state;
	memset(contact, '9', 64);
	contact[64] = '\0';
	memset(ref, 'R', sizeof ref - 1);
	ref[sizeof ref - 1] = '\0';
	for (lang = LANG_JA; lang <= LANG_EN; lang++) {
		for (wait = 0; wait < 1000; wait += 7) {
			text_refusal((enum lang)lang, wait, contact, ref, text);
			assert_non_null(strstr(text, ref));
			assert_true(strlen(text) < TEXT_SIZE - 1);
		}
	}
}

static void
asking_for_a_code(void **state)
{
	char text[TEXT_SIZE];

	(void)state;
	text_ask_code(LANG_JA, 6, text);
	assert_string_equal(
	    text, "認証アプリに出ている6桁の数字を入力してください");
	text_ask_code(LANG_JA, 0, text);
	assert_string_equal(text, "認証アプリに出ている数字を入力してください");
	text_ask_code(LANG_EN, 8, text);
	assert_string_equal(
	    text, "Enter the 8 digits shown in your authenticator app");
	text_ask_code(LANG_EN, 0, text);
	assert_string_equal(
	    text, "Enter the digits shown in your authenticator app");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(digests_depend_on_everything),
	    cmocka_unit_test(numbers_are_never_zero),
	    cmocka_unit_test(buckets),
	    cmocka_unit_test(reasons_are_words_of_their_own),
	    cmocka_unit_test(the_refusal_is_uniform),
	    cmocka_unit_test(texts_fit),
	    cmocka_unit_test(asking_for_a_code),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
