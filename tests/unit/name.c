/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rules/password.h"
#include "tests/unit/test.h"

static void
becomes(const char *raw, const char *canonical)
{
	char name[NAME_MAX_OCTETS + 1], again[NAME_MAX_OCTETS + 1];

	if (name_canonical(raw, strlen(raw), name) != ERR_OK)
		fail_msg("'%s' was refused", raw);
	assert_string_equal(name, canonical);
	/* Whoever canonicalises twice must not get another person. */
	assert_ok(name_canonical(name, strlen(name), again));
	assert_string_equal(again, name);
}

static void
refused(const void *raw, size_t len)
{
	char name[NAME_MAX_OCTETS + 1] = "untouched";

	if (name_canonical(raw, len, name) != ERR_INPUT)
		fail_msg("'%.*s' was not refused", (int)len, (const char *)raw);
	assert_string_equal(name, "untouched");
}

#define refused_text(text) refused(text, sizeof(text) - 1)

static void
letters_are_folded(void **state)
{
	(void)state;
	becomes("sato", "sato");
	becomes("Sato.Hanako", "sato.hanako");
	becomes("ＳＡＴＯ＿０１", "sato_01"); /* a Japanese keyboard's */
	becomes("Straße", "strasse");
	becomes("ΣΊΣΥΦΟΣ", "σίσυφοσ");
	becomes("E\xcc\x81mile", "\xc3\xa9mile"); /* composed */
	becomes("a@b-c+d", "a@b-c+d");
}

static void
kana_and_kanji_stay(void **state)
{
	(void)state;
	becomes("ﾔﾏﾀﾞ", "ヤマダ"); /* half-width, voiced mark joined */
	becomes("やまだ", "やまだ");
	becomes("山田花子", "山田花子");
	becomes("か\xe3\x82\x99", "が"); /* combining mark joined */
	becomes("👩", "👩");
}

/* Letters hidden in symbols are folded as well as unfolded. */
static void
compatibility_letters_are_folded(void **state)
{
	(void)state;
	becomes("™", "tm");
	becomes("㏂", "a.m.");
	becomes("Ⅷ", "viii");
	becomes("℻", "fax");
	becomes("㎑", "khz");
}

static void
what_nobody_can_type_is_refused(void **state)
{
	(void)state;
	refused_text("");
	refused_text("a\0b");
	refused_text("a b");
	refused_text("a\tb");
	refused_text("a\nb");
	refused_text("a\x7f");
	refused_text("a\x1b[31m");
	refused_text("a\xc2\x85"); /* C1 */
	refused_text("a\xc2\x9b");
	refused_text("a\xc2\xa0"
		     "b"); /* no-break space */
	refused_text("a\xe3\x80\x80"
		     "b");		/* ideographic space */
	refused_text("a\xe2\x80\x8b");	/* zero width space */
	refused_text("a\xe2\x80\xae");	/* right-to-left override */
	refused_text("a\xe2\x80\xa8");	/* line separator */
	refused_text("a\xef\xbb\xbf");	/* byte order mark */
	refused_text("a\xee\x80\x80");	/* private use */
	refused_text("\xef\xbf\xbf");	/* noncharacter */
	refused_text("👩\xe2\x80\x8d🔬"); /* zero width joiner */
}

static void
invalid_utf8_is_refused(void **state)
{
	(void)state;
	refused_text("\x80");
	refused_text("a\xff");
	refused_text("\xc0\x80");	  /* overlong NUL */
	refused_text("\xc1\xa1");	  /* overlong 'a' */
	refused_text("\xe3\x81");	  /* cut */
	refused_text("\xed\xa0\x80");	  /* surrogate */
	refused_text("\xf4\x90\x80\x80"); /* beyond Unicode */
	refused_text("\x83\x84");	  /* CP932 */
}

static void
lengths_are_bounded(void **state)
{
	char raw[4 * NAME_MAX_OCTETS];
	char name[NAME_MAX_OCTETS + 1];
	size_t i;

	(void)state;
	memset(raw, 'a', sizeof raw);
	assert_ok(name_canonical(raw, NAME_MAX_CHARS, name));
	refused(raw, NAME_MAX_CHARS + 1);
	refused(raw, NAME_MAX_OCTETS);
	refused(raw, NAME_MAX_OCTETS + 1);
	refused(raw, sizeof raw);
	/* 63 of four octets are 252: characters count, not octets. */
	for (i = 0; i < 63; i++)
		memcpy(raw + 4 * i, "\xf0\x9f\x91\xa9", 4);
	assert_ok(name_canonical(raw, 4 * (size_t)63, name));
	/* One character that becomes eighteen, many times. */
	for (i = 0; i < 60; i++)
		memcpy(raw + 3 * i, "\xef\xb7\xba", 3);
	refused(raw, 3 * (size_t)60);
}

/* Every length, octet by octet: no reading or writing beyond. */
static void
every_length_of_noise(void **state)
{
	unsigned char raw[NAME_MAX_OCTETS + 8];
	char name[NAME_MAX_OCTETS + 1], again[NAME_MAX_OCTETS + 1];
	uint32_t x = 1;
	size_t len, i;
	int round;

	(void)state;
	for (round = 0; round < 50; round++) {
		for (len = 0; len < sizeof raw; len++) {
			for (i = 0; i < len; i++) {
				x = x * 1664525 + 1013904223;
				raw[i] = (unsigned char)(x >> 24);
			}
			if (name_canonical(raw, len, name) != ERR_OK)
				continue;
			assert_true(strlen(name) <= NAME_MAX_OCTETS);
			assert_ok(name_canonical(name, strlen(name), again));
			assert_string_equal(name, again);
		}
	}
}

