/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/door_words.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"

/*
 * Part of a quoted label. A backslash begins an escape there and an
 * ampersand a character of HTML; nothing else has a meaning, and no control
 * character comes out of out_clean.
 */
static void
put_text(FILE *to, const char *text)
{
	char *clean = out_clean(text);
	const char *c;

	for (c = clean; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			(void)fputc('\\', to);
		(void)fputc(*c, to);
		if (*c == '&')
			(void)fputs("amp;", to);
	}
	free(clean);
}

static void
put_zone(FILE *to, const json_t *zone, size_t number)
{
	const char *alarm = field(zone, "alarm");
	const char *clear_at = field(zone, "clear_at");
	char line[160];

	(void)fprintf(to, "\tz%zu [label=\"", number);
	put_text(to, field(zone, "name"));
	(void)fputs("\\n", to);
	(void)snprintf(line, sizeof line, _("shift %ld min"),
	    (long)json_integer_value(json_object_get(zone, "shift_minutes")));
	put_text(to, line);
	if (clear_at[0] != '\0') {
		(void)snprintf(line, sizeof line, _(", cleared %s"), clear_at);
		put_text(to, line);
	}
	(void)fputs("\\n", to);
	(void)snprintf(line, sizeof line, _("clients: %zu"),
	    json_array_size(json_object_get(zone, "clients")));
	put_text(to, line);
	if (alarm[0] != '\0') {
		(void)snprintf(
		    line, sizeof line, _("ALARM: %s"), door_kind_words(alarm));
		(void)fputs("\\n", to);
		put_text(to, line);
	}
	(void)fprintf(to, "\"%s];\n",
	    alarm[0] != '\0' ? ", peripheries=2, color=\"#b71c1c\"" : "");
}

enum { NODE = 24 };

/* What one side of a door is worth. */
enum worth {
	WORTH_NOBODY,	/* no reader: nobody is identified */
	WORTH_NOTHING,	/* identified, by what is no factor */
	WORTH_ACCEPTED, /* by a number that can be copied, which somebody
			   accepts */
	WORTH_FACTOR,
};

static enum worth
worth_of(const json_t *door, const char *method, time_t now)
{
	time_t until;

	if (method[0] == '\0')
		return WORTH_NOBODY;
	if (strcmp(method, "card") == 0 || strcmp(method, "card_pin") == 0 ||
	    strcmp(method, "biometric") == 0)
		return WORTH_FACTOR;
	if (strcmp(method, "uid") == 0 &&
	    when_parse(field(door, "uid_until"), now, true, &until) == ERR_OK &&
	    until > now)
		return WORTH_ACCEPTED;
	return WORTH_NOTHING;
}

/* Told apart by the line as well as by its colour, and said in words. */
static const char *const lines[] = {
    [WORTH_NOBODY] = "style=dotted, color=\"#616161\"",
    [WORTH_NOTHING] = "style=dashed, color=\"#b71c1c\"",
    [WORTH_ACCEPTED] = "style=\"bold,dashed\", color=\"#e65100\"",
    [WORTH_FACTOR] = "style=solid, color=\"#1b5e20\"",
};

/* The node of a zone; no name is outside. false: there is no such zone, since
 * it was added or removed between two questions to the database. */
static bool
node_of(const json_t *zones, const char *name, char ret_node[NODE])
{
	const json_t *zone;
	size_t i;

	if (name[0] == '\0') {
		(void)snprintf(ret_node, NODE, "outside");
		return true;
	}
	json_array_foreach(zones, i, zone)
	{
		if (strcmp(field(zone, "name"), name) == 0) {
			(void)snprintf(ret_node, NODE, "z%zu", i);
			return true;
		}
	}
	return false;
}

static void
put_way(FILE *to, const json_t *zones, const json_t *door, bool in, time_t now)
{
	const char *method = field(door, in ? "method_in" : "method_out");
	enum worth worth = worth_of(door, method, now);
	char until[WHEN_TEXT], line[160], from[NODE], into[NODE];

	if (!node_of(zones, field(door, in ? "from" : "to"), from) ||
	    !node_of(zones, field(door, in ? "to" : "from"), into))
		return;
	(void)fprintf(to, "\t%s -> %s [label=\"", from, into);
	put_text(to, field(door, "name"));
	(void)fputs("\\n", to);
	put_text(to, in ? _("in: ") : _("out: "));
	put_text(to, door_method_words(method));
	if (worth == WORTH_NOTHING) {
		(void)fputs("\\n", to);
		put_text(to, _("(no factor)"));
	} else if (worth == WORTH_ACCEPTED) {
		when_last_day(field(door, "uid_until"), until);
		(void)snprintf(
		    line, sizeof line, _("accepted until %s"), until);
		(void)fputs("\\n", to);
		put_text(to, line);
	}
	if (in && json_is_true(json_object_get(door, "single_file"))) {
		(void)fputs("\\n", to);
		put_text(to, _("one person at a time"));
	}
	(void)fprintf(to, "\", %s];\n", lines[worth]);
}

char *
map_write(const json_t *zones, const json_t *doors, time_t now)
{
	const json_t *zone, *door;
	char *text = NULL, utc[WHEN_TEXT], shown[WHEN_TEXT];
	size_t size, i;
	FILE *to = open_memstream(&text, &size);

	if (to == NULL)
		return NULL;
	when_utc(now, utc);
	when_local(utc, false, shown);
	(void)fputs("digraph zones {\n"
		    "\tgraph [charset=\"UTF-8\", fontname=\"sans-serif\", "
		    "rankdir=LR, labelloc=t, label=\"",
	    to);
	put_text(to, _("Zones and doors, "));
	put_text(to, shown);
	(void)fputs("\\n", to);
	put_text(to, _("solid: a factor; bold and dashed: a copyable number, "
		       "accepted as one; dashed: no factor; dotted: nobody is "
		       "identified"));
	(void)fputs("\"];\n"
		    "\tnode [fontname=\"sans-serif\", shape=box];\n"
		    "\tedge [fontname=\"sans-serif\", fontsize=10];\n"
		    "\toutside [shape=ellipse, style=dashed, label=\"",
	    to);
	put_text(to, _("outside the zones"));
	(void)fputs("\"];\n", to);
	json_array_foreach(zones, i, zone) put_zone(to, zone, i);
	json_array_foreach(doors, i, door)
	{
		put_way(to, zones, door, true, now);
		put_way(to, zones, door, false, now);
	}
	(void)fputs("}\n", to);
	if (fclose(to) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
