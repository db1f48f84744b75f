/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain.h - what a login would be answered, by the rules that answer it
 * (common/rules/first.h, decide.h) over what the database says that it would
 * rest on. Pure.
 */
#ifndef SEKISHO_CARDTOOLS_EXPLAIN_H
#define SEKISHO_CARDTOOLS_EXPLAIN_H

#include <jansson.h>

/*
 * Of policy_explain()'s answer: an array of what can be given first, each an
 * object of
 *   with    "password" or "card"; number and pin of a card besides
 *   then    "accept", "ask", "refuse"
 *   reason  the word that the audit would have
 *   ask     methods that would complete it, where then is "ask"
 *   wait    seconds of a refusal time, where the reason is delay_running;
 *           2147483647: until somebody unlocks
 *   evidence  what would carry an accept, as the audit has it
 * NULL if the answer makes no sense or memory ends; the caller frees.
 */
json_t *explain_ways(const json_t *answer);

#endif
