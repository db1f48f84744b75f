/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pick.h - the one thing of a list that a person meant. */
#ifndef SEKISHO_CARDTOOLS_PICK_H
#define SEKISHO_CARDTOOLS_PICK_H

#include <jansson.h>

#include "common/base/error.h"

enum { PICK_SHOWN = 8 }; /* digits of an id that tables show */

/*
 * The object of the array whose id begins with prefix (NULL: any) and whose
 * status is the given one (NULL: any). ERR_NOTFOUND if none, ERR_BUSY if
 * several. The result belongs to the array.
 */
MUST_CHECK enum error pick(const json_t *array, const char *prefix,
    const char *status, const json_t **ret_object);

#endif
