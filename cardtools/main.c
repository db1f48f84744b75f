/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card-admin - what the security office does: people, their factors, clients,
 * and what happened. Runs on the office's own PC and talks to nothing but the
 * database; what only the server can do is an order there.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/command.h"
#include "cardtools/language.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/base/secret.h"

/* JSON may hold a seed for a moment: its memory is wiped when freed. */
static void *
wiping_malloc(size_t size)
{
	size_t *memory = malloc(sizeof(max_align_t) + size);

	if (memory == NULL)
		return NULL;
	*memory = size;
	return (char *)memory + sizeof(max_align_t);
}

static void
wiping_free(void *pointer)
{
	size_t *memory;

	if (pointer == NULL)
		return;
	memory = (void *)((char *)pointer - sizeof(max_align_t));
	sodium_memzero(memory, sizeof(max_align_t) + *memory);
	free(memory);
}

static const struct noun *
find_noun(const char *name)
{
	const struct noun *n;

	for (n = nouns; n->name != NULL; n++) {
		if (strcmp(n->name, name) == 0)
			return n;
	}
	return NULL;
}

static const struct verb *
find_verb(const struct noun *noun, const char *name)
{
	const struct verb *v;

	for (v = noun->verbs; v->run != NULL; v++) {
		if (v->name == NULL ||
		    (name != NULL && strcmp(v->name, name) == 0))
			return v;
	}
	return NULL;
}

static bool
is_help(const char *text)
{
	return strcmp(text, "-h") == 0 || strcmp(text, "--help") == 0 ||
	       strcmp(text, "help") == 0;
}

static enum status
run(int argc, const char **argv, struct call *call)
{
	char message[CONF_MESSAGE];
	bool help = false;
	enum status status;
	int used;

	if (argc < 2 || is_help(argv[1])) {
		help_all();
		return argc < 2 ? STATUS_USAGE : STATUS_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		out("card-admin %s\n", SEKISHO_VERSION);
		return STATUS_DONE;
	}
	call->noun = find_noun(argv[1]);
	if (call->noun == NULL) {
		say(_("there is no “%s”; see: card-admin --help"), argv[1]);
		return STATUS_USAGE;
	}
	call->verb = find_verb(call->noun, argc > 2 ? argv[2] : NULL);
	if (call->verb == NULL) {
		if (argc > 2 && is_help(argv[2])) {
			help_noun(call->noun);
			return STATUS_DONE;
		}
		if (argc > 2)
			say(_("“%s” is not something to do with a %s"), argv[2],
			    argv[1]);
		say(_("see: card-admin %s --help"), argv[1]);
		return STATUS_USAGE;
	}
	used = call->verb->name != NULL ? 3 : 2;
	status = call_parse(call, argc - used, argv + used, &help);
	if (help) {
		help_verb(call->noun, call->verb);
		return STATUS_DONE;
	}
	if (status != STATUS_DONE)
		return status;
	if (localconf_read(&call->conf, message) != ERR_OK) {
		say("%s", message);
		return STATUS_USAGE;
	}
	return call->verb->run(call);
}

int
main(int argc, char **argv)
{
	struct call call = {0};
	const char **words;
	enum status status;
	int i;

	secret_harden_process();
	language_set();
	if (sodium_init() < 0)
		return STATUS_UNREACHED;
	words = calloc((size_t)argc + 1, sizeof *words);
	if (words == NULL)
		return STATUS_UNREACHED;
	json_set_alloc_funcs(wiping_malloc, wiping_free);
	for (i = 0; i < argc; i++)
		words[i] = argv[i];
	status = run(argc, words, &call);
	call_clear(&call);
	free(words);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		say("%s", _("the output could not be written"));
		return status == STATUS_DONE ? STATUS_UNREACHED : (int)status;
	}
	return (int)status;
}
