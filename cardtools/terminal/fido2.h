/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fido2.h - what the login sees of FIDO2 keys: it asks the FIDO2 helper, in
 * whose processes alone libfido2 speaks to a key. A key that hangs, lies or is
 * pulled out is an outcome, in time.
 */
#ifndef SEKISHO_TERMINAL_FIDO2_H
#define SEKISHO_TERMINAL_FIDO2_H

#include <sys/types.h>

#include "cardtools/terminal/packet.h"
#include "cardtools/terminal/settings.h"

enum key_outcome {
	KEY_OK,
	KEY_NONE,	 /* no key is plugged in */
	KEY_FOREIGN,	 /* none that is plugged in has such a credential */
	KEY_PIN_WRONG,	 /* see tries */
	KEY_PIN_PULL,	 /* three in a row: not before it was unplugged */
	KEY_PIN_BLOCKED, /* for good */
	KEY_FINGER_WRONG,
	KEY_FINGER_BLOCKED,
	KEY_GONE,	  /* pulled out meanwhile */
	KEY_UNTOUCHED,	  /* nobody touched it in time */
	KEY_OTHER_CLIENT, /* the challenge is not for this terminal */
	KEY_FAILED,
	KEY_OUTCOME_MAX = KEY_FAILED,
};

/* How a key knows its user. */
enum key_verifies {
	KEY_NOBODY,
	KEY_BY_PIN,
	KEY_BY_ITSELF, /* by a fingerprint */
	KEY_VERIFIES_MAX = KEY_BY_ITSELF
};

enum {
	KEYS_MAX = 4, /* that can answer; more are not asked */
	KEYS_PLUGGED = 8,
	KEY_PATH = 256,
	KEY_RP = PACKET_STRING,
	KEY_SIGNATURE = 512,
	KEY_TRIES_UNKNOWN = 99,
};

/* A key that has a credential of this person. */
struct key {
	char path[KEY_PATH];
	size_t id_len;
	unsigned char id[CREDENTIAL_MAX];
	enum key_verifies verifies;
	unsigned tries; /* PINs or fingers that may still be wrong */
};

struct keys_seen {
	enum key_outcome outcome;
	unsigned plugged; /* whatever they are */
	size_t n;
	struct key key[KEYS_MAX];
};

struct key_signed {
	enum key_outcome outcome;
	unsigned tries; /* left, after a wrong PIN or finger */
	struct signature signature;
};

struct fido2 {
	const struct settings *settings;
	pid_t pid;
	int fd;
	int watched; /* a descriptor whose closing ends the waiting; or -1 */
};

/*
 * Starts the helper; conf is the file it reads its own settings from, NULL
 * for the usual one. user NULL: as who calls. fido2_close ends it.
 */
MUST_CHECK enum error fido2_open(const struct settings *settings,
    const char *conf, const char *user, struct fido2 *ret_fido2);

/* How many keys are plugged in; none of them is spoken to. */
unsigned fido2_plugged(struct fido2 *fido2);

/* Which of them can answer this challenge. None is touched for that. */
void fido2_look(struct fido2 *fido2, const struct radius_reply *challenge,
    struct keys_seen *ret_seen);

/* Waits for a touch of one of the keys: that one is kept, of n. */
enum key_outcome fido2_choose(struct fido2 *fido2, struct keys_seen *seen);

/*
 * One assertion over the challenge, by whichever of the keys that were seen is
 * touched first; the others stop blinking. pin goes to keys that verify by
 * one, of which there must be no other; NULL where there is none. verify
 * false: none is asked to.
 */
void fido2_assert(struct fido2 *fido2, const struct keys_seen *seen,
    bool verify, const struct secret *pin, const struct radius_reply *challenge,
    struct key_signed *ret_signed);

void fido2_close(struct fido2 *fido2);

#endif
