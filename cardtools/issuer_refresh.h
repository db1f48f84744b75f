/* SPDX-License-Identifier: GPL-2.0-or-later */
/* issuer_refresh.h - asks other issuers what they have revoked. */
#ifndef SEKISHO_CARDTOOLS_ISSUER_REFRESH_H
#define SEKISHO_CARDTOOLS_ISSUER_REFRESH_H

#include "cardtools/command.h"

/* The verb. What could not be asked makes it STATUS_UNREACHED. */
enum status issuer_refresh(struct call *call);

#endif
