/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card_import.h - lists: of cards that will come, and of what the night did. */
#ifndef SEKISHO_CARDTOOLS_CARD_IMPORT_H
#define SEKISHO_CARDTOOLS_CARD_IMPORT_H

#include "cardtools/command.h"

enum status card_import(struct call *call);
enum status card_review(struct call *call);

#endif
