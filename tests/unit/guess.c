/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guideline C.14 (5): no guessable passwords, none like the one before. */
#include "common/guess/guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/guess/fold.h"
#include "tests/unit/test.h"

enum { BITS = 36 }; /* the preset */

static struct words *words;

static const char *const hanako[] = {"鈴木花子", "鈴木", "花子", "すずきはなこ",
    "すずき", "はなこ", "suzukihanako", "hanakosuzuki", "suzuki", "hanako",
    NULL};

static const struct guess_about about = {
    "d-suzuki", hanako, "1985-04-03", "A10482"};

static void
expect(const char *password, enum guess_fault fault)
{
	enum guess_fault got;

	assert_int_equal(
	    guess_judge(words, &about, (const unsigned char *)password,
		strlen(password), BITS, &got),
	    ERR_OK);
	if (got != fault)
		fail_msg("%s: %s, not %s", password, guess_text(got),
		    guess_text(fault));
}

static void
c14_5_names_in_every_script_and_order(void **state)
{
	(void)state;
	expect("Kx7-hanako-Qz9!w", GUESS_NAME);
	expect("Kx7-HANAKO-Qz9!w", GUESS_NAME);
	expect("Kx7-ＨＡＮＡＫＯ-Qz9!w", GUESS_NAME);
	expect("Kx7-花子-Qz9!wvt", GUESS_NAME);
	expect("Kx7-はなこ-Qz9!wvt", GUESS_NAME);
	expect("Kx7-ハナコ-Qz9!wvt", GUESS_NAME);
	expect("Kx7-ﾊﾅｺ-Qz9!wvt", GUESS_NAME);
	expect("HanakoSuzuki#77zq", GUESS_NAME);
	expect("suzuk1-h@n@k0-xQ8", GUESS_NAME);
	/* the same password of somebody of another name */
	expect("Kx7-mitsuru-Qz9!w", GUESS_GOOD);
}

static void
c14_5_login_birth_date_and_staff_number(void **state)
{
	(void)state;
	expect("Kx7-d-suzuki-Qz9!w", GUESS_LOGIN);
	expect("Kx7!19850403#Qz", GUESS_BIRTH);
	expect("Kx7!1985-04-03#Qz", GUESS_BIRTH);
	expect("Kx7!１９８５0403#Qz", GUESS_BIRTH);
	expect("Kx7!S60.04.03#Qzw", GUESS_BIRTH);
	expect("Kx7!昭和60年4月3日#Qzw", GUESS_BIRTH);
	expect("Kx7!a10482#Qzwvtb", GUESS_NUMBER);
	expect("Kx7!19850404#Qzvt", GUESS_GOOD); /* the day after */
}

static void
c14_5_words_of_both_languages(void **state)
{
	(void)state;
	expect("Password1!", GUESS_WORDS);
	expect("P@ssw0rd2026!", GUESS_WORDS);
	expect("Nurse2026!", GUESS_WORDS);
	expect("kangoshi#26", GUESS_WORDS);
	expect("Kang0sh!#26", GUESS_WORDS);
	expect("かんごし#26", GUESS_WORDS);
	expect("カンゴシ#26", GUESS_WORDS);
	expect("看護師#26", GUESS_WORDS);
	expect("byouin!2026", GUESS_WORDS);
	expect("Sakura-123", GUESS_WORDS);
	/* of the hospital's own list */
	expect("Sekishozan#26", GUESS_WORDS);
	expect("関所山総合病院#1", GUESS_WORDS);
}

static void
c14_5_runs_of_keys_and_repetition(void **state)
{
	(void)state;
	expect("qwerty12345!a", GUESS_WORDS);
	expect("1qaz2wsx#EDC", GUESS_WORDS);
	expect("asdfghjkl;1", GUESS_WORDS);
	expect("Abcdefgh1234!", GUESS_WORDS);
	expect("Aa1!Aa1!Aa1!", GUESS_WORDS);
	expect("aaaaaaaaaaa1!", GUESS_WORDS);
	expect("20260401!a", GUESS_WORDS);
	expect("あああああああ1!", GUESS_WORDS);
}

static void
c14_5_good_ones_are_taken(void **state)
{
	(void)state;
	expect("k7mp-2xqd-9hvt-4b", GUESS_GOOD);
	expect("correct horse 9 battery!", GUESS_GOOD);
	expect("yuugure 3 kirin-hagaki", GUESS_GOOD);
	expect("夕暮れ3匹のきりん葉書!", GUESS_GOOD);
	expect("Vb3!xqTz", GUESS_GOOD);
	expect("👩‍⚕️7%rTqzK2v", GUESS_GOOD);
	expect("é9!kxWqe\xcc\x81Tz", GUESS_GOOD);
}

