/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request.h - what came, bounded and made canonical; nothing of it is trusted
 * yet. */
#ifndef SEKISHO_AUTHD_REQUEST_H
#define SEKISHO_AUTHD_REQUEST_H

#include "authd/attempt.h"

/* Fills in of the attempt what follows from its request alone, and from the
 * characters in which its client writes. */
MUST_CHECK enum error request_take(struct attempt *a);

#endif
