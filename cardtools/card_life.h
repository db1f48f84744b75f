/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card_life.h - what happens to cards without the card itself. */
#ifndef SEKISHO_CARDTOOLS_CARD_LIFE_H
#define SEKISHO_CARDTOOLS_CARD_LIFE_H

#include "cardtools/command.h"

enum status card_lost(struct call *call);
enum status card_found(struct call *call);
enum status card_suspend(struct call *call);
enum status card_resume(struct call *call);
enum status card_revoke(struct call *call);
enum status card_return(struct call *call);
enum status card_list(struct call *call);
enum status card_show(struct call *call);
enum status card_inventory(struct call *call);

#endif
