/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resume.h - a TLS session that is taken up again (RFC 5077, RFC 8446 2.2): the
 * tunnel is opened without anybody saying anything in it, so what carried it
 * is looked at once more.
 */
#ifndef SEKISHO_AUTHD_RESUME_H
#define SEKISHO_AUTHD_RESUME_H

#include "authd/worker.h"
#include "common/wire/message.h"

/* Accepts on the strength of an accept before, or refuses. */
MUST_CHECK enum error resume_answer(struct worker *w,
    const Sekisho__AuthRequest *request, Sekisho__AuthReply *ret_reply);

#endif
