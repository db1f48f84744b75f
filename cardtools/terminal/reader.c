/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/reader.h"

#include <poll.h>
#include <string.h>
#include <winscard.h>

#include "common/base/clock.h"

enum {
	NAMES_MAX = 4096,
	RESPONSE_MAX = 264,
	SLICE_MS = 250, /* how soon a watcher sees that it is not needed */
	BUSY_TRIES = 20,
	BUSY_MS = 100,
};

/* NIST SP 800-73-4 part 2, 3.1.1 and 3.2.1 */
static const unsigned char select_piv[] = {
    0x00, 0xa4, 0x04, 0x00, 0x05, 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00};
static const unsigned char ask_pin_state[] = {0x00, 0x20, 0x00, 0x80};

static enum error
open_context(SCARDCONTEXT *ret_context)
{
	return SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
		   ret_context) == SCARD_S_SUCCESS
		   ? ERR_OK
		   : ERR_CLOSED;
}

/* Readers of this moment, with or without a card. */
static enum error
list(SCARDCONTEXT context, struct readers *ret_readers)
{
	char names[NAMES_MAX];
	DWORD size = sizeof names;
	const char *name;
	LONG rv;

	ret_readers->n = 0;
	rv = SCardListReaders(context, NULL, names, &size);
	if (rv == SCARD_E_NO_READERS_AVAILABLE)
		return ERR_OK;
	if (rv != SCARD_S_SUCCESS)
		return ERR_CLOSED;
	names[sizeof names - 1] = '\0';
	for (name = names; name < names + size && *name != '\0' &&
			   ret_readers->n < READERS_MAX;
	     name += strlen(name) + 1) {
		size_t len = strlen(name);

		if (len < CARD_READER)
			memcpy(
			    ret_readers->name[ret_readers->n++], name, len + 1);
	}
	return ERR_OK;
}

static bool
has_card(const SCARD_READERSTATE *state)
{
	return (state->dwEventState & SCARD_STATE_PRESENT) != 0 &&
	       (state->dwEventState & SCARD_STATE_MUTE) == 0;
}

/*
 * pcscd 1.9 can be blind: a card that leaves while it is reset and is back
 * before pcscd looks again (0.4 s) is, for it, neither gone nor there, and
 * stays so until it is taken out once more. A reset through a direct
 * connection asks the reader itself; in an empty one it does nothing.
 */
static void
wake(SCARDCONTEXT context, const char *reader)
{
	SCARDHANDLE card;
	DWORD protocol;

	if (SCardConnect(context, reader, SCARD_SHARE_DIRECT, 0, &card,
		&protocol) != SCARD_S_SUCCESS)
		return;
	(void)SCardReconnect(card, SCARD_SHARE_SHARED,
	    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_RESET_CARD, &protocol);
	(void)SCardDisconnect(card, SCARD_LEAVE_CARD);
}

/* One look, or one wait for a change since states were taken. */
static enum error
look(SCARDCONTEXT context, const struct readers *all,
    SCARD_READERSTATE states[READERS_MAX], DWORD wait_ms)
{
	size_t i;
	LONG rv;

	for (i = 0; i < all->n; i++) {
		states[i].szReader = all->name[i];
		states[i].dwCurrentState =
		    wait_ms == 0 ? SCARD_STATE_UNAWARE : states[i].dwEventState;
	}
	rv = SCardGetStatusChange(context, wait_ms, states, (DWORD)all->n);
	if (rv == SCARD_S_SUCCESS || rv == SCARD_E_TIMEOUT)
		return ERR_OK;
	return rv == SCARD_E_UNKNOWN_READER || rv == SCARD_E_READER_UNAVAILABLE
		   ? ERR_NOTFOUND
		   : ERR_CLOSED;
}

