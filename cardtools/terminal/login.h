/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * login.h - the life of one login at a terminal: the card if there is one,
 * else a FIDO2 key, else password and code; the server decides, always.
 */
#ifndef SEKISHO_TERMINAL_LOGIN_H
#define SEKISHO_TERMINAL_LOGIN_H

#include "cardtools/terminal/card.h"
#include "cardtools/terminal/dialogue.h"
#include "cardtools/terminal/fido2.h"
#include "cardtools/terminal/radius.h"

struct login {
	const struct settings *settings;
	struct dialogue *dialogue;
	struct radius *radius;
	struct card *card;   /* NULL: no card is asked for here */
	struct fido2 *fido2; /* NULL: nor is a FIDO2 key */
	/* the result */
	enum frame_result result;
	char user[PACKET_STRING];	      /* whom the server accepted */
	char class_hex[2 * PACKET_CLASS + 1]; /* what names the accept */
	struct card_seen seen;
	bool with_card;
	bool by_badge; /* the name is filled in, not typed */
	bool by_fido2; /* a key was asked, or its owner would not have it so */
};

/*
 * Fills the result. An error means that the conversation broke off or that
 * something of our own failed: nobody is let in.
 */
MUST_CHECK enum error login_run(struct login *login);

#endif
