/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resume.h - an EAP accept that authd has not decided in this very packet:
 * FreeRADIUS took up a TLS session again, or ends PEAP a round after the
 * login. Nobody gets in on FreeRADIUS's word alone.
 */
#ifndef SEKISHO_RADIUS_RESUME_H
#define SEKISHO_RADIUS_RESUME_H

#include "radius-plugin/instance.h"
#include "radius-plugin/server.h"
#include "radius-plugin/translate.h"

/* authd has accepted in this packet, whether or not inside a tunnel. */
void resume_decided(struct instance *inst, REQUEST *request);

/*
 * Asks authd if it has not, and makes of the accept what it says. An error
 * means silence.
 */
MUST_CHECK enum error resume_check(struct instance *inst, REQUEST *request);

#endif