static enum guess_fault
similar(const char *old, const char *new)
{
	enum guess_fault fault;

	assert_int_equal(guess_similar((const unsigned char *)old, strlen(old),
			     (const unsigned char *)new, strlen(new), &fault),
	    ERR_OK);
	return fault;
}

static void
c14_5_none_like_the_old_one(void **state)
{
	(void)state;
	assert_int_equal(
	    similar("Tz8!kWq-vbx3", "Tz8!kWq-vbx3"), GUESS_SIMILAR);
	assert_int_equal(
	    similar("Tz8!kWq-vbx3", "Tz8!kWq-vbx4"), GUESS_SIMILAR);
	assert_int_equal(
	    similar("Tz8!kWq-vbx3", "tz8!KWQ-vbx3"), GUESS_SIMILAR);
	assert_int_equal(
	    similar("Tz8!kWq-vbx3", "3Tz8!kWq-vbx"), GUESS_SIMILAR);
	assert_int_equal(
	    similar("Hagaki-kirin-26!", "2027%hagaki-kirin"), GUESS_SIMILAR);
	assert_int_equal(
	    similar("ゆうぐれ3ひきのきりん!", "ユウグレ3ヒキノキリン?"),
	    GUESS_SIMILAR);
	assert_int_equal(similar("Tz8!kWq-vbx3", "Mh5?pLr_dnc9"), GUESS_GOOD);
	assert_int_equal(
	    similar("yuugure 3 kirin-hagaki", "Vb3!xqTz-mmp"), GUESS_GOOD);
}

/* Of octets that are a password by their length alone. */
static void
nothing_is_too_long_or_too_strange(void **state)
{
	unsigned char password[128];
	enum guess_fault fault;
	size_t i;

	(void)state;
	memset(password, 'a', sizeof password);
	assert_int_equal(
	    guess_judge(words, &about, password, sizeof password, BITS, &fault),
	    ERR_OK);
	assert_int_equal(fault, GUESS_WORDS);
	/* what grows most when it is folded: one of three octets */
	for (i = 0; i + 3 <= sizeof password; i += 3) {
		password[i] = 0xef;
		password[i + 1] = 0xb7;
		password[i + 2] = 0xba;
	}
	assert_int_equal(
	    guess_judge(words, &about, password, 126, BITS, &fault), ERR_OK);
	assert_int_equal(
	    guess_similar(password, 126, password, 126, &fault), ERR_INPUT);
	assert_int_equal(
	    guess_judge(words, &about, (const unsigned char *)"\x01\x01\x01", 3,
		BITS, &fault),
	    ERR_OK);
}

static void
a_list_that_cannot_be_read_is_an_error(void **state)
{
	struct words *none = NULL;
	char message[256] = "";

	(void)state;
	assert_int_equal(words_open("/nonexistent/words", "", &none, message,
			     sizeof message),
	    ERR_SYSTEM);
	assert_non_null(strstr(message, "/nonexistent/words"));
	assert_int_equal(words_open(WORDS, "/nonexistent/house", &none, message,
			     sizeof message),
	    ERR_SYSTEM);
	assert_non_null(strstr(message, "/nonexistent/house"));
	assert_null(none);
}

static int
setup(void **state)
{
	char path[] = "/tmp/sekisho-house-XXXXXX", message[256] = "";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	(void)state;
	assert_non_null(f);
	(void)fputs("# this hospital\nSEKISHOZAN\r\n関所山総合病院\n\n", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(
	    words_open(WORDS, path, &words, message, sizeof message), ERR_OK);
	assert_true(words_count(words) > 100000);
	return unlink(path);
}

static int
teardown(void **state)
{
	(void)state;
	words_close(&words);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(c14_5_names_in_every_script_and_order),
	    cmocka_unit_test(c14_5_login_birth_date_and_staff_number),
	    cmocka_unit_test(c14_5_words_of_both_languages),
	    cmocka_unit_test(c14_5_runs_of_keys_and_repetition),
	    cmocka_unit_test(c14_5_good_ones_are_taken),
	    cmocka_unit_test(c14_5_none_like_the_old_one),
	    cmocka_unit_test(nothing_is_too_long_or_too_strange),
	    cmocka_unit_test(a_list_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
