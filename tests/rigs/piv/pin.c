/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/pin.h"

#include <string.h>

#include "tests/rigs/piv/apdu.h"

enum { PIN_MAX = 64, TRIES = 3 };

int
pin_tries(const struct state *state, const char *name)
{
	return state_number(state, name, "tries", 0);
}

uint16_t
pin_check(
    struct state *state, const char *name, const uint8_t *value, size_t len)
{
	uint8_t stored[PIN_MAX];
	size_t stored_len;
	int tries = pin_tries(state, name);

	if (tries <= 0)
		return SW_BLOCKED;
	if (state_bytes(state, name, "value", stored, sizeof stored,
		&stored_len) != ERR_OK)
		return SW_FAILURE;
	if (state_put_number(state, name, "tries", tries - 1) != ERR_OK ||
	    state_save(state) != ERR_OK)
		return SW_MEMORY;
	if (len != stored_len || memcmp(value, stored, len) != 0)
		return (uint16_t)(SW_TRIES + tries - 1);
	if (state_put_number(state, name, "tries",
		state_number(state, name, "max", TRIES)) != ERR_OK ||
	    state_save(state) != ERR_OK)
		return SW_MEMORY;
	return SW_OK;
}

enum error
pin_set(struct state *state, const char *name, const uint8_t *value, size_t len)
{
	enum error err;

	if (len > PIN_MAX)
		return ERR_INPUT;
	err = state_put_bytes(state, name, "value", value, len);
	if (err == ERR_OK)
		err = pin_set_max(
		    state, name, state_number(state, name, "max", TRIES));
	return err;
}

enum error
pin_set_max(struct state *state, const char *name, int tries)
{
	enum error err = state_put_number(state, name, "max", tries);

	if (err == ERR_OK)
		err = state_put_number(state, name, "tries", tries);
	return err;
}
