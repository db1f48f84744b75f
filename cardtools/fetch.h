/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetch.h - one question over HTTP, bounded in size and time. The only file
 * that knows libcurl. What comes back is believed nowhere: whoever asks
 * verifies its signature.
 */
#ifndef SEKISHO_CARDTOOLS_FETCH_H
#define SEKISHO_CARDTOOLS_FETCH_H

#include <stddef.h>

#include "common/base/error.h"

struct fetch; /* keeps its connection between questions */

struct fetch_question {
	const char *url;  /* http or https, nothing else */
	const char *type; /* of the body, which is POSTed; NULL: GET */
	const void *body;
	size_t len;
	size_t max;   /* octets of the answer */
	long seconds; /* for all of it */
};

MUST_CHECK enum error fetch_new(struct fetch **ret_fetch);
void fetch_free(struct fetch **fetch);

/*
 * ERR_INPUT for an address of another kind (also behind a redirection),
 * ERR_BUSY for an answer above max, ERR_TIMEOUT, ERR_DENIED if the server has
 * no such thing, ERR_CLOSED if it cannot be reached. A GET follows three
 * redirections, never from https to http; a POST none. A NUL follows the
 * octets; caller frees.
 */
MUST_CHECK enum error fetch(struct fetch *fetch,
    const struct fetch_question *question, unsigned char **ret_octets,
    size_t *ret_len);

/* What the last question failed for, in English. */
const char *fetch_why(const struct fetch *fetch);

#endif
