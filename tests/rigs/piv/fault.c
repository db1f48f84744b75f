/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char fault_help[] =
    "remove-at N [before|after], remove-in-signature, slow MS, "
    "sw INS SW [COUNT], flip-signature [COUNT], clear";

enum { SLOW_MAX_MS = 600000 };

static enum error
number(const char *text, int base, unsigned long max, unsigned long *ret_number)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, base);
	if (text[0] < '0' || text[0] > 'f' || *end != '\0' || errno != 0 ||
	    n > max)
		return ERR_INPUT;
	*ret_number = n;
	return ERR_OK;
}

static enum error
set_sw(struct faults *faults, const char *const words[], size_t n)
{
	unsigned long ins, sw, left = 1;
	size_t i;

	if (n < 3 || n > 4 || number(words[1], 16, 0xff, &ins) != ERR_OK ||
	    number(words[2], 16, 0xffff, &sw) != ERR_OK ||
	    (n == 4 && number(words[3], 10, 1000000, &left) != ERR_OK))
		return ERR_INPUT;
	for (i = 0; i < FAULT_SW; i++) {
		if (faults->sw[i].left == 0) {
			faults->sw[i] =
			    (struct fault_sw){(uint8_t)ins, (uint16_t)sw, left};
			return ERR_OK;
		}
	}
	return ERR_BUSY;
}

enum error
fault_set(struct faults *faults, const char *const words[], size_t n)
{
	unsigned long value = 1;
	bool before = true;

	if (n == 0)
		return ERR_INPUT;
	if (strcmp(words[0], "sw") == 0)
		return set_sw(faults, words, n);
	if (n >= 2 && number(words[1], 10, 1000000, &value) != ERR_OK)
		return ERR_INPUT;
	if (strcmp(words[0], "remove-at") == 0 && (n == 2 || n == 3)) {
		if (n == 3) {
			before = strcmp(words[2], "before") == 0;
			if (!before && strcmp(words[2], "after") != 0)
				return ERR_INPUT;
		}
		faults->remove_at = value;
		faults->remove_before = before;
	} else if (strcmp(words[0], "slow") == 0 && n == 2) {
		if (value > SLOW_MAX_MS)
			return ERR_INPUT;
		faults->slow_ms = (unsigned)value;
	} else if (strcmp(words[0], "flip-signature") == 0 && n <= 2) {
		faults->flips = value;
	} else if (strcmp(words[0], "remove-in-signature") == 0 && n == 1) {
		faults->remove_in_signature = true;
	} else if (strcmp(words[0], "clear") == 0 && n == 1) {
		memset(faults, 0, sizeof *faults);
	} else {
		return ERR_INPUT;
	}
	return ERR_OK;
}
