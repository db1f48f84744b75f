/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_card.c - what can be done with a card. */
#include "cardtools/card_issue.h"
#include "cardtools/card_life.h"
#include "cardtools/nouns.h"
#include "cardtools/text.h"

#define READER_OPTION                                                       \
	{                                                                   \
		.name = "reader", .kind = OPTION_TEXT, .value = "NAME",     \
		.max = 128,                                                 \
		.help =                                                     \
		    N_("part of the reader's name, if several have a card") \
	}
#define VERBOSE_OPTION                                    \
	{                                                 \
		.name = "verbose", .kind = OPTION_FLAG,   \
		.help = N_("say how long each step took") \
	}
#define NUMBER_OPTION                                                     \
	{                                                                 \
		.name = "number", .kind = OPTION_TEXT, .value = "NUMBER", \
		.max = 64, .help = N_("what is printed on the card")      \
	}
#define ALGORITHM_OPTION                                    \
	{                                                   \
		.name = "algorithm", .kind = OPTION_CHOICE, \
		.choices = "p256|p384|rsa2048",             \
		.help = N_("of its keys; p256 if left out") \
	}
#define WHY_OPTION                                                   \
	{                                                            \
		.name = "why", .kind = OPTION_TEXT, .value = "TEXT", \
		.help = N_("the reason, for the audit")              \
	}
#define PROOF_OPTION                                                \
	{                                                           \
		.name = "identity-proof", .kind = OPTION_TEXT,      \
		.value = "TEXT",                                    \
		.help = N_("how the holder's identity was checked") \
	}

static const struct option issue_options[] = {
    NUMBER_OPTION, READER_OPTION, ALGORITHM_OPTION, VERBOSE_OPTION, {0}};
static const struct option why_options[] = {WHY_OPTION, {0}};
static const struct option proof_options[] = {PROOF_OPTION, {0}};

static const struct option list_options[] = {
    {.name = "login",
	.kind = OPTION_LOGIN,
	.value = "LOGIN",
	.help = N_("one person's, ended ones too")},
    {.name = "state",
	.kind = OPTION_CHOICE,
	.choices = "new|prepared|active|suspended|lost|revoked|returned|"
		   "expired|all",
	.help = N_("only those in this state")},
    {.name = "expires-within",
	.kind = OPTION_TEXT,
	.value = "DAYS",
	.max = 8,
	.help = N_("certificates that end soon: 90d")},
    {0},
};

const struct verb card_verbs[] = {
    {"issue", "LOGIN", card_issue, issue_options,
	N_("make a blank PIV card somebody's"),
	N_("The holder chooses the PIN, asked for twice on a terminal and read "
	   "once from\nstandard input else. The keys are made in the card. Its "
	   "PUK and management key\nbecome random ones and go into escrow "
	   "first. If anything interrupts, run the same\ncommand again: the "
	   "card counts only when the server has checked its keys.\n\n"
	   "  card-admin card issue suzuki --number 00417\n"
	   "  card-admin card issue suzuki --reader Desktop --algorithm "
	   "p384")},
    {"lost", "CARD", card_lost, why_options,
	N_("a card is lost: let it not count from this moment"),
	N_("CARD is the printed number, the beginning of the id, or the login "
	   "if there is\nonly one it can mean. After the days that the setting "
	   "card.lost_days says the\ncard is revoked for good.\n\n"
	   "  card-admin card lost suzuki --why \"left in the train\"")},
    {"found", "CARD", card_found, proof_options,
	N_("a lost card is back: let it count again"),
	N_("Whoever brings it must have shown who they are.\n\n"
	   "  card-admin card found 00417 --identity-proof \"driving licence, "
	   "seen by Sato\"")},
    {"suspend", "CARD", card_suspend, why_options,
	N_("let a card not count, for now"), NULL},
    {"resume", "CARD", card_resume, why_options,
	N_("let a suspended card count again"), NULL},
    {"revoke", "CARD", card_revoke, why_options,
	N_("end a card for good, with its certificates"), NULL},
    {"return", "CARD", card_return, why_options,
	N_("end a card that was given back; it can be issued again"), NULL},
    {"list", "", card_list, list_options, N_("list cards"),
	N_("Ended ones are left out unless asked for.\n\n"
	   "  card-admin card list --expires-within 90d\n"
	   "  card-admin card list --state lost")},
    {"show", "CARD", card_show, NULL,
	N_("all about a card: by printed number, id or login"), NULL},
    {"inventory", "", card_inventory, NULL,
	N_("count cards by state, and what wants attention"), NULL},
    {0},
};
