/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pkcs11_child.h - what pkcs11.c and the child that has the module exchange:
 * fixed structs over a socket pair between two halves of one program. */
#ifndef SEKISHO_CARDTOOLS_PKCS11_CHILD_H
#define SEKISHO_CARDTOOLS_PKCS11_CHILD_H

#include "cardtools/pkcs11.h"

enum pkcs11_ask { ASK_LOGIN = 1, ASK_SIGN };

struct pkcs11_request {
	enum pkcs11_ask ask;
	size_t which;
	size_t pin_len;
	unsigned char pin[64];
	unsigned char digest[SIGNATURE_DIGEST];
};

struct pkcs11_reply {
	enum error err;
	size_t len;
	unsigned char signature[SIGNATURE_MAX];
	char known_by[65];
	char fault[PKCS11_FAULT];
};

struct pkcs11_list {
	enum error err;
	size_t n;
	char fault[PKCS11_FAULT];
};

/* Never returns. */
void pkcs11_child(int fd, const char *module) __attribute__((noreturn));

#endif
