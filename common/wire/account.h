/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account.h - numbers of RADIUS accounting that both ends know. */
#ifndef SEKISHO_WIRE_ACCOUNT_H
#define SEKISHO_WIRE_ACCOUNT_H

enum {
	ACCOUNT_CLASS = 16,   /* octets of Class in an accept of ours */
	ACCOUNT_OCTETS = 253, /* of an attribute */
};

enum account_status { /* RFC 2866 5.1 */
	ACCOUNT_START = 1,
	ACCOUNT_STOP = 2,
	ACCOUNT_INTERIM = 3,
	ACCOUNT_ON = 7,
	ACCOUNT_OFF = 8,
};

#endif
