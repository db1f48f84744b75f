/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardtools/database.h"
#include "cardtools/issuer.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"
#include "common/crypto/crl.h"
#include "common/crypto/pem.h"

enum { SEQUENCE = 0x30 /* with which DER begins */ };

/* DER, or the one PEM block of this kind; caller frees. */
static enum status
read_file(const char *path, const char *label, unsigned char **ret_der,
    size_t *ret_len)
{
	FILE *f = fopen(path, "r");
	unsigned char *octets = malloc(CRL_MAX + 1), *der = NULL;
	const char *text = (const char *)octets;
	enum error err = ERR_INPUT;
	size_t len, left;

	if (f == NULL || octets == NULL) {
		say("%s: %s", path, strerror(errno));
		if (f != NULL)
			(void)fclose(f);
		free(octets);
		return STATUS_USAGE;
	}
	len = left = fread(octets, 1, CRL_MAX, f);
	octets[len] = '\0';
	if (ferror(f) == 0 && fgetc(f) == EOF && len > 0 &&
	    octets[0] == SEQUENCE) {
		der = octets;
		octets = NULL;
		err = ERR_OK;
	} else if (ferror(f) == 0 && feof(f) != 0) {
		err = pem_next(&text, &left, label, &der, &len);
	}
	(void)fclose(f);
	free(octets);
	if (err == ERR_OK) {
		*ret_der = der;
		*ret_len = len;
		return STATUS_DONE;
	}
	say(_("%s has no %s in it"), path, label);
	return STATUS_USAGE;
}

/* bytea as a parameter; caller frees. */
static char *
hex_parameter(const unsigned char *octets, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * len + 3), *out;
	size_t i;

	if (text == NULL)
		return NULL;
	out = stpcpy(text, "\\x");
	for (i = 0; i < len; i++) {
		*out++ = digits[octets[i] >> 4];
		*out++ = digits[octets[i] & 15];
	}
	*out = '\0';
	return text;
}

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
	status = read_file(path, PEM_CERTIFICATE, &der, &len);
	if (status != STATUS_DONE)
		return status;
	if (certificate_parse(der, len, &c) != ERR_OK || !c.is_ca) {
		say(_("%s is not the certificate of a CA"), path);
		free(der);
		return STATUS_USAGE;
	}
	parameter = hex_parameter(der, len);
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

