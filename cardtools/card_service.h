/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card_service.h - a card in use comes back to the desk. */
#ifndef SEKISHO_CARDTOOLS_CARD_SERVICE_H
#define SEKISHO_CARDTOOLS_CARD_SERVICE_H

#include "cardtools/command.h"

enum status card_unblock(struct call *call);
enum status card_pin_change(struct call *call);
enum status card_renew(struct call *call);

#endif
