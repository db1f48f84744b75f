/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * orders_card.h - executes orders about cards and the card CA, each once.
 * docs/protocol.md, "Orders".
 */
#ifndef SEKISHO_AUTHD_ORDERS_CARD_H
#define SEKISHO_AUTHD_ORDERS_CARD_H

#include "authd/duty.h"

/*
 * Executes those that wait: with ca those for which the CA signs, else the
 * others. What fails for an inner reason stays waiting.
 */
void orders_card_execute(struct duty *duty, bool ca);

#endif
