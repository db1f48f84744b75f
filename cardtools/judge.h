/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge.h - whether a new password will do, by the rule of its owner's group
 * and by what is known of him, where it is in clear for the only time.
 */
#ifndef SEKISHO_CARDTOOLS_JUDGE_H
#define SEKISHO_CARDTOOLS_JUDGE_H

#include <jansson.h>

#include "cardtools/command.h"

/* What the database knows (password_about); caller frees. */
enum status judge_about(
    struct call *call, const char *login, json_t **ret_about);

/*
 * password: NFC. Says what is wrong with it. ret_min_chars: of the longest
 * rule that it meets, door_chars or its own, not how long it is.
 */
enum status judge_password(struct call *call, const json_t *about,
    unsigned door_chars, const unsigned char *password, size_t len,
    unsigned *ret_min_chars);

#endif
