/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault.h - what the key can be told to do wrong. */
#ifndef SEKISHO_FIDO2KEY_FAULT_H
#define SEKISHO_FIDO2KEY_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

enum { FAULT_WORDS = 4, FAULT_HELP = 1024 };

/* How often each still happens; 0: it does not. UINT32_MAX is for good. */
struct faults {
	uint32_t removed;	  /* pulled out while it waits for the touch */
	uint32_t wrong_signature; /* one bit */
	uint32_t counter_back;
	uint32_t counter_still;
	uint32_t no_uv_flag;
	uint32_t no_up_flag;
	uint32_t be_flag; /* the other way round than it is */
	uint32_t bs_flag;
	uint32_t at_flag; /* set, with nothing behind it */
	uint32_t wrong_rp;
	uint32_t wrong_credential; /* says that another one signed */
	uint32_t extension;	   /* authenticatorData with an extension */
	uint32_t trailing;	   /* and one octet too many */
	uint32_t garbage;	   /* instead of CBOR */
	uint32_t truncated;	   /* CBOR cut in the middle */
	uint32_t sequence;	   /* a packet that does not follow */
	uint32_t silent;	   /* no answer, no keep-alive */
	uint32_t wrong_finger;	   /* the fingerprint does not match */
	uint32_t slow_ms;	   /* each answer, so many milliseconds */
};

/*
 * "NAME", "NAME N" (so many times; without N for good), "slow MS", "clear".
 * "blocked" is for the caller: it changes what the key remembers.
 */
MUST_CHECK enum error fault_set(
    struct faults *faults, const char *const words[], size_t n);

/* The names, for --help and the answer to a wrong one. */
const char *fault_help(void);

/* Whether it happens now; counts down. */
bool fault_now(uint32_t *fault);

#endif
