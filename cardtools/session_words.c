/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/session_words.h"

#include <stdio.h>
#include <string.h>

#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"

static const struct word states[] = {
    {"open", N_("open")},
    {"ending", N_("being ended")},
    {"cannot", N_("cannot be ended")},
    {"ended", N_("over")},
    {0},
};

/* Why it is to be ended. */
static const struct word whys[] = {
    {"left_zone", N_("left the zone")},
    {"moved_zone", N_("went into another zone")},
    {"card_lost", N_("card lost")},
    {"card_ended", N_("card revoked or returned")},
    {"person_suspended", N_("person suspended")},
    {"person_left", N_("person left")},
    {"affiliation_ended", N_("affiliation ended")},
    {"station_ended", N_("the machine is retired, or its time is over")},
    {"station_changed", N_("the machine's record was changed")},
    {"session_limit", N_("more sessions than one person may have")},
    {"operator", N_("ended by an operator")},
    {0},
};

/* How it ended: Acct-Terminate-Cause, and what we found out ourselves. */
static const struct word causes[] = {
    {"user_request", N_("logged out")},
    {"lost_carrier", N_("line lost")},
    {"lost_service", N_("service lost")},
    {"idle_timeout", N_("idle too long")},
    {"session_timeout", N_("time over")},
    {"admin_reset", N_("ended by the client as it was told")},
    {"admin_reboot", N_("client restarted by its administrator")},
    {"nas_reboot", N_("client restarted")},
    {"nas_request", N_("ended by the client")},
    {"client_restart", N_("client restarted")},
    {"not_found", N_("the client has no such session")},
    {"forgotten", N_("the client told nothing more of it")},
    {"unknown", N_("for no reason that was told")},
    {0},
};

/* What the client says when it is to end it. */
static const struct word answers[] = {
    {"ack", N_("the client agreed, but does not say that it is over")},
    {"silent", N_("the client does not answer")},
    {"no_coa", N_("the client takes no Disconnects")},
    {"client_removed", N_("the client was removed")},
    {0},
};

static const char *
or_itself(const struct word *table, const char *key)
{
	const char *text = look_up(table, key);

	return text != NULL ? text : key;
}

const char *
session_state_words(const char *state)
{
	return or_itself(states, state);
}

/* "operator: TEXT" has what an operator wrote behind it. */
static const char *
why_words(const char *why)
{
	return strncmp(why, "operator: ", 10) == 0 ? why + 10
						   : or_itself(whys, why);
}

void
session_story(const json_t *session, char ret_text[SESSION_WORDS])
{
	const char *why = why_words(field(session, "end_why"));
	const char *cause = or_itself(causes, field(session, "cause"));
	const char *answer = or_itself(answers, field(session, "end_answer"));

	if (strcmp(field(session, "state"), "ended") == 0)
		(void)snprintf(ret_text, SESSION_WORDS, "%s%s%s", cause,
		    why[0] != '\0' ? ": " : "", why);
	else
		(void)snprintf(ret_text, SESSION_WORDS, "%s%s%s", why,
		    answer[0] != '\0' ? "; " : "", answer);
}
