/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * name_forms.h - a name as it would be found in a password: in kanji, kana and
 * both romanisations, whole and in parts, in either order, folded
 * (common/guess/fold.h).
 */
#ifndef SEKISHO_CARDTOOLS_NAME_FORMS_H
#define SEKISHO_CARDTOOLS_NAME_FORMS_H

enum { NAME_FORMS_TEXT = 8192 };

/*
 * Into ret_array, as PostgreSQL writes an array of texts. What is read from
 * kanji is guessed; a reading is not, so kana come first. Either may be "".
 */
void name_forms(
    const char *name, const char *kana, char ret_array[NAME_FORMS_TEXT]);

#endif
