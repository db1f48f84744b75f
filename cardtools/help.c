/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "cardtools/command.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

/*
 * "  left   right", the right column starting at width, on a line of its
 * own where the left one is too long.
 */
static void
line(const char *left, const char *right, int width)
{
	int pad = width - out_width(left);

	if (pad < 2)
		out("  %s\n  %*s%s\n", left, width, " ", right);
	else
		out("  %s%*s%s\n", left, pad, " ", right);
}

void
help_all(void)
{
	const struct noun *n;

	out("%s\n\n", _("card-admin - people, factors and clients of Sekisho"));
	out("%s\n\n",
	    _("usage: card-admin NOUN VERB [OPTION]... [ARGUMENT]..."));
	for (n = nouns; n->name != NULL; n++)
		line(n->name, _(n->summary), 14);
	out("\n%s\n",
	    _("“card-admin NOUN --help” lists what can be done with it. A "
	      "first "
	      "login needs:\n"
	      "  card-admin keyring trust\n"
	      "  card-admin person add suzuki --name \"Suzuki Hanako\"\n"
	      "  card-admin password set suzuki\n"
	      "  card-admin totp enrol suzuki\n"
	      "  card-admin totp confirm suzuki\n\n"
	      "Every command takes --json. Exit codes: 0 done, 1 refused by a "
	      "rule, 2 usage,\n3 database or server out of reach, 4 card or "
	      "reader. Secrets are read from\nstandard input or asked for, "
	      "never taken from the command line."));
}

void
help_noun(const struct noun *noun)
{
	const struct verb *v;

	out("card-admin %s - %s\n\n", noun->name, _(noun->summary));
	for (v = noun->verbs; v->run != NULL; v++) {
		char left[80];

		(void)snprintf(left, sizeof left, "%s%s%s",
		    v->name != NULL ? v->name : "", v->name != NULL ? " " : "",
		    v->args);
		line(left, _(v->summary), 30);
	}
	out("\n%s\n",
	    _("Add --help to a command for its options and examples."));
}

static void
help_option(const struct option *o)
{
	char left[120];

	(void)snprintf(left, sizeof left, "--%s%s%s", o->name,
	    o->kind != OPTION_FLAG ? " " : "",
	    o->kind == OPTION_FLAG     ? ""
	    : o->kind == OPTION_CHOICE ? o->choices
				       : o->value);
	line(left, _(o->help), 26);
}

void
help_verb(const struct noun *noun, const struct verb *verb)
{
	const struct option *o;

	out("%s card-admin %s%s%s%s%s%s\n\n", _("usage:"), noun->name,
	    verb->name != NULL ? " " : "", verb->name != NULL ? verb->name : "",
	    verb->args[0] != '\0' ? " " : "", verb->args, _(" [OPTION]..."));
	out("%s\n", _(verb->summary));
	if (verb->details != NULL)
		out("\n%s\n", _(verb->details));
	out("\n");
	for (o = verb->options; o != NULL && o->kind != OPTION_END; o++)
		help_option(o);
	line("--json", _("answer in JSON"), 26);
	line("-h, --help", _("this text"), 26);
}
