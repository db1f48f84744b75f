/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/issuer.h"
#include "cardtools/nouns.h"
#include "cardtools/order.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

static enum status
answer(struct call *call)
{
	enum status status;
	json_t *issuer;

	status = database_call(
	    call, "issuer_show", PARAMETERS({NULL, NULL}), &issuer);
	if (status != STATUS_DONE)
		return status;
	status = issuer_answer(call, issuer);
	json_decref(issuer);
	return status;
}

static enum status
ca_init(struct call *call)
{
	const char *name = option(call, "name"), *years = option(call, "years"),
		   *kind = option(call, "key");
	struct secret *args = NULL;
	enum status status;
	char *text;
	int n;

	if (name == NULL || name[0] == '\0') {
		say("%s", _("--name is missing: what shall the CA be called?"));
		return STATUS_USAGE;
	}
	n = asprintf(&text, "%s %s %s", kind != NULL ? kind : "P-384",
	    years != NULL ? years : "20", name);
	if (n < 0)
		return STATUS_UNREACHED;
	if (secret_copy(text, (size_t)n, &args) != ERR_OK) {
		free(text);
		return STATUS_UNREACHED;
	}
	free(text);
	/* about nobody, and no token */
	status = order_run(call, "ca_init", "", NULL, args);
	secret_free(&args);
	return status == STATUS_DONE ? answer(call) : status;
}

static enum status
ca_show(struct call *call)
{
	return answer(call);
}

static enum status
ca_crl(struct call *call)
{
	enum status status;
	json_t *issuer;

	status = database_call(
	    call, "issuer_show", PARAMETERS({NULL, NULL}), &issuer);
	if (status != STATUS_DONE)
		return status;
	status = issuer_write_crl(call, issuer, option(call, "out"));
	json_decref(issuer);
	return status;
}

static const struct option init_options[] = {
    {.name = "name",
	.kind = OPTION_TEXT,
	.value = "NAME",
	.max = 64,
	.help = N_("common name in the CA's certificate; must be given")},
    {.name = "years",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 30,
	.help = N_("how long it is valid; 20 if left out")},
    {.name = "key",
	.kind = OPTION_CHOICE,
	.choices = "P-256|P-384",
	.help = N_("kind of key to make if the token has none; P-384 if left "
		   "out")},
    {0},
};

static const struct option crl_options[] = {
    {.name = "out",
	.kind = OPTION_FILE,
	.value = "FILE",
	.help = N_("where to; standard output if left out")},
    {0},
};

const struct verb ca_verbs[] = {
    {"init", "", ca_init, init_options,
	N_("make the card CA: its key in the server's token, and its "
	   "certificate"),
	N_("The key is made in the PKCS#11 token that authd.conf names, and "
	   "cannot be\ntaken out of it; a key that is there already under "
	   "that label is used.\n\n"
	   "  card-admin ca init --name \"Sakura Hospital Card CA\"\n"
	   "  card-admin ca init --name \"Sakura Hospital Card CA\" --years 15 "
	   "--key P-256")},
    {"show", "", ca_show, NULL,
	N_("show the card CA: certificate, CRL, number of keys"), NULL},
    {"crl", "", ca_crl, crl_options, N_("write the card CA's CRL as PEM"),
	N_("  card-admin ca crl --out card.pem")},
    {0},
};
