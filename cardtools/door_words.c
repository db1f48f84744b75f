/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door_words.h"

#include <stddef.h>
#include <string.h>

#include "cardtools/text.h"
#include "cardtools/words.h"

static const struct word methods[] = {
    {"", N_("nobody is identified")},
    {"card", N_("card")},
    {"card_pin", N_("card and PIN")},
    {"biometric", N_("biometrics")},
    {"uid", N_("number of a card")},
    {"code", N_("shared code")},
    {"attendant", N_("attendant")},
    {0},
};

static const struct word kinds[] = {
    {"enter", N_("came in")},
    {"leave", N_("went out")},
    {"opened", N_("door opened")},
    {"closed", N_("door closed")},
    {"forced", N_("door forced")},
    {"held", N_("door held open")},
    {"duress", N_("duress")},
    {"passback", N_("came in twice")},
    {"fire", N_("fire alarm")},
    {"fire_over", N_("fire alarm over")},
    {"denied", N_("not let in")},
    {"unknown", N_("unknown event")},
    {0},
};

static const struct word whys[] = {
    /* of a presence */
    {"offline", N_("let in by the door's list, without a server")},
    {"by_hand", N_("entered by hand, which is never a factor")},
    {"late", N_("the entry was told too late")},
    {"card_ended", N_("the card that opened the door has ended")},
    {"door_removed", N_("the door was removed")},
    {"not_by_reader", N_("the door's own reader did not tell of it")},
    {"told_after_exit", N_("told by a second source, after the exit")},
    {"no_factor", N_("how the door identifies is no factor")},
    {"not_opened", N_("the door was not opened")},
    {"not_single_file",
	N_("the door does not let one person through at a time")},
    {"expired", N_("the shift is over")},
    {"cleared", N_("cleared for the night")},
    {"source_silent", N_("the source is silent")},
    {"zone_alarm", N_("an alarm stands in the zone")},
    /* of an event */
    {"event_malformed", N_("malformed")},
    {"kind_unknown", N_("kind of event unknown")},
    {"not_mapped", N_("the source could not tell what it means")},
    {"door_unknown", N_("door unknown")},
    {"reader_unknown", N_("a door asks for a reader that it has not")},
    {"person_unknown", N_("person unknown")},
    {"from_the_future", N_("later than now; look at the clocks")},
    {"sequence", N_("its number came before")},
    {"door_method_other", N_("the door's side is recorded as another kind")},
    {"not_listed", N_("no list of the door can have let it in")},
    {0},
};

static const char *
or_key(const struct word *table, const char *key)
{
	const char *text = look_up(table, key);

	return text != NULL ? text : key;
}

const char *
door_method_words(const char *method)
{
	return or_key(methods, method);
}

const char *
door_kind_words(const char *kind)
{
	return or_key(kinds, kind);
}

const char *
door_why_words(const char *why)
{
	return or_key(whys, why);
}

const char *
door_method_key(const char *option)
{
	if (option == NULL)
		return NULL;
	return strcmp(option, "none") == 0 ? "" : option;
}
