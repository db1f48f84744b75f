/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault.h - what a card can be told to do wrong, and when. */
#ifndef SEKISHO_PIV_FAULT_H
#define SEKISHO_PIV_FAULT_H

#include "tests/rigs/piv/apdu.h"

enum { FAULT_WORDS = 6, FAULT_SW = 8 };

struct faults {
	unsigned long remove_at; /* so many commands from now; 0: never */
	bool remove_before;	 /* its answer, not after it */
	bool remove_in_signature;
	unsigned slow_ms;    /* every answer */
	unsigned long flips; /* so many signatures are spoiled */
	struct fault_sw {
		uint8_t ins;
		uint16_t sw;
		unsigned long left;
	} sw[FAULT_SW];
};

/* "remove-at 3 before", "slow 200", "sw 87 6f00 2", ..., "clear". */
MUST_CHECK enum error fault_set(
    struct faults *faults, const char *const words[], size_t n);

/* One line for each, for --help and the answer to a wrong one. */
extern const char fault_help[];

#endif