static void
moment(int64_t seconds, char ret_text[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	ret_text[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(ret_text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* Two arrays as parameters; caller frees. */
static enum error
lists(const struct crl *crl, char **ret_serials, char **ret_moments)
{
	char *serials = NULL, *moments = NULL, at[32];
	size_t serials_len, moments_len, i;
	FILE *a = open_memstream(&serials, &serials_len);
	FILE *b = open_memstream(&moments, &moments_len);
	bool good = a != NULL && b != NULL;

	for (i = 0; good && i < crl->n; i++) {
		moment(crl->entry[i].at, at);
		good = fprintf(a, "%c\"\\\\x%s\"", i == 0 ? '{' : ',',
			   crl->entry[i].serial) > 0 &&
		       fprintf(b, "%c%s", i == 0 ? '{' : ',', at) > 0;
	}
	if (good)
		good = fputs(crl->n == 0 ? "{}" : "}", a) >= 0 &&
		       fputs(crl->n == 0 ? "{}" : "}", b) >= 0;
	if (a != NULL && fclose(a) != 0)
		good = false;
	if (b != NULL && fclose(b) != 0)
		good = false;
	if (!good) {
		free(serials);
		free(moments);
		return ERR_NOMEM;
	}
	*ret_serials = serials;
	*ret_moments = moments;
	return ERR_OK;
}

static enum status
load(struct call *call, const struct crl *crl, const char *certificate,
    const unsigned char *der, size_t len)
{
	char number[24], this_update[32], next_update[32];
	char *octets = hex_parameter(der, len), *serials, *moments;
	enum status status;
	json_t *issuer;

	if (octets == NULL || lists(crl, &serials, &moments) != ERR_OK) {
		free(octets);
		return STATUS_UNREACHED;
	}
	(void)snprintf(number, sizeof number, "%" PRId64, crl->number);
	moment(crl->this_update, this_update);
	moment(crl->next_update, next_update);
	status = database_call(call, "issuer_crl",
	    PARAMETERS({"p_name", call->arg[0]}, {"p_certificate", certificate},
		{"p_crl", octets}, {"p_number", number},
		{"p_this", this_update}, {"p_next", next_update},
		{"p_serials", serials}, {"p_at", moments}),
	    &issuer);
	free(octets);
	free(serials);
	free(moments);
	if (status != STATUS_DONE)
		return status;
	if (!call->json)
		out(_("The CRL is taken over: %lld serial numbers; keys "
		      "revoked "
		      "by it: %lld.\n"),
		    (long long)json_integer_value(
			json_object_get(issuer, "listed")),
		    (long long)json_integer_value(
			json_object_get(issuer, "revoked")));
	else
		out_json(issuer, false);
	json_decref(issuer);
	return STATUS_DONE;
}

static enum status
say_unreadable(const char *path, enum error err)
{
	if (err == ERR_DENIED)
		say(_("%s is not a CRL of this issuer"), path);
	else if (err == ERR_MISMATCH)
		say(_("the signature of %s is wrong"), path);
	else if (err == ERR_INPUT)
		say(_("%s is not a complete CRL with a next update"), path);
	else
		say("%s: %s", path, error_text(err));
	return err == ERR_NOMEM || err == ERR_CRYPTO ? STATUS_UNREACHED
						     : STATUS_REFUSED;
}

static enum status
issuer_crl(struct call *call)
{
	unsigned char *certificate = NULL, *der = NULL;
	char *parameter = NULL;
	enum status status;
	json_t *issuer;
	struct crl crl;
	size_t certificate_len, len;
	enum error err;

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
		status = read_file(call->arg[1], PEM_CRL, &der, &len);
	if (status == STATUS_DONE) {
		err = crl_read(certificate, certificate_len, der, len, &crl);
		if (err != ERR_OK)
			status = say_unreadable(call->arg[1], err);
	}
	if (status == STATUS_DONE) {
		parameter = hex_parameter(certificate, certificate_len);
		status = parameter == NULL
			     ? STATUS_UNREACHED
			     : load(call, &crl, parameter, der, len);
		crl_clear(&crl);
	}
	free(parameter);
	free(certificate);
	free(der);
	return status;
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

static const struct option add_options[] = {
    {.name = "certificate",
	.kind = OPTION_FILE,
	.value = "FILE",
	.help = N_("the CA's certificate, PEM or DER")},
    {.name = "revocation",
	.kind = OPTION_CHOICE,
	.choices = "crl|none",
	.help = N_("crl: its keys count while its CRL is current; none: bare "
		   "keys, revoked here alone")},
    {.name = "url",
	.kind = OPTION_TEXT,
	.value = "URL",
	.help = N_("where its CRL is; a note, nothing is fetched")},
    {0},
};

const struct verb issuer_verbs[] = {
    {"add", "NAME", issuer_add, add_options,
	N_("let cards of another issuer be bound"),
	N_("  card-admin issuer add hpki --certificate hpki-ca.pem "
	   "--revocation crl\n"
	   "  card-admin issuer add jpki --certificate jpki-ca.pem "
	   "--revocation none")},
    {"list", "", issuer_list, NULL, N_("list issuers, our own CA among them"),
	NULL},
    {"show", "NAME", issuer_show, NULL, N_("show an issuer"), NULL},
    {"crl", "NAME [FILE]", issuer_crl, NULL,
	N_("take over an issuer's CRL, or write the one that is known"),
	N_("Its signature is verified with the issuer's certificate; one that "
	   "is older than\nthe one known is refused. What it revokes stops "
	   "counting at once.\n\n"
	   "  card-admin issuer crl hpki hpki.crl")},
    {"retire", "NAME", issuer_retire, NULL,
	N_("let nothing of an issuer count any more"), NULL},
    {0},
};
