/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h - what pam_sekisho and its helpers say to each other over a
 * SOCK_SEQPACKET pair: one packet is one frame of a kind and a few fields.
 * Needs nothing but libc: it is part of a module in other people's programs.
 *
 * Octets: 'S' 'T', version 1, kind, then each field behind its length in two
 * octets (big-endian). docs/protocol.md, "The terminal", lists the kinds.
 */
#ifndef SEKISHO_TERMINAL_FRAME_H
#define SEKISHO_TERMINAL_FRAME_H

#include <stddef.h>

#include "common/base/error.h"

enum { FRAME_MAX = 8192, FRAME_FIELDS = 20 };

enum frame_kind {
	/* pam_sekisho to the login helper */
	FRAME_START = 1, /* service, user, rhost, language, flags: 1
			    acknowledge, c change */
	FRAME_ANSWER,	 /* what was typed */
	FRAME_NOANSWER,	 /* the conversation failed */
	/* the login helper to pam_sekisho */
	FRAME_INFO = 16, /* a line to show */
	FRAME_ERROR,	 /* the same, as an error */
	FRAME_ASK,	 /* "1" if the answer may be seen, the question */
	FRAME_ASK_USER,	 /* who logs in? */
	FRAME_LOG,	 /* "0" error, "1" warning, "2" information; a line */
	FRAME_ALIVE,	 /* still at it */
	FRAME_DONE,	 /* result, user, reader, key id and Class in
			    hexadecimal */
	/* the login helper to the card helper, and back */
	FRAME_LOOK = 32, /* milliseconds to wait for a card; "1": the whole of
			    it, "0": whether it has a PIN will do */
	FRAME_SIGN,	 /* reader, PIN, server id, client id, purpose, login,
			    challenge, key id that was seen, events */
	FRAME_CARD,	 /* outcome, reader, login, tries, key id in
			    hexadecimal, why, number in hexadecimal, events */
	FRAME_SIGNED,	 /* outcome, tries, key id, scheme, signature, why, end
			    of the certificate, in days since 1970 */
	FRAME_PROVE,	 /* reader, PIN, server id, client id, login, challenge,
			    one-time key, key id of 9A */
	FRAME_PROVEN,	 /* outcome, proofs of all the card's keys, why */
	FRAME_WRITE,	 /* reader, management key, then slot and certificate,
			    once or twice */
	FRAME_WRITTEN,	 /* outcome, why */
	/* the login helper to the FIDO2 helper, and back */
	FRAME_KEY_LOOK = 40, /* relying party's id, Sekisho-Credentials; both
				empty: is there any key? */
	FRAME_KEY_SEEN,	     /* outcome, how many keys there are, why; then of
				each that can answer: path, credential id, "0"
				it verifies nobody, "1" by a PIN, "2" by a
				fingerprint, tries */
	FRAME_KEY_CHOOSE,    /* paths */
	FRAME_KEY_CHOSEN,    /* outcome, which of them was touched, why */
	FRAME_KEY_ASSERT,    /* server id, client id, purpose, login, challenge,
				relying party's id, PIN; then of each key: path,
				credential id, "0" no verification, "1" by the
				PIN, "2" by its own means */
	FRAME_KEY_SIGNED,    /* outcome, tries, why, credential id,
				authenticatorData, signature */
	/* to the watcher, and back */
	FRAME_WATCH = 48, /* user, reader ("" without a card), key id */
	FRAME_WATCHING,
	FRAME_LOCK,   /* the server ends the session; a number */
	FRAME_LOCKED, /* "1": done, "0": it could not be; that number */
	FRAME_OVER,   /* the session is over; closing without it is not */
	/* pam_sekisho to the session helper; FRAME_WATCHING is the answer */
	FRAME_SESSION = 64, /* user, reader, key id, Class in hexadecimal,
			       remote host */
	/* sekisho-disconnect to the session helper, and back */
	FRAME_END,   /* user, "" if the server did not name one */
	FRAME_ENDED, /* as FRAME_LOCKED; "2": not that session */
	/* the login helper to session helpers, and from there to the watcher */
	FRAME_AGAIN, /* user and Class of a new accept */
};

/* With FRAME_DONE. All but RESULT_ACCEPT let nobody in. */
enum frame_result {
	RESULT_ACCEPT,
	RESULT_REFUSED,
	RESULT_UNAVAILABLE, /* silence, or nothing could be decided */
	RESULT_ABANDONED,   /* nobody answered the questions */
	RESULT_MAX = RESULT_ABANDONED,
	RESULT_NONE, /* not sent: nothing is decided yet */
};

struct field {
	size_t len;
	const unsigned char *bytes; /* into the frame's own octets */
};

struct frame {
	enum frame_kind kind;
	size_t n;
	struct field field[FRAME_FIELDS];
	size_t len;
	unsigned char octets[FRAME_MAX];
};

void frame_begin(struct frame *frame, enum frame_kind kind);

/* What does not fit makes frame_send fail; nothing is cut. */
void frame_put(struct frame *frame, const void *bytes, size_t len);
void frame_put_text(struct frame *frame, const char *text);

/* Sends and wipes. ERR_INPUT, ERR_TIMEOUT, ERR_CLOSED or ERR_SYSTEM. */
MUST_CHECK enum error frame_send(int fd, struct frame *frame, int timeout_ms);

/* Waits for one frame; timeout_ms < 0 waits for ever. */
MUST_CHECK enum error frame_receive(
    int fd, int timeout_ms, struct frame *ret_frame);

/* What frame_receive does with the len octets in frame. */
MUST_CHECK enum error frame_decode(struct frame *frame, size_t len);

/*
 * Field i as text: "" where the frame has no such field. ERR_INPUT for a NUL
 * in it or more than size - 1 octets.
 */
MUST_CHECK enum error frame_text(
    const struct frame *frame, size_t i, char *ret_text, size_t size);

/* Field i as a number from 0 to max, written in decimal digits. */
MUST_CHECK enum error frame_number(
    const struct frame *frame, size_t i, unsigned max, unsigned *ret_number);

void frame_wipe(struct frame *frame);

#endif
