/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * renewal.h - the holder of a card renews it at a terminal. The worker carries
 * challenge, proof and answer; who believes the proof is the clerk, and what
 * comes back opens nowhere but there.
 */
#ifndef SEKISHO_AUTHD_RENEWAL_H
#define SEKISHO_AUTHD_RENEWAL_H

#include "authd/worker.h"
#include "common/wire/message.h"

MUST_CHECK enum error renewal_answer(struct worker *w,
    const Sekisho__AuthRequest *request, Sekisho__AuthReply *ret_reply);

#endif
