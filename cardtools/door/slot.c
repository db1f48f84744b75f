/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/slot.h"

#include <string.h>
#include <winscard.h>

#include "common/base/clock.h"

enum { NAMES_MAX = 4096 };

/* The one reader that is meant. */
static enum error
find(SCARDCONTEXT context, const char *match, char ret_reader[SLOT_NAME])
{
	char names[NAMES_MAX];
	DWORD size = sizeof names;
	const char *name;
	int found = 0;
	LONG rv;

	rv = SCardListReaders(context, NULL, names, &size);
	if (rv == SCARD_E_NO_READERS_AVAILABLE)
		return ERR_NOTFOUND;
	if (rv != SCARD_S_SUCCESS)
		return ERR_CLOSED;
	names[sizeof names - 1] = '\0';
	for (name = names; name < names + size && *name != '\0';
	     name += strlen(name) + 1) {
		size_t len = strlen(name);

		if (strstr(name, match) == NULL || len >= SLOT_NAME)
			continue;
		memcpy(ret_reader, name, len + 1);
		found++;
	}
	return found == 1 ? ERR_OK : ERR_NOTFOUND;
}

static bool
has_card(const SCARD_READERSTATE *state)
{
	return (state->dwEventState & SCARD_STATE_PRESENT) != 0 &&
	       (state->dwEventState & SCARD_STATE_MUTE) == 0;
}

static enum error
wait_change(
    SCARDCONTEXT context, const char *reader, bool present, int64_t until)
{
	SCARD_READERSTATE state = {
	    .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE};
	int64_t left = 0;
	LONG rv;

	for (;;) {
		rv = SCardGetStatusChange(context, (DWORD)left, &state, 1);
		if (rv == SCARD_E_UNKNOWN_READER ||
		    rv == SCARD_E_READER_UNAVAILABLE)
			return present ? ERR_NOTFOUND : ERR_OK;
		if (rv != SCARD_S_SUCCESS && rv != SCARD_E_TIMEOUT)
			return ERR_CLOSED;
		if (has_card(&state) == present)
			return ERR_OK;
		left = until - clock_ms();
		if (left <= 0)
			return ERR_TIMEOUT;
		state.dwCurrentState = state.dwEventState;
	}
}

enum error
slot_wait(
    const char *match, bool present, int64_t until, char ret_reader[SLOT_NAME])
{
	SCARDCONTEXT context;
	enum error err;

	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) !=
	    SCARD_S_SUCCESS)
		return ERR_CLOSED;
	err = find(context, match, ret_reader);
	if (err == ERR_OK)
		err = wait_change(context, ret_reader, present, until);
	else if (err == ERR_NOTFOUND && !present)
		err = ERR_OK;
	(void)SCardReleaseContext(context);
	return err;
}
