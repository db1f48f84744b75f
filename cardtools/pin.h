/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin.h - which PINs a card may get: 6 to 8 digits that are not among the
 * first anybody would try. A card is blocked after a few wrong ones, so what
 * counts is the few most common (SP 800-63B 5.1.1.2 speaks of passwords; a PIN
 * of so few digits deserves no less). Pure.
 */
#ifndef SEKISHO_CARDTOOLS_PIN_H
#define SEKISHO_CARDTOOLS_PIN_H

#include <stddef.h>

enum pin_fault {
	PIN_GOOD,
	PIN_FORM,     /* not 6 to 8 digits */
	PIN_REPEATED, /* 000000, 121212, 123123 */
	PIN_SEQUENCE, /* 123456, 876543, 112233, 135791 */
	PIN_KEYPAD,   /* columns and rows of a keypad: 147258, 258025 */
	PIN_DATE,     /* 19870412, 870412, 12041987 */
	PIN_KNOWN,    /* in a login, a staff or card number, or around it */
};

/* known: n texts that others know of the holder; digits in them count. */
enum pin_fault pin_judge(
    const char *pin, size_t len, const char *const *known, size_t n);

/* A sentence for people, translated. */
const char *pin_words(enum pin_fault fault);

#endif
