/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

/* Patterns are "NOUN VERB"; the verb of a noun that stands alone is empty. */
static const char *
verb_name(const struct verb *verb)
{
	return verb->name != NULL ? verb->name : "";
}

static void
put_nouns(void)
{
	const struct noun *n;

	out("\t\twords='");
	for (n = nouns; n->name != NULL; n++)
		out("%s ", n->name);
	out("--help --version'\n");
}

static void
put_verbs(const struct noun *noun)
{
	const struct verb *v;

	if (noun->verbs[0].name == NULL)
		return;
	out("\t\t%s) words='", noun->name);
	for (v = noun->verbs; v->run != NULL; v++)
		out("%s ", v->name);
	out("--help' ;;\n");
}

static void
put_choices(const char *choices)
{
	for (; *choices != '\0'; choices++)
		out("%c", *choices == '|' ? ' ' : *choices);
}

/* The database is asked for names of zones and doors. */
static void
put_names(const char *value)
{
	if (strncmp(value, "ZONE", 4) == 0)
		out(" names=zones");
	else if (strncmp(value, "DOOR", 4) == 0)
		out(" names=doors");
}

/* What may follow an option that takes a value: a choice, a file, a text. */
static void
put_values(const struct noun *noun, const struct verb *verb)
{
	const struct option *o;

	for (o = verb->options; o != NULL && o->kind != OPTION_END; o++) {
		if (o->kind == OPTION_FLAG)
			continue;
		out("\t'%s %s --%s') ", noun->name, verb_name(verb), o->name);
		if (o->kind == OPTION_FILE)
			out("action=file ");
		out("words='");
		if (o->kind == OPTION_CHOICE)
			put_choices(o->choices);
		out("'");
		if (o->value != NULL)
			put_names(o->value);
		out(" ;;\n");
	}
}

static void
put_options(const struct noun *noun, const struct verb *verb)
{
	const struct option *o;

	out("\t'%s %s '*) words='", noun->name, verb_name(verb));
	for (o = verb->options; o != NULL && o->kind != OPTION_END; o++)
		out("--%s ", o->name);
	out("--json --help'%s",
	    strncmp(verb->args, "FILE", 4) == 0 ? " action=file" : "");
	put_names(verb->args);
	out(" ;;\n");
}

static void
put_case(void (*put)(const struct noun *noun, const struct verb *verb))
{
	const struct noun *n;
	const struct verb *v;

	for (n = nouns; n->name != NULL; n++) {
		for (v = n->verbs; v->run != NULL; v++)
			put(n, v);
	}
}

static enum status
completion_bash(struct call *call)
{
	const struct noun *n;

	(void)call;
	out("# bash completion for card-admin, made by \"card-admin completion "
	    "bash\"\n"
	    "_card_admin() {\n"
	    "\tlocal words='' action='' names='' name noun=${COMP_WORDS[1]}\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal verb=${COMP_WORDS[2]}\n"
	    "\tif ((COMP_CWORD == 1)); then\n");
	put_nouns();
	out("\telif ((COMP_CWORD == 2)); then\n\t\tcase $noun in\n");
	for (n = nouns; n->name != NULL; n++)
		put_verbs(n);
	out("\t\tesac\n\tfi\n\tcase $noun in\n");
	for (n = nouns; n->name != NULL; n++) {
		if (n->verbs[0].name == NULL)
			out("\t%s) ((COMP_CWORD > 1)) && verb='' ;;\n",
			    n->name);
		else
			out("\t%s) ((COMP_CWORD > 2)) || noun='' ;;\n",
			    n->name);
	}
	out("\tesac\n\tcase \"$noun $verb $prev\" in\n");
	put_case(put_values);
	put_case(put_options);
	out("\tesac\n"
	    "\tmapfile -t COMPREPLY < <(\n"
	    "\t\t[[ $action == file && $cur != -* ]] && compgen -f -- "
	    "\"$cur\"\n"
	    "\t\tcompgen -W \"$words\" -- \"$cur\")\n"
	    "\t[[ $names && $cur != -* ]] || return 0\n"
	    "\tcur=${cur#[\\'\\\"]}\n"
	    "\tcur=${cur//\\\\/}\n"
	    "\twhile IFS= read -r name; do\n"
	    "\t\t[[ $name == \"$cur\"* ]] && COMPREPLY+=(\"$name\")\n"
	    "\tdone < <(\"$1\" completion \"$names\" 2>/dev/null "
	    "</dev/null)\n"
	    "}\n"
	    "complete -o filenames -F _card_admin card-admin\n");
	return STATUS_DONE;
}

/* One name a line; what the script above asks. */
static enum status
put_list(struct call *call, const char *function)
{
	const json_t *thing;
	json_t *list, *names;
	enum status status;
	size_t i;

	status = database_call(call, function, PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	names = json_array();
	json_array_foreach(list, i, thing)
	{
		char *name = out_clean(field(thing, "name"));

		if (!call->json)
			out("%s\n", name);
		else if (json_array_append_new(names, json_string(name)) != 0)
			status = STATUS_UNREACHED;
		free(name);
	}
	if (call->json && status == STATUS_DONE)
		out_json(names, false);
	json_decref(names);
	json_decref(list);
	return status;
}

static enum status
completion_zones(struct call *call)
{
	return put_list(call, "zone_list");
}

static enum status
completion_doors(struct call *call)
{
	return put_list(call, "door_list");
}

const struct verb completion_verbs[] = {
    {"bash", "", completion_bash, NULL,
	N_("print the completion script for bash"),
	N_("  source <(card-admin completion bash)")},
    {"zones", "", completion_zones, NULL,
	N_("print the names of all zones, for the script"), NULL},
    {"doors", "", completion_doors, NULL,
	N_("print the names of all doors, for the script"), NULL},
    {0},
};
