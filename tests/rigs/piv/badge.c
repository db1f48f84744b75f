/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/badge.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hex.h"

enum { NUMBER_MAX = 10, CLA_READER = 0xff, INS_GET_DATA = 0xca };

/* PC/SC part 3, 3.1.3.2.3.1: FeliCa at 212 kbit/s */
static const uint8_t atr[] = {0x3b, 0x8f, 0x80, 0x01, 0x80, 0x4f, 0x0c, 0xa0,
    0x00, 0x00, 0x03, 0x06, 0x11, 0x00, 0x3b, 0x00, 0x00, 0x00, 0x00, 0x42};

struct badge {
	size_t len;
	uint8_t number[NUMBER_MAX];
};

static void
reset(void *self)
{
	(void)self; /* there is nothing to forget */
}

static uint16_t
run(void *self, const struct apdu *apdu, struct reply *reply)
{
	const struct badge *badge = self;

	if (apdu->cla != CLA_READER)
		return SW_CLA;
	if (apdu->ins != INS_GET_DATA)
		return SW_INS;
	if (apdu->p1 != 0 || apdu->p2 != 0)
		return SW_FUNCTION; /* an ATS is what other cards have */
	buf_put(&reply->data, badge->number, badge->len);
	return SW_OK;
}

static bool
signs(void *self, const struct apdu *apdu)
{
	(void)self;
	(void)apdu;
	return false;
}

static void
count(void *self, json_t *object)
{
	(void)self;
	(void)object;
}

enum error
badge_open(struct state *state, struct applet *ret_applet)
{
	struct badge *badge = calloc(1, sizeof *badge);
	enum error err;

	if (badge == NULL)
		return ERR_NOMEM;
	err = state_bytes(state, "badge", "number", badge->number,
	    sizeof badge->number, &badge->len);
	if (err != ERR_OK) {
		free(badge);
		return err;
	}
	*ret_applet = (struct applet){.kind = "badge",
	    .atr = atr,
	    .atr_len = sizeof atr,
	    .reset = reset,
	    .run = run,
	    .signs = signs,
	    .count = count,
	    .free = free,
	    .self = badge};
	return ERR_OK;
}

enum error
badge_create(struct state *state, const char *number)
{
	uint8_t bytes[NUMBER_MAX];
	size_t len;
	enum error err;

	if (number == NULL)
		number = "012e4c119a0733f0";
	err = hex_decode(number, strlen(number), bytes, sizeof bytes, &len);
	return err == ERR_OK
		   ? state_put_bytes(state, "badge", "number", bytes, len)
		   : err;
}
