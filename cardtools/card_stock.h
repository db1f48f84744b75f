/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card_stock.h - cards that are made ahead and handed out later. A prepared
 * card has its keys, random secrets in escrow, a PIN that nobody knows, and no
 * certificate: to whoever finds it, it is plastic.
 */
#ifndef SEKISHO_CARDTOOLS_CARD_STOCK_H
#define SEKISHO_CARDTOOLS_CARD_STOCK_H

#include "cardtools/command.h"

enum status card_prepare(struct call *call);
enum status card_activate(struct call *call);
enum status card_temporary(struct call *call);

#endif
