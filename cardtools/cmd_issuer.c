/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/issuer.h"
#include "cardtools/issuer_crl.h"
#include "cardtools/issuer_refresh.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"
#include "common/crypto/certificate.h"
#include "common/crypto/pem.h"

static enum status
answer(struct call *call, json_t *issuer, const char *sentence)
{
	if (call->json)
		out_json(issuer, false);
	else
		out("%s\n", sentence);
	json_decref(issuer);
	return STATUS_DONE;
}

static enum status
issuer_add(struct call *call)
{
	const char *path = option(call, "certificate"),
		   *revocation = option(call, "revocation");
	struct certificate c;
	unsigned char *der;
	enum status status;
	json_t *issuer;
	char *parameter;
	size_t len;

	if (path == NULL || revocation == NULL) {
		say("%s", _("--certificate and --revocation must be given"));
		return STATUS_USAGE;
	}
	status = issuer_read_file(path, PEM_CERTIFICATE, &der, &len);
	if (status != STATUS_DONE)
		return status;
	if (certificate_parse(der, len, &c) != ERR_OK || !c.is_ca) {
		say(_("%s is not the certificate of a CA"), path);
		free(der);
		return STATUS_USAGE;
	}
	parameter = issuer_hex(der, len);
	free(der);
	if (parameter == NULL)
		return STATUS_UNREACHED;
	status = database_call(call, "issuer_add",
	    PARAMETERS({"p_name", call->arg[0]}, {"p_certificate", parameter},
		{"p_revocation", revocation}, {"p_url", option(call, "url")}),
	    &issuer);
	free(parameter);
	if (status != STATUS_DONE)
		return status;
	return answer(call, issuer,
	    strcmp(revocation, "crl") == 0
		? _("The issuer is added. Its keys count once its CRL is "
		    "loaded: card-admin issuer crl")
		: _("The issuer is added."));
}

