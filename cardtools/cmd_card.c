/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_card.c - what can be done with a card. */
#include "cardtools/card_bind.h"
#include "cardtools/card_escrow.h"
#include "cardtools/card_import.h"
#include "cardtools/card_issue.h"
#include "cardtools/card_life.h"
#include "cardtools/card_service.h"
#include "cardtools/card_stock.h"
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
static const struct option replace_options[] = {NUMBER_OPTION, READER_OPTION,
    ALGORITHM_OPTION, VERBOSE_OPTION, WHY_OPTION, {0}};
static const struct option renew_options[] = {
    READER_OPTION, ALGORITHM_OPTION, VERBOSE_OPTION, {0}};
static const struct option unblock_options[] = {
    PROOF_OPTION, READER_OPTION, VERBOSE_OPTION, {0}};
static const struct option reader_options[] = {
    READER_OPTION, VERBOSE_OPTION, {0}};
static const struct option prepare_options[] = {
    {.name = "count",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 1000,
	.help = N_("so many, one after the other in the same reader")},
    NUMBER_OPTION, READER_OPTION, ALGORITHM_OPTION, VERBOSE_OPTION, {0}};
static const struct option temporary_options[] = {
    {.name = "until",
	.kind = OPTION_UNTIL,
	.value = "TIME",
	.help = N_("when it ends: \"2027-03-31 09:00\"")},
    PROOF_OPTION, READER_OPTION, VERBOSE_OPTION, {0}};
static const struct option bind_options[] = {
    {.name = "module",
	.kind = OPTION_FILE,
	.value = "PATH",
	.help = N_("PKCS#11 module; as configured, or OpenSC's")},
    {.name = "object",
	.kind = OPTION_TEXT,
	.value = "ID",
	.max = 16,
	.help = N_("which certificate, if the card has several")},
    {.name = "issuer",
	.kind = OPTION_TEXT,
	.value = "NAME",
	.max = 64,
	.help = N_("who certified it, from “issuer list”; none: a bare key")},
    {.name = "acceptance",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 500,
	.help = N_("of a bare key: who accepts it, and why")},
    NUMBER_OPTION, READER_OPTION, {0}};
static const struct option import_options[] = {
    {.name = "dry-run",
	.kind = OPTION_FLAG,
	.help = N_("only say what would be done")},
    {0}};
static const struct option review_options[] = {
    {.name = "seen",
	.kind = OPTION_NUMBER,
	.value = "LINE",
	.min = 1,
	.max = 1000000000000,
	.help = N_("everything up to this line has been looked at")},
    {0}};
static const struct option why_options[] = {WHY_OPTION, {0}};
static const struct option proof_options[] = {PROOF_OPTION, {0}};

static const struct option escrow_options[] = {
    {.name = "secret",
	.kind = OPTION_CHOICE,
	.choices = "puk|management",
	.help = N_("which; puk if left out")},
    WHY_OPTION, {0}};

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
    {"replace", "LOGIN", card_replace, replace_options,
	N_("issue a new card; when it counts, the person's others end"),
	N_("As issue, and run again in the same way after an "
	   "interruption.\n\n"
	   "  card-admin card replace suzuki --number 00611 --why worn")},
    {"renew", "LOGIN", card_renew, renew_options,
	N_("new keys and certificates in a card before the old end"),
	N_("Asks for the PIN. From the first new certificate to the proof, a "
	   "second or two,\nthe card does not count; if anything interrupts, "
	   "run the same command again.")},
    {"bind", "LOGIN", card_bind, bind_options,
	N_("let a card that somebody else issued be a person's here"),
	N_("Asks for its PIN. The card is known by its public key, and signs "
	   "to prove it. Its\nPIN counts as knowledge only where it was seen "
	   "that the card asks for it. With\n--issuer the server checks the "
	   "certificate against that issuer and its CRL. A\nbare key (JPKI) is "
	   "revoked "
	   "by us alone: say with --acceptance who accepts that. It\ncounts "
	   "for a "
	   "year; bind it again to renew it.\n\n"
	   "  card-admin card bind suzuki --object 01 --acceptance \"CISO "
	   "Tanaka\"\n"
	   "  card-admin card bind suzuki --module /usr/lib/vendor-pkcs11.so")},
    {"prepare", "", card_prepare, prepare_options,
	N_("make blank cards ready for the stock"),
	N_("Prepared cards are nobody's and prove nothing. activate and "
	   "temporary hand them\nout in a few seconds.\n\n"
	   "  card-admin card prepare --count 20")},
    {"activate", "LOGIN", card_activate, unblock_options,
	N_("hand out a prepared card"),
	N_("The holder chooses the PIN.\n\n"
	   "  card-admin card activate suzuki --identity-proof \"passport, "
	   "seen by Sato\"")},
    {"temporary", "LOGIN", card_temporary, temporary_options,
	N_("hand out a prepared card for a shift"),
	N_("It ends at its time, or when the own card is used again.\n\n"
	   "  card-admin card temporary suzuki --until \"2027-03-31 09:00\" "
	   "\\\n"
	   "      --identity-proof \"known to Sato\"")},
    {"unblock", "LOGIN", card_unblock, unblock_options,
	N_("set a new PIN in a card whose PIN is blocked or forgotten"),
	N_("Card and holder are at the desk, and the holder has shown who they "
	   "are. The PUK\ncomes out of escrow into this process, is never "
	   "shown, and is changed afterwards.\n\n"
	   "  card-admin card unblock suzuki --identity-proof \"passport, seen "
	   "by Sato\"")},
    {"escrow", "CARD", card_escrow_ask, escrow_options,
	N_("ask for a card's PUK or management key, to be shown"),
	N_("Another officer must approve it (order approve); then “order "
	   "collect” shows the\nsecret, once. Until then the key that opens "
	   "the answer lies in a file that only\nyou can read, so collect it "
	   "with the same account on the same PC. For a holder at\nthe desk "
	   "use unblock, which needs nobody else.\n\n"
	   "  card-admin card escrow 00417 --why \"goes to the maker\"")},
    {"pin-change", "", card_pin_change, reader_options,
	N_("let the holder change the PIN"),
	N_("Asks for the PIN the card has, then for the new one; from standard "
	   "input two\nlines.")},
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
    {"import", "FILE", card_import, import_options,
	N_("take in a list of cards that will be issued"),
	N_("CSV lines: printed number, device (as “card list” shows it, such "
	   "as YubiKey\n12345678), login; an empty login is the stock. Nothing "
	   "counts before the card is\nissued or prepared; then it has its "
	   "number. One line is reported for each, and\nthe same file can be "
	   "taken in again.\n\n"
	   "  card-admin card import cards.csv --dry-run")},
    {"review", "", card_review, review_options,
	N_("what the night did that nobody has looked at yet"),
	N_("The role sekisho_night may report cards lost and found, hand out "
	   "temporary ones\nand unlock people; the day looks at each.\n\n"
	   "  card-admin card review\n"
	   "  card-admin card review --seen 4711")},
    {"inventory", "", card_inventory, NULL,
	N_("count cards by state, and what wants attention"), NULL},
    {0},
};
