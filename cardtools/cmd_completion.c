/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

static void
put_nouns(void)
{
	const struct noun *n;

	out("\t'') words='");
	for (n = nouns; n->name != NULL; n++)
		out("%s ", n->name);
	out("--help --version' ;;\n");
}

static void
put_verbs(const struct noun *noun)
{
	const struct verb *v;

	if (noun->verbs[0].name == NULL)
		return;
	out("\t'%s') words='", noun->name);
	for (v = noun->verbs; v->run != NULL; v++)
		out("%s ", v->name);
	out("--help' ;;\n");
}

/* The values of a choice; file names by the shell itself. */
static void
put_values(const struct noun *noun, const struct verb *verb)
{
	const char *name = verb->name != NULL ? verb->name : "";
	const struct option *o;

	for (o = verb->options; o != NULL && o->kind != OPTION_END; o++) {
		const char *c;

		if (o->kind == OPTION_FLAG)
			continue;
		out("\t'%s %s --%s') words='", noun->name, name, o->name);
		for (c = o->kind == OPTION_CHOICE ? o->choices : ""; *c != '\0';
		     c++)
			out("%c", *c == '|' ? ' ' : *c);
		out("'%s return ;;\n",
		    o->kind == OPTION_FILE
			? "; COMPREPLY=($(compgen -f -- \"$cur\"));"
			: "; COMPREPLY=($(compgen -W \"$words\" -- "
			  "\"$cur\"));");
	}
}

static void
put_options(const struct noun *noun, const struct verb *verb)
{
	const struct option *o;

	out("\t'%s %s') words='", noun->name,
	    verb->name != NULL ? verb->name : "");
	for (o = verb->options; o != NULL && o->kind != OPTION_END; o++)
		out("--%s ", o->name);
	out("--json --help'; [[ %d == 1 && $cur != -* ]] && "
	    "COMPREPLY=($(compgen -f -- \"$cur\")) && return ;;\n",
	    strncmp(verb->args, "FILE", 4) == 0);
}

static enum status
completion_bash(struct call *call)
{
	const struct noun *n;
	const struct verb *v;

	(void)call;
	out("# bash completion for card-admin, made by \"card-admin completion "
	    "bash\"\n"
	    "_card_admin() {\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=''\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal noun='' verb=''\n"
	    "\t((COMP_CWORD > 1)) && noun=${COMP_WORDS[1]}\n"
	    "\t((COMP_CWORD > 2)) && verb=${COMP_WORDS[2]}\n"
	    "\tCOMPREPLY=()\n");
	out("\tcase $noun in\n");
	for (n = nouns; n->name != NULL; n++) {
		if (n->verbs[0].name == NULL)
			out("\t'%s') verb='' ;;\n", n->name);
	}
	out("\tesac\n\tcase \"$noun $verb $prev\" in\n");
	for (n = nouns; n->name != NULL; n++) {
		for (v = n->verbs; v->run != NULL; v++)
			put_values(n, v);
	}
	out("\tesac\n\tcase \"$noun${verb:+ $verb}\" in\n");
	put_nouns();
	for (n = nouns; n->name != NULL; n++)
		put_verbs(n);
	for (n = nouns; n->name != NULL; n++) {
		for (v = n->verbs; v->run != NULL; v++)
			put_options(n, v);
	}
	out("\tesac\n"
	    "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	    "}\n"
	    "complete -F _card_admin card-admin\n");
	return STATUS_DONE;
}

const struct verb completion_verbs[] = {
    {"bash", "", completion_bash, NULL,
	N_("print the completion script for bash"),
	N_("  source <(card-admin completion bash)")},
    {0},
};
