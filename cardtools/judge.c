/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/judge.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cardtools/database.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/guess/guess.h"
#include "common/rules/password.h"

enum { NAMES = 64, PATH = 4096 };

enum status
judge_about(struct call *call, const char *login, json_t **ret_about)
{
	return database_call(
	    call, "password_about", PARAMETERS({"p_login", login}), ret_about);
}

static const char *
say_form(enum password_fault fault)
{
	switch (fault) {
	case PASSWORD_GOOD:
	case PASSWORD_SHORT:
		break;
	case PASSWORD_NOT_MIXED:
		return _("the password must mix letters, digits and symbols");
	case PASSWORD_HAS_NAME:
		return _("the password must not contain the login");
	}
	return NULL;
}

static const char *
say_guess(enum guess_fault fault)
{
	switch (fault) {
	case GUESS_LOGIN:
		return _("the password must not contain the login");
	case GUESS_NAME:
		return _("the password contains the person's name: it would "
			 "be tried first");
	case GUESS_BIRTH:
		return _("the password contains the date of birth: it would "
			 "be tried first");
	case GUESS_NUMBER:
		return _("the password contains the staff number: it would be "
			 "tried first");
	case GUESS_WORDS:
		return _("the password is easily guessed: a word, a date or a "
			 "run of keys, and little else. Two or three words "
			 "that have nothing to do with each other, with a "
			 "digit and a sign, are better");
	case GUESS_GOOD:
	case GUESS_SIMILAR:
	case GUESS_USED:
	case GUESS_FAULTS:
		break;
	}
	return NULL;
}

/* Beside the program first, so that it works from where it was built. */
static const char *
list_path(const struct call *call, char path[PATH])
{
	char self[PATH / 2];
	ssize_t n;

	if (call->conf.words[0] != '\0')
		return call->conf.words;
	n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n > 0) {
		self[n] = '\0';
		(void)snprintf(path, PATH, "%s/../words", dirname(self));
		if (access(path, R_OK) == 0)
			return path;
	}
	return SEKISHO_DATADIR "/words";
}

static enum status
judge_guess(struct call *call, const json_t *about,
    const unsigned char *password, size_t len)
{
	const json_t *names = json_object_get(about, "names"), *name;
	const char *name_of[NAMES + 1] = {NULL}, *said;
	char message[512] = "", path[PATH];
	struct guess_about guess = {.login = field(about, "login"),
	    .names = name_of,
	    .birth = field(about, "birth"),
	    .staff_number = field(about, "staff_number")};
	enum guess_fault fault = GUESS_GOOD;
	struct words *words = NULL;
	enum error err;
	size_t i;

	json_array_foreach(names, i, name)
	{
		if (i < NAMES)
			name_of[i] = json_string_value(name);
	}
	err = words_open(list_path(call, path), call->conf.house_words, &words,
	    message, sizeof message);
	if (err == ERR_OK)
		err = guess_judge(words, &guess, password, len,
		    (unsigned)json_integer_value(
			json_object_get(about, "guess_bits")),
		    &fault);
	words_close(&words);
	if (err != ERR_OK) {
		say(_("the password cannot be judged: %s"),
		    message[0] != '\0' ? message : error_text(err));
		return STATUS_UNREACHED;
	}
	if (fault == GUESS_GOOD)
		return STATUS_DONE;
	said = say_guess(fault);
	say("%s", said != NULL ? said : guess_text(fault));
	return STATUS_REFUSED;
}

enum status
judge_password(struct call *call, const json_t *about, unsigned door_chars,
    const unsigned char *password, size_t len, unsigned *ret_min_chars)
{
	const char *login = field(about, "login"), *said;
	const unsigned least =
	    (unsigned)json_integer_value(json_object_get(about, "min_chars"));
	enum password_fault fault = password_check(password, len, login, least);

	if (fault == PASSWORD_SHORT) {
		say(_("the password has fewer than %u characters, which the "
		      "rule “%s” asks for"),
		    least, field(about, "rule"));
		return STATUS_REFUSED;
	}
	said = say_form(fault);
	if (said != NULL) {
		say("%s", said);
		return STATUS_REFUSED;
	}
	*ret_min_chars = least;
	if (door_chars > least &&
	    password_check(password, len, login, door_chars) == PASSWORD_GOOD)
		*ret_min_chars = door_chars;
	return judge_guess(call, about, password, len);
}
