/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/explain.h"

#include <stdio.h>
#include <string.h>

#include "common/rules/first.h"

enum { PROOF_SECONDS = 60 }; /* of what would be given now: not over yet */

static json_int_t
number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static const char *
text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value != NULL ? value : "";
}

static bool
yes(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static bool
any_counts(const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (yes(one, "counts"))
			return true;
	}
	return false;
}

static unsigned
methods_of(const json_t *list)
{
	const json_t *one;
	unsigned set = METHOD_NONE;
	size_t i;

	json_array_foreach(list, i, one) set |=
	    (unsigned)method_from_text(json_string_value(one));
	return set;
}

static json_t *
methods_json(unsigned set)
{
	json_t *list = json_array();
	unsigned method;

	for (method = 1; method <= METHOD_ALL; method <<= 1) {
		if ((set & method) != 0)
			(void)json_array_append_new(list,
			    json_string(method_text((enum method)method)));
	}
	return list;
}

static struct evidence
given_now(enum method method, int64_t now)
{
	return (struct evidence){.method = method,
	    .category = method_category(method),
	    .purpose = PURPOSE_LOGIN,
	    .at = now,
	    .until = now + PROOF_SECONDS};
}

/* What the worker reads of an entry; store_read.c has the same. */
static struct evidence
door_of(const json_t *ground)
{
	struct evidence door;

	memset(&door, 0, sizeof door);
	if (number(ground, "door_event") == 0)
		return door;
	door.method = METHOD_DOOR;
	door.category = category_from_text(text(ground, "door_category"));
	door.purpose = PURPOSE_LOGIN;
	door.event = number(ground, "door_event");
	door.at = number(ground, "door_at");
	door.until = number(ground, "door_until");
	(void)snprintf(
	    door.label, sizeof door.label, "%.255s", text(ground, "door_name"));
	return door;
}

static struct evidence
earlier_of(const json_t *ground)
{
	struct evidence earlier;

	memset(&earlier, 0, sizeof earlier);
	if (number(ground, "earlier") == 0)
		return earlier;
	earlier.method = method_from_text(text(ground, "earlier_method"));
	earlier.category = category_from_text(text(ground, "earlier_category"));
	earlier.purpose = PURPOSE_LOGIN;
	earlier.earlier = number(ground, "earlier");
	earlier.at = number(ground, "earlier_at");
	earlier.until = number(ground, "earlier_until");
	(void)snprintf(earlier.label, sizeof earlier.label, "%.255s",
	    text(ground, "earlier_label"));
	return earlier;
}

static struct first_ground
ground_of(const json_t *answer)
{
	const json_t *ground = json_object_get(answer, "ground");
	const json_t *password = json_object_get(answer, "password");
	struct first_ground g = {
	    .person_found = true,
	    .person_usable = yes(json_object_get(answer, "person"), "usable"),
	    .has_password = json_is_object(password),
	    .must_change =
		number(password, "change") < 0 &&
		strcmp(text(json_object_get(answer, "client"), "codes"),
		    "append") == 0,
	    .with_card = yes(password, "with_card"),
	    .methods = methods_of(
		json_object_get(json_object_get(answer, "policy"), "methods")),
	    .door_counts = yes(ground, "door_counts"),
	    .door_fault = first_from_text(text(ground, "door_fault")),
	    .door = door_of(ground),
	    .earlier = earlier_of(ground),
	    .now = number(ground, "now"),
	};

	if (any_counts(json_object_get(answer, "tokens")))
		g.available |= METHOD_TOTP;
	if (any_counts(json_object_get(answer, "cards")))
		g.available |= METHOD_CARD;
	if (any_counts(json_object_get(answer, "fido2")))
		g.available |= METHOD_FIDO2;
	return g;
}

static json_t *
evidence_json(const struct evidence *evidence, size_t n)
{
	json_t *list = json_array(), *o;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct evidence *e = &evidence[i];

		o = json_pack("{s:s, s:s, s:I, s:I}", "category",
		    category_text(e->category), "method",
		    method_text(e->method), "at", (json_int_t)e->at, "until",
		    (json_int_t)e->until);
		if (o != NULL && e->label[0] != '\0')
			(void)json_object_set_new(
			    o, "label", json_string(e->label));
		if (o != NULL && e->event != 0)
			(void)json_object_set_new(
			    o, "event", json_integer((json_int_t)e->event));
		if (o != NULL && e->earlier != 0)
			(void)json_object_set_new(
			    o, "earlier", json_integer((json_int_t)e->earlier));
		(void)json_array_append_new(list, o);
	}
	return list;
}

