/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seeds.h - writes one file of a fuzzer's corpus, and what is written. */
#ifndef SEKISHO_TESTS_FUZZ_SEEDS_H
#define SEKISHO_TESTS_FUZZ_SEEDS_H

#include <stddef.h>

/* Lead and octets, one behind the other. Ends the program if it cannot. */
void seed_write(const char *fuzzer, const char *name, const void *lead,
    size_t lead_len, const void *octets, size_t len);

/* Seeds of the fuzzers that read what cards, certificates and keyrings say. */
void seeds_cards(void);

/* What FIDO2 keys and browsers say. */
void seeds_fido2(void);

#endif
