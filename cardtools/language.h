/* SPDX-License-Identifier: GPL-2.0-or-later */
/* language.h - which language a program of ours speaks. */
#ifndef SEKISHO_CARDTOOLS_LANGUAGE_H
#define SEKISHO_CARDTOOLS_LANGUAGE_H

/*
 * The environment's, also where its locale was never generated: gettext needs
 * only some locale in UTF-8 and a name.
 */
void language_set(void);

#endif
