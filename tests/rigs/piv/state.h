/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.h - what a card remembers without power: one JSON file of sections,
 * each with names and values, replaced whole after every change. It holds the
 * private keys of a card made for tests, in clear.
 */
#ifndef SEKISHO_PIV_STATE_H
#define SEKISHO_PIV_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

struct state;

/* An empty one; it is written by state_save. */
MUST_CHECK enum error state_new(const char *path, struct state **ret_state);
MUST_CHECK enum error state_load(const char *path, struct state **ret_state);
void state_free(struct state **state);

/* Written to a file beside it, then renamed. */
MUST_CHECK enum error state_save(const struct state *state);

/* ERR_NOTFOUND if there is none, ERR_INPUT if it is longer than cap. */
MUST_CHECK enum error state_bytes(const struct state *state,
    const char *section, const char *name, uint8_t *ret_bytes, size_t cap,
    size_t *ret_len);
/* A number, or what it is without one. */
int state_number(const struct state *state, const char *section,
    const char *name, int without);
/* A text that lives until the state changes, or NULL. */
const char *state_text(
    const struct state *state, const char *section, const char *name);

MUST_CHECK enum error state_put_bytes(struct state *state, const char *section,
    const char *name, const void *bytes, size_t len);
MUST_CHECK enum error state_put_number(
    struct state *state, const char *section, const char *name, int number);
MUST_CHECK enum error state_put_text(struct state *state, const char *section,
    const char *name, const char *text);
void state_drop(struct state *state, const char *section, const char *name);
void state_drop_section(struct state *state, const char *section);

#endif