static enum error
find(int wait_ms, bool wakes, struct readers *ret_readers)
{
	SCARD_READERSTATE states[READERS_MAX];
	int64_t until = clock_ms() + wait_ms;
	SCARDCONTEXT context;
	struct readers all;
	enum error err;
	size_t i;

	err = open_context(&context);
	if (err != ERR_OK)
		return err;
	for (;;) {
		ret_readers->n = 0;
		memset(states, 0, sizeof states);
		err = list(context, &all);
		if (err == ERR_OK && all.n > 0)
			err = look(context, &all, states, 0);
		for (i = 0; err == ERR_OK && i < all.n; i++) {
			if (!has_card(&states[i]))
				continue;
			ret_readers->events[ret_readers->n] =
			    (unsigned)(states[i].dwEventState >> 16) & 0xffff;
			memcpy(ret_readers->name[ret_readers->n++], all.name[i],
			    CARD_READER);
		}
		if ((err != ERR_OK && err != ERR_NOTFOUND) ||
		    ret_readers->n > 0)
			break;
		for (i = 0; wakes && i < all.n; i++)
			wake(context, all.name[i]);
		if (wakes) {
			wakes = false; /* once is enough */
			continue;
		}
		if (clock_ms() >= until)
			break;
		/* Readers may come as well: look again after a while. */
		if (all.n == 0 ||
		    look(context, &all, states, SLICE_MS) != ERR_OK)
			(void)poll(NULL, 0, SLICE_MS);
	}
	(void)SCardReleaseContext(context);
	return err == ERR_NOTFOUND ? ERR_OK : err;
}

enum error
readers_find(int wait_ms, struct readers *ret_readers)
{
	return find(wait_ms, true, ret_readers);
}

enum error
reader_present(const char *reader)
{
	struct readers found;
	enum error err;
	size_t i;

	err = find(0, false, &found);
	for (i = 0; err == ERR_OK && i < found.n; i++) {
		if (strcmp(found.name[i], reader) == 0)
			return ERR_OK;
	}
	return err != ERR_OK ? err : ERR_NOTFOUND;
}

enum error
reader_unchanged(const char *reader, unsigned events)
{
	struct readers found;
	enum error err;
	size_t i;

	err = readers_find(0, &found);
	for (i = 0; err == ERR_OK && i < found.n; i++) {
		if (strcmp(found.name[i], reader) == 0 &&
		    found.events[i] == events)
			return ERR_OK;
	}
	return err != ERR_OK ? err : ERR_NOTFOUND;
}

/* The status word; 0 if the card could not be asked. */
static unsigned
transmit(
    SCARDHANDLE card, DWORD protocol, const unsigned char *apdu, size_t len)
{
	const SCARD_IO_REQUEST *pci =
	    protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	unsigned char response[RESPONSE_MAX];
	DWORD n = sizeof response;

	if (SCardTransmit(card, pci, apdu, (DWORD)len, NULL, response, &n) !=
		SCARD_S_SUCCESS ||
	    n < 2)
		return 0;
	return (unsigned)(response[n - 2] << 8 | response[n - 1]);
}

/* *ret_gone: the card could not be asked at all. */
static unsigned
tries_left(SCARDHANDLE card, DWORD protocol, bool *ret_gone)
{
	unsigned sw = transmit(card, protocol, select_piv, sizeof select_piv);

	*ret_gone = sw == 0;
	if (sw != 0x9000 && sw >> 8 != 0x61)
		return TRIES_UNKNOWN;
	sw = transmit(card, protocol, ask_pin_state, sizeof ask_pin_state);
	*ret_gone = sw == 0;
	if (sw == 0x6983)
		return 0;
	/* 9000: somebody else's PIN counts; the reset ends that. */
	return (sw & 0xfff0) == 0x63c0 ? sw & 0xf : TRIES_UNKNOWN;
}

/*
 * What to do with the card when it is let go. Where there is none any more
 * nothing is reset: pcscd 1.9 would not see the next one in that reader.
 */
