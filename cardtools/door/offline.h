/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offline.h - a card at a reader while no server answers: in the list, or not.
 */
#ifndef SEKISHO_DOOR_OFFLINE_H
#define SEKISHO_DOOR_OFFLINE_H

#include "cardtools/door/doorcard.h"
#include "cardtools/door/entry.h"

/* Asks for a new list, if one is wanted and due: from a server that answers. */
void offline_refresh(struct reader *reader);

/* The server has said that this reader has none; it is asked for again. */
void offline_forget(struct reader *reader);

/*
 * The card signs a challenge of our own, in the name of this client and reader.
 * ERR_OK: it may pass, and history has it. ERR_DENIED: it is in no list.
 */
MUST_CHECK enum error offline_judge(
    struct reader *reader, struct doorcard *card);

#endif
