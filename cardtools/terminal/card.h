/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card.h - what others see of the card: they ask the card helper, in which
 * alone the vendor's module runs. A module that hangs, crashes or lies is
 * CARD_FAILED, in time.
 */
#ifndef SEKISHO_TERMINAL_CARD_H
#define SEKISHO_TERMINAL_CARD_H

#include <sys/types.h>

#include "cardtools/terminal/packet.h"
#include "cardtools/terminal/settings.h"
#include "common/wire/badge.h"

enum card_outcome {
	CARD_OK,
	CARD_NONE,	/* no card in any reader */
	CARD_KEYLESS,	/* a card, but nothing that can sign for a login */
	CARD_PIN_WRONG, /* see tries */
	CARD_PIN_BLOCKED,
	CARD_GONE,    /* taken out meanwhile */
	CARD_FOREIGN, /* the challenge is not for this terminal */
	CARD_FAILED,
	CARD_OUTCOME_MAX = CARD_FAILED,
};

enum { CARD_READER = 128, CARD_LOGIN = 254, CARD_KEY_HEX = 65 };

/* TRIES_UNKNOWN: only a PIV card says how many are left. */
enum { TRIES_UNKNOWN = 99, TRIES_LOW = 98 };

struct card_seen {
	enum card_outcome outcome;
	char reader[CARD_READER];
	char login[CARD_LOGIN]; /* from the certificate; "" if it has none */
	unsigned tries;
	char key_id[CARD_KEY_HEX];
	/* of a card without a key, where the settings want it; else "" */
	char badge[BADGE_HEX];
	unsigned events; /* at this reader, when it was looked at */
};

struct card_signed {
	enum card_outcome outcome;
	unsigned tries;
	unsigned last_day; /* of the certificate, since 1970; 0: not known */
	struct signature signature;
};

struct card {
	const struct settings *settings;
	pid_t pid;
	int fd;
	/* Called once for a card that takes long, if not NULL. */
	void (*slow)(void *whom);
	void *whom;
};

/*
 * Starts the helper; conf is the file it reads its own settings from, NULL
 * for the usual one. user NULL: as who calls. card_close ends it.
 */
MUST_CHECK enum error card_open(const struct settings *settings,
    const char *conf, const char *user, struct card *ret_card);

/*
 * Waits at most wait_ms for a card. Failures are outcomes. Unless whole is
 * asked for, a card that has a PIN may be taken for good without a look at
 * its certificate, which takes a second: login and key_id stay empty.
 */
void card_look(
    struct card *card, int wait_ms, bool whole, struct card_seen *ret_seen);

/*
 * PIN, then one signature over the challenge in reply, of the card that was
 * seen and no other: a PIN that is not its own would cost another a try. pin
 * NULL: of a key that signs without one.
 */
void card_sign(struct card *card, const struct card_seen *seen,
    const struct secret *pin, const struct radius_reply *challenge,
    struct card_signed *ret_signed);

/*
 * A renewal: all keys of a PIV card sign for public_key, the key that the
 * server will seal to. ERR_DENIED: the card or the helper did not; it is in
 * the log.
 */
MUST_CHECK enum error card_prove(struct card *card, const char *reader,
    const struct secret *pin, const struct radius_reply *challenge,
    struct renewal_request *renewal);

/* Certificates in place of those that are there, for the same keys. */
MUST_CHECK enum error card_write(struct card *card, const char *reader,
    const struct secret *management, const struct renewal *renewal);

void card_close(struct card *card);

#endif
