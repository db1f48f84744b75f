/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.h - the one list of errors. Functions that can fail return it; the
 * caller that decides what to do about it logs, once.
 */
#ifndef SEKISHO_BASE_ERROR_H
#define SEKISHO_BASE_ERROR_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum error {
	ERR_OK = 0,
	ERR_NOMEM,   /* out of memory */
	ERR_INPUT,   /* malformed, too long, of an unknown version */
	ERR_CONFIG,  /* a configuration file does not say what it must */
	ERR_SYSTEM,  /* a system call failed, see errno */
	ERR_TIMEOUT, /* no answer in time */
	ERR_CLOSED,  /* the other side is gone */
	ERR_BUSY,    /* a bound was reached; nothing was done */
	ERR_DB,	     /* the database failed or is out of reach */
	ERR_DENIED,  /* refused by a rule */
	ERR_NOTFOUND,
	ERR_CRYPTO,   /* a box did not open, a key does not fit */
	ERR_MISMATCH, /* a proof is well formed, and wrong */
};

/* A short English text, never NULL, for logs. */
const char *error_text(enum error err);

#endif
