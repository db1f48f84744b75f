/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/badge_reader.h"

#include <stdbool.h>
#include <string.h>
#include <winscard.h>

enum { NAMES_MAX = 4096, RESPONSE_MAX = 264 };

/* PC/SC part 3, 3.2.2.1.3: answered by the reader, not by the card. */
static const unsigned char get_uid[] = {0xff, 0xca, 0x00, 0x00, 0x00};

static bool
has_card(SCARDCONTEXT context, const char *reader)
{
	SCARD_READERSTATE state = {
	    .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE};

	return SCardGetStatusChange(context, 0, &state, 1) == SCARD_S_SUCCESS &&
	       (state.dwEventState & SCARD_STATE_PRESENT) != 0;
}

static enum error
choose(SCARDCONTEXT context, const char *wanted, char names[NAMES_MAX],
    const char **ret_reader)
{
	DWORD size = NAMES_MAX;
	const char *name, *found = NULL;
	enum error err = ERR_NOTFOUND;
	LONG rv;

	rv = SCardListReaders(context, NULL, names, &size);
	if (rv == SCARD_E_NO_READERS_AVAILABLE)
		return ERR_NOTFOUND;
	if (rv != SCARD_S_SUCCESS)
		return ERR_CLOSED;
	names[NAMES_MAX - 1] = '\0';
	for (name = names; name < names + size && *name != '\0';
	     name += strlen(name) + 1) {
		bool exact = wanted != NULL && strcmp(name, wanted) == 0;

		if (wanted != NULL && strcasestr(name, wanted) == NULL)
			continue;
		if (!has_card(context, name))
			continue;
		err = found == NULL || exact ? ERR_OK : ERR_BUSY;
		found = name;
		if (exact)
			break;
	}
	if (err == ERR_OK)
		*ret_reader = found;
	return err;
}

static enum error
ask(SCARDCONTEXT context, const char *reader,
    unsigned char ret_number[BADGE_MAX], size_t *ret_len)
{
	unsigned char response[RESPONSE_MAX];
	DWORD protocol, n = sizeof response;
	enum error err = ERR_NOTFOUND;
	SCARDHANDLE card;

	if (SCardConnect(context, reader, SCARD_SHARE_SHARED,
		SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card,
		&protocol) != SCARD_S_SUCCESS)
		return ERR_NOTFOUND;
	if (SCardTransmit(card,
		protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1,
		get_uid, sizeof get_uid, NULL, response,
		&n) == SCARD_S_SUCCESS &&
	    n > 2 && response[n - 2] == 0x90 && response[n - 1] == 0x00 &&
	    badge_valid(response, n - 2)) {
		memcpy(ret_number, response, n - 2);
		*ret_len = n - 2;
		err = ERR_OK;
	}
	(void)SCardDisconnect(card, SCARD_LEAVE_CARD);
	return err;
}

enum error
badge_read(
    const char *wanted, unsigned char ret_number[BADGE_MAX], size_t *ret_len)
{
	char names[NAMES_MAX];
	const char *reader;
	SCARDCONTEXT context;
	enum error err;

	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) !=
	    SCARD_S_SUCCESS)
		return ERR_CLOSED;
	err = choose(context, wanted, names, &reader);
	if (err == ERR_OK)
		err = ask(context, reader, ret_number, ret_len);
	(void)SCardReleaseContext(context);
	return err;
}
