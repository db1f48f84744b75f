/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz.h - what every fuzzer has: an entry, and a property that must hold. */
#ifndef SEKISHO_TESTS_FUZZ_FUZZ_H
#define SEKISHO_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A broken property is a crash, for libFuzzer to keep. */
#define must(condition)                   \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

#endif