/* What decide() made of it, in the words of the command. */
static void
set_then(json_t *way, const struct decision *d, const char *reason,
    const struct evidence *evidence, size_t n)
{
	switch (d->verdict) {
	case VERDICT_ACCEPT:
		(void)json_object_set_new(way, "then", json_string("accept"));
		(void)json_object_set_new(
		    way, "evidence", evidence_json(evidence, n));
		break;
	case VERDICT_ASK:
		(void)json_object_set_new(way, "then", json_string("ask"));
		(void)json_object_set_new(way, "ask", methods_json(d->ask));
		break;
	case VERDICT_REFUSE:
		(void)json_object_set_new(way, "then", json_string("refuse"));
		break;
	}
	(void)json_object_set_new(way, "reason", json_string(reason));
}

static json_t *
by_password(const struct first_ground *g, const json_t *answer)
{
	json_t *way = json_pack("{s:s}", "with", "password");
	const bool must_change =
	    number(json_object_get(answer, "password"), "change") < 0;
	json_int_t wait = number(json_object_get(answer, "waits"), "knowledge");
	struct decision d = {VERDICT_REFUSE, 0, 0};
	struct evidence evidence[3];
	enum first_word word;
	size_t n = 0;

	if (wait > 0) {
		set_then(way, &d, "delay_running", NULL, 0);
		(void)json_object_set_new(way, "wait", json_integer(wait));
		return way;
	}
	if (!first_barred(g, &word)) {
		evidence[n++] = given_now(METHOD_PASSWORD, g->now);
		word = first_decide(g, evidence, &n, &d);
	}
	/* an accept waits until another password is chosen (authd/change.h) */
	if (d.verdict == VERDICT_ACCEPT && must_change) {
		d.verdict = VERDICT_ASK;
		set_then(way, &d, "password_change_asked", evidence, n);
		return way;
	}
	set_then(way, &d, first_text(word), evidence, n);
	return way;
}

/* What a signature proves: evaluate_last() of the workers. */
static void
signed_by(const struct first_ground *g, const json_t *thing,
    const struct evidence *evidence, size_t n, json_t *way)
{
	struct decision d = {VERDICT_REFUSE, 0, 0};
	const char *reason = text(thing, "fault");

	if (yes(thing, "counts") && !g->person_usable) {
		reason = first_text(FIRST_PERSON_UNUSABLE);
	} else if (yes(thing, "counts")) {
		d = decide(PURPOSE_LOGIN, g->methods,
		    g->has_password ? METHOD_PASSWORD : METHOD_NONE, evidence,
		    n, g->now);
		reason = d.verdict == VERDICT_ACCEPT ? "two_factors"
			 : d.verdict == VERDICT_ASK  ? "first_factor"
						     : "decide_refused";
	}
	set_then(way, &d, reason, evidence, n);
}

static json_t *
by_card(const struct first_ground *g, const json_t *card)
{
	json_t *way = json_pack("{s:s, s:s, s:b}", "with", "card", "number",
	    text(card, "number"), "pin", yes(card, "pin"));
	struct evidence evidence[2];
	size_t n = 0;

	evidence[n++] = given_now(METHOD_CARD, g->now);
	if (yes(card, "pin"))
		evidence[n++] = given_now(METHOD_PIN, g->now);
	signed_by(g, card, evidence, n, way);
	return way;
}

/* It verifies its user with what it had when it was enrolled. */
static json_t *
by_fido2(const struct first_ground *g, const json_t *answer, const json_t *key)
{
	const char *uv = text(key, "uv");
	const char *demanded =
	    text(json_object_get(answer, "policy"), "fido2_uv");
	const bool verifies = strcmp(uv, "none") != 0;
	json_t *way = json_pack("{s:s, s:s, s:s}", "with", "fido2", "label",
	    text(key, "label"), "uv", uv);
	struct decision refused = {VERDICT_REFUSE, 0, 0};
	struct evidence evidence[2];
	size_t n = 0;

	if (yes(key, "counts") && !verifies &&
	    strcmp(demanded, "required") == 0) {
		set_then(way, &refused, "fido2_uv_missing", NULL, 0);
		return way;
	}
	evidence[n++] = given_now(METHOD_FIDO2, g->now);
	if (verifies) {
		evidence[n] = given_now(METHOD_UV, g->now);
		if (strcmp(uv, "fingerprint") == 0)
			evidence[n].category = CATEGORY_INHERENCE;
		n++;
	}
	signed_by(g, key, evidence, n, way);
	return way;
}

json_t *
explain_ways(const json_t *answer)
{
	struct first_ground g;
	const json_t *card, *key;
	json_t *ways;
	size_t i;

	if (!json_is_object(json_object_get(answer, "ground")) ||
	    !json_is_object(json_object_get(answer, "policy")))
		return NULL;
	ways = json_array();
	if (ways == NULL)
		return NULL;
	g = ground_of(answer);
	(void)json_array_append_new(ways, by_password(&g, answer));
	json_array_foreach(json_object_get(answer, "cards"), i, card)(void)
	    json_array_append_new(ways, by_card(&g, card));
	json_array_foreach(json_object_get(answer, "fido2"), i, key)(void)
	    json_array_append_new(ways, by_fido2(&g, answer, key));
	return ways;
}
