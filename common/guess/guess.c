/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/guess/guess.h"

#include <math.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zxcvbn.h>

#include "common/guess/birth.h"
#include "common/guess/fold.h"

enum {
	LEAST_LATIN = 4, /* shorter names are in many good passwords */
	LEAST_OTHER = 2, /* characters of kana and kanji */
	/* zxcvbn takes the n-th word of a list for log2(n) bits: what is known
	 * of the person comes first, a word of a language is one of a thousand
	 */
	RANK = 1024,
	PERSONAL_MAX = 200,
	FOUND_MAX = 400, /* words in one password */
	KANA_BITS = 6,
	KANJI_BITS = 11,
};

struct list {
	const char *word[RANK + FOUND_MAX + 1];
	size_t n;
	char found[FOUND_MAX][WORDS_LONGEST + 1];
	size_t n_found;
};

static bool
is_latin(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

static bool
is_telling(const char *folded)
{
	return fold_chars(folded, strlen(folded)) >=
	       (is_latin(folded) ? LEAST_LATIN : LEAST_OTHER);
}

/* What people may type for a letter; each spelling of 1 in its turn. */
struct spellings {
	char as_typed[FOLD_MAX], i[FOLD_MAX], l[FOLD_MAX];
};

static bool
contains(const struct spellings *s, const char *folded)
{
	return strstr(s->as_typed, folded) != NULL ||
	       strstr(s->i, folded) != NULL || strstr(s->l, folded) != NULL;
}

static void
add_personal(struct list *list, const char *folded)
{
	if (list->n < PERSONAL_MAX && folded[0] != '\0')
		list->word[list->n++] = folded;
}

/* The digits alone, so that 1985-04-03 is found as well as 19850403. */
static void
digits_of(const char *folded, char *ret)
{
	for (; *folded != '\0'; folded++) {
		if (strchr("-/._ ", *folded) == NULL)
			*ret++ = *folded;
	}
	*ret = '\0';
}

/* A letter of an era makes five characters telling, else it takes six. */
static size_t
least_of(const char *form)
{
	return *form >= 'a' && *form <= 'z' ? 5 : 6;
}

static bool
has_birth(const char *as_typed, const struct birth_form *forms, unsigned n,
    struct list *list)
{
	char joined[FOLD_MAX];
	bool found = false;
	unsigned i;

	digits_of(as_typed, joined);
	for (i = 0; i < n; i++) {
		if (forms[i].whole &&
		    strlen(forms[i].text) >= least_of(forms[i].text))
			found = found || strstr(joined, forms[i].text) != NULL;
		add_personal(list, forms[i].text);
	}
	sodium_memzero(joined, sizeof joined);
	return found;
}

static enum guess_fault
judge_personal(const struct guess_about *about, const struct spellings *s,
    const struct birth_form *forms, unsigned n_forms, char *number,
    struct list *list)
{
	enum guess_fault fault = GUESS_GOOD;
	size_t i;

	if (about->login != NULL && about->login[0] != '\0') {
		add_personal(list, about->login);
		if (strlen(about->login) >= 3 &&
		    strstr(s->as_typed, about->login) != NULL)
			fault = GUESS_LOGIN;
	}
	for (i = 0; about->names != NULL && about->names[i] != NULL; i++) {
		add_personal(list, about->names[i]);
		if (fault == GUESS_GOOD && is_telling(about->names[i]) &&
		    contains(s, about->names[i]))
			fault = GUESS_NAME;
	}
	if (has_birth(s->as_typed, forms, n_forms, list) && fault == GUESS_GOOD)
		fault = GUESS_BIRTH;
	if (number[0] != '\0') {
		add_personal(list, number);
		if (strlen(number) >= 4 && fault == GUESS_GOOD &&
		    strstr(s->as_typed, number) != NULL)
			fault = GUESS_NUMBER;
	}
	return fault;
}

/* The words of the list that stand in the text, wherever they begin. */
static void
find_words(const struct words *words, const char *text, struct list *list)
{
	const size_t len = strlen(text);
	size_t from, n;

	for (from = 0; from < len; from++) {
		if (((unsigned char)text[from] & 0xc0) == 0x80)
			continue; /* inside a character */
		for (n = 2; n <= WORDS_LONGEST && from + n <= len; n++) {
			char *word;

			if (((unsigned char)text[from + n] & 0xc0) == 0x80 ||
			    list->n_found == FOUND_MAX ||
			    !words_have(words, text + from, n))
				continue;
			word = list->found[list->n_found++];
			memcpy(word, text + from, n);
			word[n] = '\0';
		}
	}
}

static void
end_list(struct list *list)
{
	size_t i;

	while (list->n < RANK)
		list->word[list->n++] = "\x01"; /* in no password */
	for (i = 0; i < list->n_found; i++)
		list->word[list->n++] = list->found[i];
	list->word[list->n] = NULL;
}

/*
 * zxcvbn counts octets, and what it does not know as any octet. A character
 * of kana or kanji is three of them, and says far less.
 */
static double
less_for_kana(const char *text, const ZxcMatch_t *match)
{
	double less = 0;

	for (; match != NULL; match = match->Next) {
		double bits = 0;
		int i, wide = 0, last = match->Begin + match->Length;

		if (match->Type != BRUTE_MATCH)
			continue;
		for (i = match->Begin; i < last; i++) {
			const unsigned char c = (unsigned char)text[i];

			if ((c & 0xc0) == 0x80)
				continue;
			if (c >= 0x80)
				wide++;
			bits += c == 0xe3   ? KANA_BITS
				: c >= 0x80 ? KANJI_BITS
					    : log2(95);
		}
		if (wide > 0 && match->MltEnpy > bits)
			less += match->MltEnpy - bits;
	}
	return less;
}

static double
measure(const char *text, struct list *list)
{
	ZxcMatch_t *matches = NULL;
	double bits = ZxcvbnMatch(text, list->word, &matches);

	bits -= less_for_kana(text, matches);
	ZxcvbnFreeInfo(matches);
	return bits;
}

static enum error
fold_spellings(const unsigned char *password, size_t len, struct spellings *ret)
{
	enum error err = fold(password, len, ret->as_typed);

	if (err != ERR_OK)
		return err;
	memcpy(ret->i, ret->as_typed, sizeof ret->i);
	fold_unleet(ret->i, 'i');
	memcpy(ret->l, ret->as_typed, sizeof ret->l);
	fold_unleet(ret->l, 'l');
	return ERR_OK;
}

struct judgement {
	struct spellings spelt;
	struct list list;
	struct birth_form form[BIRTH_FORMS];
	char number[FOLD_MAX], typed[FOLD_MAX];
};

static enum error
judge(struct judgement *j, const struct words *words,
    const struct guess_about *about, const unsigned char *password, size_t len,
    unsigned bits, enum guess_fault *ret_fault)
{
	unsigned n_forms = 0;
	double found, folded;
	enum error err;

	err = fold_spellings(password, len, &j->spelt);
	if (err == ERR_OK && about->staff_number != NULL)
		err = fold(about->staff_number, strlen(about->staff_number),
		    j->number);
	if (err != ERR_OK)
		return err;
	if (about->birth != NULL && about->birth[0] != '\0' &&
	    birth_forms(about->birth, j->form, &n_forms) != ERR_OK)
		n_forms = 0;
	*ret_fault = judge_personal(
	    about, &j->spelt, j->form, n_forms, j->number, &j->list);
	if (*ret_fault != GUESS_GOOD)
		return ERR_OK;
	find_words(words, j->spelt.as_typed, &j->list);
	find_words(words, j->spelt.i, &j->list);
	end_list(&j->list);
	/* as it was typed, and as it was meant */
	memcpy(j->typed, password, len);
	j->typed[len] = '\0';
	found = measure(j->typed, &j->list);
	folded = measure(j->spelt.as_typed, &j->list);
	/* what capitals and katakana add is little */
	if (folded + 3 < found)
		found = folded + 3;
	if (found < bits)
		*ret_fault = GUESS_WORDS;
	return ERR_OK;
}

enum error
guess_judge(const struct words *words, const struct guess_about *about,
    const unsigned char *password, size_t len, unsigned bits,
    enum guess_fault *ret_fault)
{
	struct judgement *j = calloc(1, sizeof *j);
	enum error err;

	if (j == NULL)
		return ERR_NOMEM;
	err = judge(j, words, about, password, len, bits, ret_fault);
	sodium_memzero(j, sizeof *j);
	free(j);
	return err;
}

const char *
guess_text(enum guess_fault fault)
{
	static const char *const texts[GUESS_FAULTS] = {"good", "login", "name",
	    "birth", "staff_number", "guessable", "similar", "used"};

	return fault < GUESS_FAULTS ? texts[fault] : "unknown";
}
