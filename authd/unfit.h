/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unfit.h - why a request cannot be evaluated at all, before anything is spent
 * on it. */
#ifndef SEKISHO_AUTHD_UNFIT_H
#define SEKISHO_AUTHD_UNFIT_H

#include "authd/attempt.h"

/* True, with the reason, for one that is refused as it stands. */
bool unfit(const struct attempt *a, enum reason *ret_reason);

#endif