static DWORD
farewell(SCARDHANDLE card, bool gone)
{
	DWORD state = 0, protocol = 0, name_len = 0, atr_len = 0;

	/* pcscd notices a little later than the card's last command */
	return !gone && SCardStatus(card, NULL, &name_len, &state, &protocol,
			    NULL, &atr_len) == SCARD_S_SUCCESS
		   ? SCARD_RESET_CARD
		   : SCARD_LEAVE_CARD;
}

/* Resets first: a PIN that counts would hide the number. */
static LONG
ask_and_reset(SCARDCONTEXT context, const char *reader, unsigned *ret_tries)
{
	SCARDHANDLE card;
	DWORD protocol;
	bool gone = false;
	LONG rv;

	rv = SCardConnect(context, reader, SCARD_SHARE_SHARED,
	    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	rv = SCardReconnect(card, SCARD_SHARE_SHARED,
	    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_RESET_CARD, &protocol);
	if (rv == SCARD_S_SUCCESS)
		rv = SCardBeginTransaction(card);
	if (rv == SCARD_S_SUCCESS) {
		*ret_tries = tries_left(card, protocol, &gone);
		rv = SCardEndTransaction(card, farewell(card, gone));
	}
	(void)SCardDisconnect(card, farewell(card, gone));
	return rv;
}

enum error
reader_reset(const char *reader, unsigned *ret_tries)
{
	SCARDCONTEXT context;
	enum error err;
	LONG rv = SCARD_F_UNKNOWN_ERROR;
	int i;

	err = open_context(&context);
	if (err != ERR_OK)
		return err;
	*ret_tries = TRIES_UNKNOWN;
	for (i = 0; i < BUSY_TRIES; i++) {
		rv = ask_and_reset(context, reader, ret_tries);
		/* W_RESET_CARD: somebody else was at it; once more. */
		if (rv != SCARD_E_SHARING_VIOLATION && rv != SCARD_W_RESET_CARD)
			break;
		(void)poll(NULL, 0, BUSY_MS);
	}
	(void)SCardReleaseContext(context);
	if (rv == SCARD_S_SUCCESS)
		return ERR_OK;
	if (rv == SCARD_E_SHARING_VIOLATION)
		return ERR_BUSY;
	return rv == SCARD_W_REMOVED_CARD || rv == SCARD_E_NO_SMARTCARD ||
		       rv == SCARD_E_READER_UNAVAILABLE ||
		       rv == SCARD_E_UNKNOWN_READER
		   ? ERR_NOTFOUND
		   : ERR_SYSTEM;
}

/* 1: readable or closed. */
static int
wanted_back(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLRDHUP};

	return poll(&p, 1, timeout_ms);
}

enum error
reader_watch(const char *reader, bool away, int fd, bool *ret_changed)
{
	SCARD_READERSTATE states[READERS_MAX];
	struct readers one = {.n = 1};
	SCARDCONTEXT context;
	bool opened = false;
	enum error err;
	DWORD wait = 0;

	*ret_changed = false;
	memset(states, 0, sizeof states);
	if (strlen(reader) >= CARD_READER)
		return ERR_INPUT;
	memcpy(one.name[0], reader, strlen(reader) + 1);
	while (wanted_back(fd, 0) <= 0) {
		if (!opened) {
			opened = open_context(&context) == ERR_OK;
			wait = 0;
		}
		err = opened ? look(context, &one, states, wait) : ERR_CLOSED;
		wait = SLICE_MS;
		/* No pcscd, no reader: nobody can say that the card is there.
		 */
		if ((err == ERR_OK && has_card(&states[0])) == away) {
			*ret_changed = true;
			break;
		}
		if (err != ERR_OK) {
			if (opened)
				(void)SCardReleaseContext(context);
			opened = false;
			(void)wanted_back(fd, SLICE_MS);
		}
	}
	if (opened)
		(void)SCardReleaseContext(context);
	return ERR_OK;
}
