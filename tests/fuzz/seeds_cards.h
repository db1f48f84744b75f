/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seeds_cards.h - first inputs of the fuzzers that have to do with cards. */
#ifndef SEKISHO_TESTS_FUZZ_SEEDS_CARDS_H
#define SEKISHO_TESTS_FUZZ_SEEDS_CARDS_H

void seeds_cards(const char *corpus);

#endif
