/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/first.h"

#include <string.h>

bool
first_barred(const struct first_ground *ground, enum first_word *ret_word)
{
	if (!ground->person_found)
		*ret_word = FIRST_UNKNOWN_PERSON;
	else if (!ground->person_usable)
		*ret_word = FIRST_PERSON_UNUSABLE;
	else if (!ground->has_password)
		*ret_word = FIRST_NO_PASSWORD;
	else if (ground->with_card)
		*ret_word = FIRST_WITH_CARD;
	else if ((ground->methods & METHOD_PASSWORD) == 0)
		*ret_word = FIRST_NOT_COUNTED;
	else
		return false;
	return true;
}

/* By what the last piece of evidence is. */
static enum first_word
accepted(const struct evidence *last)
{
	if (last->method == METHOD_DOOR)
		return FIRST_DOOR;
	return last->earlier != 0 ? FIRST_EARLIER : FIRST_TWO_FACTORS;
}

enum first_word
first_decide(const struct first_ground *ground, struct evidence *evidence,
    size_t *n, struct decision *ret_decision)
{
	const size_t given = *n;

	if (ground->must_change) {
		*ret_decision = (struct decision){VERDICT_REFUSE, 0, 0};
		return FIRST_MUST_CHANGE;
	}
	/* The entry first: it is newer, and says where the person is. */
	if (*n == 1 && ground->door.event != 0)
		evidence[(*n)++] = ground->door;
	else if (*n == 1 && ground->earlier.earlier != 0)
		evidence[(*n)++] = ground->earlier;
	*ret_decision = decide(PURPOSE_LOGIN, ground->methods,
	    ground->available, evidence, *n, ground->now);
	switch (ret_decision->verdict) {
	case VERDICT_ACCEPT:
		return accepted(&evidence[*n - 1]);
	case VERDICT_ASK:
	case VERDICT_REFUSE:
		break;
	}
	*n = given; /* it carries nothing: the next round must not see it */
	if (ret_decision->verdict == VERDICT_ASK)
		return FIRST_ASK;
	if (ground->door_fault != FIRST_WORDS)
		return ground->door_fault;
	return ground->door_counts ? FIRST_NO_PRESENCE : FIRST_NO_SECOND_FACTOR;
}

const char *
first_text(enum first_word word)
{
	switch (word) {
	case FIRST_TWO_FACTORS:
		return "two_factors";
	case FIRST_DOOR:
		return "door_and_terminal";
	case FIRST_EARLIER:
		return "proven_here_before";
	case FIRST_ASK:
		return "first_factor";
	case FIRST_UNKNOWN_PERSON:
		return "unknown_person";
	case FIRST_PERSON_UNUSABLE:
		return "person_unusable";
	case FIRST_NO_PASSWORD:
		return "no_password";
	case FIRST_WITH_CARD:
		return "password_with_card";
	case FIRST_NOT_COUNTED:
		return "method_not_counted";
	case FIRST_MUST_CHANGE:
		return "password_must_change";
	case FIRST_NO_PRESENCE:
		return "no_presence";
	case FIRST_DOOR_IN_USE:
		return "presence_in_use";
	case FIRST_DOOR_SHORT:
		return "password_too_short_for_door";
	case FIRST_NO_SECOND_FACTOR:
		return "no_second_factor";
	case FIRST_WORDS:
		break;
	}
	return "unknown";
}

enum first_word
first_from_text(const char *text)
{
	enum first_word w;

	for (w = 0; w < FIRST_WORDS; w++) {
		if (strcmp(text, first_text(w)) == 0)
			return w;
	}
	return FIRST_WORDS;
}
