/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/fido2key/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct faults, field)

static const struct {
	const char *name;
	size_t at;
} known[] = {
    {"removed", AT(removed)},
    {"wrong-signature", AT(wrong_signature)},
    {"counter-back", AT(counter_back)},
    {"counter-still", AT(counter_still)},
    {"no-uv-flag", AT(no_uv_flag)},
    {"no-up-flag", AT(no_up_flag)},
    {"be-flag", AT(be_flag)},
    {"bs-flag", AT(bs_flag)},
    {"at-flag", AT(at_flag)},
    {"wrong-rp", AT(wrong_rp)},
    {"wrong-credential", AT(wrong_credential)},
    {"extension", AT(extension)},
    {"trailing", AT(trailing)},
    {"garbage", AT(garbage)},
    {"truncated", AT(truncated)},
    {"sequence", AT(sequence)},
    {"silent", AT(silent)},
    {"wrong-finger", AT(wrong_finger)},
    {"slow", AT(slow_ms)},
};

enum { KNOWN = sizeof known / sizeof known[0] };

const char *
fault_help(void)
{
	static char text[FAULT_HELP];
	size_t i, at = 0;

	for (i = 0; i < KNOWN && at < sizeof text; i++)
		at += (size_t)snprintf(
		    text + at, sizeof text - at, "%s, ", known[i].name);
	if (at < sizeof text)
		(void)snprintf(text + at, sizeof text - at, "blocked, clear");
	return text;
}

enum error
fault_set(struct faults *faults, const char *const words[], size_t n)
{
	unsigned long value = UINT32_MAX;
	char *end;
	size_t i;

	if (n == 1 && strcmp(words[0], "clear") == 0) {
		*faults = (struct faults){0};
		return ERR_OK;
	}
	if (n < 1 || n > 2)
		return ERR_INPUT;
	if (n == 2) {
		errno = 0;
		value = strtoul(words[1], &end, 10);
		if (words[1][0] < '0' || words[1][0] > '9' || *end != '\0' ||
		    errno != 0 || value >= UINT32_MAX)
			return ERR_INPUT;
	} else if (strcmp(words[0], "slow") == 0) {
		return ERR_INPUT;
	}
	for (i = 0; i < KNOWN; i++) {
		if (strcmp(words[0], known[i].name) == 0) {
			const uint32_t number = (uint32_t)value;

			memcpy((char *)faults + known[i].at, &number,
			    sizeof number);
			return ERR_OK;
		}
	}
	return ERR_INPUT;
}

bool
fault_now(uint32_t *fault)
{
	if (*fault == 0)
		return false;
	if (*fault != UINT32_MAX)
		(*fault)--;
	return true;
}
