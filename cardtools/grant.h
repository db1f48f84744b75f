/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grant.h - what an accept may grant, as an officer writes it and as it is
 * sent: vlan, filter-id, termination-action, and any attribute of FreeRADIUS's
 * dictionaries, whose library makes the octets. So a slip of the pen is found
 * at the desk, and a server has nothing to interpret at a login.
 */
#ifndef SEKISHO_CARDTOOLS_GRANT_H
#define SEKISHO_CARDTOOLS_GRANT_H

#include <jansson.h>

#include "cardtools/command.h"

/*
 * *ret_list: attributes with their octets, all under one name, as the
 * database keeps them; to be freed. value NULL: an empty list, which takes the
 * attribute away. *ret_name: the name as it is kept, valid as long as the
 * program. What is wrong has been said.
 */
enum status grant_make(const char *attribute, const char *value,
    const char **ret_name, json_t **ret_list);

/* "vlan 120, filter-id imaging" of a record's list. */
void grant_words(const json_t *grants, char *ret_text, size_t size);

/* The same two, of what only the dictionaries know (grant_dictionary.c). */
enum status grant_of_dictionary(const char *attribute, const char *value,
    const char **ret_name, json_t **ret_list);

#endif
