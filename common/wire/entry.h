/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry.h - words of an entry at a door that both sides know
 * (docs/protocol.md, "An entry at a door").
 */
#ifndef SEKISHO_WIRE_ENTRY_H
#define SEKISHO_WIRE_ENTRY_H

/* Sekisho-Purpose of every request, and what is signed for. */
#define ENTRY_PURPOSE "entry"
/* Of a request for the list of keys that may pass without a server. */
#define ENTRY_KEYS_PURPOSE "entry-keys"

enum {
	ENTRY_SERVICE_TYPE = 10, /* Call-Check, RFC 2865 5.6 */
	ENTRY_READER_MAX = 128,	 /* octets of a reader's name */
	ENTRY_KEY = 32,		 /* a key id */
	ENTRY_KEYS_PAGE = 96,	 /* of them in one answer; fewer: the last */
	ENTRY_KEYS_MAX = 4 + ENTRY_KEYS_PAGE * ENTRY_KEY, /* seconds first */
};

#endif
