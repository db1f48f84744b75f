/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slot.h - waits for a card at one reader. Readers are known by a part of
 * their name: pcscd counts them anew when they are plugged in again.
 */
#ifndef SEKISHO_DOOR_SLOT_H
#define SEKISHO_DOOR_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"

enum { SLOT_NAME = 128 };

/*
 * Until there is a card (or, not present, none any more), at the longest
 * until a moment of clock_ms. ERR_TIMEOUT: nothing changed. ERR_NOTFOUND: no
 * such reader, or several; ERR_CLOSED: no pcscd. Those two come at once. A
 * reader that is gone has no card. ret_reader: its name in full, with
 * ERR_OK and present.
 */
MUST_CHECK enum error slot_wait(
    const char *match, bool present, int64_t until, char ret_reader[SLOT_NAME]);

#endif