static void
passwords_are_nfc_and_nothing_else(void **state)
{
	unsigned char out[PASSWORD_MAX_OCTETS];
	size_t len = 0;

	(void)state;
	assert_ok(password_normalise("e\xcc\x81", 3, out, sizeof out, &len));
	assert_int_equal(len, 2);
	assert_memory_equal(out, "\xc3\xa9", 2);
	/* RFC 8265 4.2: neither case nor width is mapped. */
	assert_ok(password_normalise("ＡaＡ ", 8, out, sizeof out, &len));
	assert_int_equal(len, 8);
	assert_memory_equal(out, "ＡaＡ ", 8);
}

static void
passwords_are_refused_never_cut(void **state)
{
	unsigned char raw[PASSWORD_MAX_OCTETS + 1], out[PASSWORD_MAX_OCTETS];
	size_t len = 77;

	(void)state;
	memset(raw, 'x', sizeof raw);
	assert_error(
	    password_normalise(raw, 0, out, sizeof out, &len), ERR_INPUT);
	assert_error(password_normalise(raw, sizeof raw, out, sizeof out, &len),
	    ERR_INPUT);
	assert_error(
	    password_normalise("a\0b", 3, out, sizeof out, &len), ERR_INPUT);
	assert_error(password_normalise("\xff\xfe", 2, out, sizeof out, &len),
	    ERR_INPUT);
	/* Two octets that become more than one in NFC, up to the cap. */
	memset(raw, 'x', sizeof raw);
	memcpy(raw + PASSWORD_MAX_OCTETS - 4, "\xf0\x9d\x85\x9e", 4);
	assert_error(
	    password_normalise(raw, PASSWORD_MAX_OCTETS, out, sizeof out, &len),
	    ERR_INPUT);
	assert_int_equal(len, 77);
	memset(raw, 'x', sizeof raw);
	assert_ok(password_normalise(
	    raw, PASSWORD_MAX_OCTETS, out, sizeof out, &len));
	assert_int_equal(len, PASSWORD_MAX_OCTETS);
}

static void
at_home(const char *raw, const char *realms, const char *name)
{
	char got[NAME_MAX_OCTETS + 1];

	assert_ok(name_at_home(raw, strlen(raw), realms, got));
	assert_string_equal(got, name);
}

static void
realms_that_are_ours(void **state)
{
	static const char ours[] = "hospital.example hospital";
	char got[NAME_MAX_OCTETS + 1];

	(void)state;
	at_home("Sato@Hospital.Example", ours, "sato");
	at_home("HOSPITAL\\sato", ours, "sato");
	at_home("sato@hospital", ours, "sato");
	at_home("佐藤＠hospital.example", ours, "佐藤"); /* full width */
	at_home("sato", ours, "sato");
	/* another's, a part of ours, more than ours */
	at_home("sato@clinic.example", ours, "sato@clinic.example");
	at_home("sato@example", ours, "sato@example");
	at_home("sato@x.hospital.example", ours, "sato@x.hospital.example");
	at_home("sato@hospital.examplex", ours, "sato@hospital.examplex");
	at_home("sato@hospital.example", "", "sato@hospital.example");
	at_home("clinic\\sato", ours, "clinic\\sato");
	/* once, and something is left */
	at_home("hospital\\sato@hospital", ours, "hospital\\sato");
	at_home("@hospital", ours, "@hospital");
	at_home("hospital\\", ours, "hospital\\");
	at_home("sato@", ours, "sato@");
	at_home("\\sato", ours, "\\sato");
	assert_error(name_at_home("a b", 3, ours, got), ERR_INPUT);
}

static void
realms_as_they_are_written(void **state)
{
	static const struct {
		const char *words, *realms;
	} good[] = {{"", ""}, {"  ", ""},
	    {"Hospital.Example", "hospital.example"},
	    {" HOSPITAL  hospital.example ", "hospital hospital.example"},
	    {"ＨＯＳＰＩＴＡＬ", "hospital"}};
	char long_words[600], *realms = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		assert_ok(name_realms(good[i].words, &realms));
		assert_string_equal(realms, good[i].realms);
		free(realms);
	}
	realms = NULL;
	assert_error(name_realms("@hospital.example", &realms), ERR_INPUT);
	assert_error(name_realms("HOSPITAL\\", &realms), ERR_INPUT);
	assert_error(name_realms("a\tb", &realms), ERR_INPUT);
	assert_error(name_realms("\xff", &realms), ERR_INPUT);
	assert_null(realms);
	/* a letter that becomes four, of eight octets */
	for (i = 0; i < 60; i++)
		memcpy(long_words + 4 * i, "\xef\xb7\xb2 ", 4);
	long_words[4 * i] = '\0';
	assert_ok(name_realms(long_words, &realms));
	assert_int_equal(strlen(realms), 60 * 9 - 1);
	free(realms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(letters_are_folded),
	    cmocka_unit_test(kana_and_kanji_stay),
	    cmocka_unit_test(compatibility_letters_are_folded),
	    cmocka_unit_test(what_nobody_can_type_is_refused),
	    cmocka_unit_test(invalid_utf8_is_refused),
	    cmocka_unit_test(lengths_are_bounded),
	    cmocka_unit_test(every_length_of_noise),
	    cmocka_unit_test(passwords_are_nfc_and_nothing_else),
	    cmocka_unit_test(passwords_are_refused_never_cut),
	    cmocka_unit_test(realms_that_are_ours),
	    cmocka_unit_test(realms_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
