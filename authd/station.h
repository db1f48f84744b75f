/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * station.h - machines that come in alone: by their MAC address (guideline
 * C.16) or by a certificate of their own (D.6). Neither is a factor of
 * anybody's, so nothing here is a login; the record says what may be reached.
 */
#ifndef SEKISHO_AUTHD_STATION_H
#define SEKISHO_AUTHD_STATION_H

#include "authd/worker.h"
#include "common/wire/message.h"

/*
 * Answers if it is a machine that asks by its address, as switches and access
 * points do for those that cannot speak 802.1X: Service-Type Call-Check, or
 * the address as name and password (RFC 2865 5.6, and common practice).
 */
MUST_CHECK enum error station_answer(struct worker *w,
    const Sekisho__AuthRequest *request, bool *ret_answered,
    Sekisho__AuthReply *ret_reply);

/* By a certificate that FreeRADIUS has verified and we have a record of. */
MUST_CHECK enum error station_certified(struct worker *w,
    const Sekisho__AuthRequest *request, const char *certificate,
    Sekisho__AuthReply *ret_reply);

#endif
