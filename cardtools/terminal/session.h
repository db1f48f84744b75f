/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - one session at a terminal after its login: the server is told
 * of it (RFC 2866), and may end it (RFC 5176) by the watcher's action.
 */
#ifndef SEKISHO_TERMINAL_SESSION_H
#define SEKISHO_TERMINAL_SESSION_H

#include "cardtools/terminal/card.h"
#include "cardtools/terminal/frame.h"
#include "cardtools/terminal/radius.h"
#include "cardtools/terminal/session_id.h"

enum {
	SESSION_CAUSE_USER = 1, /* RFC 2866 5.10 */
	SESSION_CAUSE_ADMIN = 6,
	SESSION_CAUSE_REBOOT = 7, /* or whatever else ends our processes */
};

struct session {
	const struct settings *settings;
	struct radius *radius;
	/* from pam_sekisho */
	char user[PACKET_STRING];
	char reader[CARD_READER];
	char key_id[CARD_KEY_HEX];
	char rhost[PACKET_STRING];
	size_t class_len;
	unsigned char class_octets[PACKET_CLASS];
	/* ours */
	char id[SESSION_ID];
	int64_t begun_ms;	/* clock_ms */
	int pam, watch, listen; /* descriptors; -1: none */
	int signals;		/* signalfd: we are told to end */
	char path[108];		/* of listen */
	bool started, over;	/* told and acknowledged */
	bool ended;		/* by the server: the screen is locked */
	int64_t ended_ms;	/* since then */
	unsigned order;		/* number of the last FRAME_LOCK */
	unsigned first_order;	/* older ones do not count any more */
	int64_t next_ms;	/* when to tell again */
	int backoff_ms;
};

/* Makes the socket by which Disconnects find the session. */
MUST_CHECK enum error session_listen(struct session *session);

/*
 * Somebody was accepted at this terminal, and may be about to unlock a session
 * of his that the server had ended: that goes on as another one. Sent to all
 * sessions, and not waited for.
 */
void session_again(
    const struct settings *settings, const char *user, const char *class_hex);

/* The watcher is told that all is over, and ends without locking. */
void session_dismiss(struct session *session);

/*
 * Until pam_sekisho closes its end or a signal comes; then until the server
 * knows, after a signal for 10 seconds at most.
 */
void session_run(struct session *session);

#endif
