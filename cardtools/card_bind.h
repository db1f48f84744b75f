/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card_bind.h - a card that somebody else issued becomes a person's here. */
#ifndef SEKISHO_CARDTOOLS_CARD_BIND_H
#define SEKISHO_CARDTOOLS_CARD_BIND_H

#include "cardtools/command.h"

enum status card_bind(struct call *call);

#endif