static enum status
issuer_list(struct call *call)
{
	const char *const headings[] = {_("ISSUER"), _("STATUS"),
	    _("REVOCATION"), _("CRL GOOD UNTIL"), _("COUNTS"), _("KEYS")};
	struct sheet *sheet;
	const json_t *issuer;
	enum status status;
	json_t *list;
	size_t i;

	status =
	    database_call(call, "issuer_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(6, headings);
	json_array_foreach(list, i, issuer)
	{
		char keys[24];

		(void)snprintf(keys, sizeof keys, "%lld",
		    (long long)json_integer_value(
			json_object_get(issuer, "keys")));
		sheet_cell(sheet, field(issuer, "name"));
		sheet_cell(sheet, term_words(field(issuer, "status")));
		sheet_cell(sheet, term_words(field(issuer, "revocation")));
		sheet_moment(sheet, field(issuer, "crl_next"));
		sheet_cell(sheet,
		    json_is_true(json_object_get(issuer, "counts")) ? _("yes")
								    : _("no"));
		sheet_cell(sheet, keys);
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static enum status
issuer_show(struct call *call)
{
	enum status status;
	json_t *issuer;

	status = database_call(
	    call, "issuer_show", PARAMETERS({"p_name", call->arg[0]}), &issuer);
	if (status != STATUS_DONE)
		return status;
	status = issuer_answer(call, issuer);
	json_decref(issuer);
	return status;
}

static long long
count(const json_t *issuer, const char *name)
{
	return (long long)json_integer_value(json_object_get(issuer, name));
}

static void
say_taken(const json_t *issuer)
{
	out(_("The CRL is taken over: %lld serial numbers; keys revoked by it: "
	      "%lld, suspended: %lld, in force again: %lld.\n"),
	    count(issuer, "listed"), count(issuer, "revoked"),
	    count(issuer, "held"), count(issuer, "released"));
}

static enum status
issuer_crl(struct call *call)
{
	unsigned char *certificate = NULL, *der = NULL;
	enum status status;
	json_t *issuer;
	size_t certificate_len, len;

	if (call->arg[1] == NULL) {
		status = database_call(call, "issuer_show",
		    PARAMETERS({"p_name", call->arg[0]}), &issuer);
		if (status != STATUS_DONE)
			return status;
		status = issuer_write_crl(call, issuer, NULL);
		json_decref(issuer);
		return status;
	}
	status = database_call(
	    call, "issuer_show", PARAMETERS({"p_name", call->arg[0]}), &issuer);
	if (status != STATUS_DONE)
		return status;
	status = issuer_octets(
	    issuer, "certificate", &certificate, &certificate_len);
	json_decref(issuer);
	if (status == STATUS_DONE)
		status = issuer_read_file(call->arg[1], PEM_CRL, &der, &len);
	if (status == STATUS_DONE)
		status = issuer_take_crl(call, call->arg[0], call->arg[1],
		    (struct der){certificate, certificate_len},
		    (struct der){der, len}, &issuer);
	if (status == STATUS_DONE && !call->json)
		say_taken(issuer);
	else if (status == STATUS_DONE)
		out_json(issuer, false);
	if (status == STATUS_DONE)
		json_decref(issuer);
	free(certificate);
	free(der);
	return status;
}

static enum status
issuer_set(struct call *call)
{
	enum status status;
	json_t *issuer;

	if (option(call, "url") == NULL) {
		say("%s", _("--url is missing: where is its CRL or its OCSP "
			    "responder?"));
		return STATUS_USAGE;
	}
	status = database_call(call, "issuer_set",
	    PARAMETERS(
		{"p_name", call->arg[0]}, {"p_url", option(call, "url")}),
	    &issuer);
	if (status != STATUS_DONE)
		return status;
	return answer(call, issuer, _("The next “issuer refresh” asks there."));
}

static enum status
issuer_retire(struct call *call)
{
	enum status status;
	json_t *issuer;

	status = database_call(call, "issuer_retire",
	    PARAMETERS({"p_name", call->arg[0]}), &issuer);
	if (status != STATUS_DONE)
		return status;
	return answer(
	    call, issuer, _("Nothing of this issuer counts any more."));
}

static enum status
issuer_anchors(struct call *call)
{
	enum status status;
	json_t *list;

	status =
	    database_call(call, "issuer_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	status = issuer_write_anchors(call, list, call->arg[0]);
	json_decref(list);
	return status;
}

static const struct option add_options[] = {
    {.name = "certificate",
	.kind = OPTION_FILE,
	.value = "FILE",
	.help = N_("the CA's certificate, PEM or DER")},
    {.name = "revocation",
	.kind = OPTION_CHOICE,
	.choices = "crl|ocsp|none",
	.help = N_("crl: its keys count while its CRL is current; ocsp: each "
		   "while its responder says so; none: bare keys, revoked here "
		   "alone")},
    {.name = "url",
	.kind = OPTION_TEXT,
	.value = "URL",
	.help = N_("where its CRL or its OCSP responder is (http, https): "
		   "issuer refresh asks there")},
    {0},
};

static const struct option set_options[] = {
    {.name = "url",
	.kind = OPTION_TEXT,
	.value = "URL",
	.help = N_("where its CRL or its OCSP responder is now; \"\": "
		   "nowhere, its CRL is loaded by hand")},
    {0},
};

const struct verb issuer_verbs[] = {
    {"add", "NAME", issuer_add, add_options,
	N_("let cards of another issuer be bound"),
	N_("  card-admin issuer add hpki --certificate hpki-ca.pem "
	   "--revocation crl\n"
	   "  card-admin issuer add jpki --certificate jpki-ca.pem "
	   "--revocation none")},
    {"set", "NAME", issuer_set, set_options,
	N_("change where an issuer is asked"), NULL},
    {"list", "", issuer_list, NULL, N_("list issuers, our own CA among them"),
	NULL},
    {"show", "NAME", issuer_show, NULL, N_("show an issuer"), NULL},
    {"crl", "NAME [FILE]", issuer_crl, NULL,
	N_("take over an issuer's CRL, or write the one that is known"),
	N_("Its signature is verified with the issuer's certificate; one that "
	   "is older than\nthe one known is refused. What it revokes stops "
	   "counting at once.\n\n"
	   "  card-admin issuer crl hpki hpki.crl")},
    {"refresh", "[NAME]", issuer_refresh, NULL,
	N_("fetch CRLs, ask OCSP responders"),
	N_("Of one issuer, or of all that have an address. What was revoked "
	   "stops counting at\nonce. What cannot be asked stays as it is "
	   "until its time is over; then it counts\nno more. Meant for a timer "
	   "(sekisho-issuer-refresh.timer) and by hand, such as after\na card "
	   "was bound.\n\n"
	   "  card-admin issuer refresh\n"
	   "  card-admin issuer refresh hpki")},
    {"anchors", "[FILE]", issuer_anchors, NULL,
	N_("write the certificates that FreeRADIUS trusts for 802.1X"),
	N_("Of our own CA and of every issuer whose certificates count, as "
	   "PEM: the file of\nmake-raddb --eap-ca. Write it again, and restart "
	   "FreeRADIUS, when an issuer was\nadded or retired. It says whose "
	   "certificates are looked at; which ones count is asked\nof each "
	   "login.\n\n"
	   "  card-admin issuer anchors /etc/sekisho/eap/anchors.pem")},
    {"retire", "NAME", issuer_retire, NULL,
	N_("let nothing of an issuer count any more"), NULL},
    {0},
};
