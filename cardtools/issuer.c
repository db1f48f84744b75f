/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/issuer.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"
#include "common/base/hex.h"
#include "common/crypto/certificate.h"
#include "common/crypto/pem.h"

enum status
issuer_octets(const json_t *issuer, const char *name, unsigned char **ret_der,
    size_t *ret_len)
{
	const char *text = field(issuer, name);
	size_t cap = strlen(text) / 4 * 3 + 3;
	unsigned char *der = malloc(cap);

	if (der == NULL)
		return STATUS_UNREACHED;
	if (sodium_base642bin(der, cap, text, strlen(text), NULL, ret_len, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0) {
		say("%s", _("the database's answer makes no sense; is it of "
			    "another version?"));
		free(der);
		return STATUS_UNREACHED;
	}
	*ret_der = der;
	return STATUS_DONE;
}

static void
moment(struct sheet *sheet, int64_t seconds)
{
	char text[32];
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+00:00", &tm) > 0)
		sheet_moment(sheet, text);
	else
		sheet_cell(sheet, NULL);
}

static void
show(const json_t *issuer, const struct certificate *c, const char *pem)
{
	char hash[2 * CERTIFICATE_HASH + 1], keys[24];
	struct sheet *sheet = sheet_new(2, NULL);

	hex_encode(c->hash, sizeof c->hash, hash);
	(void)snprintf(keys, sizeof keys, "%lld",
	    (long long)json_integer_value(json_object_get(issuer, "keys")));
	sheet_cell(sheet, _("name"));
	sheet_cell(sheet, field(issuer, "name"));
	sheet_cell(sheet, _("status"));
	sheet_cell(sheet, term_words(field(issuer, "status")));
	sheet_cell(sheet, _("revocation"));
	sheet_cell(sheet, term_words(field(issuer, "revocation")));
	sheet_cell(sheet, _("subject"));
	sheet_cell(sheet, c->subject_text);
	sheet_cell(sheet, _("from"));
	moment(sheet, c->not_before);
	sheet_cell(sheet, _("until"));
	moment(sheet, c->not_after);
	sheet_cell(sheet, "SHA-256");
	sheet_cell(sheet, hash);
	sheet_cell(sheet, _("keys that count"));
	sheet_cell(sheet, keys);
	if (json_is_integer(json_object_get(issuer, "keys_good"))) {
		(void)snprintf(keys, sizeof keys, "%lld",
		    (long long)json_integer_value(
			json_object_get(issuer, "keys_good")));
		sheet_cell(sheet, _("keys its responder calls good"));
		sheet_cell(sheet, keys);
	}
	sheet_cell(sheet, _("CRL made"));
	sheet_moment(sheet, field(issuer, "crl_this"));
	sheet_cell(sheet, _("CRL good until"));
	sheet_moment(sheet, field(issuer, "crl_next"));
	sheet_end(&sheet);
	out("%s", pem);
}

enum status
issuer_answer(const struct call *call, const json_t *issuer)
{
	struct certificate c;
	unsigned char *der;
	enum status status;
	char *pem;
	size_t len;

	if (call->json) {
		out_json(issuer, false);
		return STATUS_DONE;
	}
	status = issuer_octets(issuer, "certificate", &der, &len);
	if (status != STATUS_DONE)
		return status;
	if (certificate_parse(der, len, &c) != ERR_OK ||
	    pem_encode(PEM_CERTIFICATE, der, len, &pem) != ERR_OK) {
		say("%s", _("its certificate cannot be read"));
		free(der);
		return STATUS_UNREACHED;
	}
	show(issuer, &c, pem);
	free(pem);
	free(der);
	return STATUS_DONE;
}

static enum status
write_out(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool good;

	good = f != NULL && fputs(text, f) >= 0;
	if (f != NULL && fclose(f) != 0)
		good = false;
	if (good)
		return STATUS_DONE;
	say("%s: %s", path, strerror(errno));
	return STATUS_USAGE;
}

enum status
issuer_write_crl(
    const struct call *call, const json_t *issuer, const char *path)
{
	unsigned char *der;
	enum status status;
	char *pem;
	size_t len;

	if (field(issuer, "crl")[0] == '\0') {
		say("%s", _("there is no CRL yet"));
		return STATUS_REFUSED;
	}
	if (call->json && path == NULL) {
		out_json(issuer, false);
		return STATUS_DONE;
	}
	status = issuer_octets(issuer, "crl", &der, &len);
	if (status != STATUS_DONE)
		return status;
	if (pem_encode(PEM_CRL, der, len, &pem) != ERR_OK) {
		free(der);
		return STATUS_UNREACHED;
	}
	free(der);
	if (path != NULL)
		status = write_out(path, pem);
	else
		out("%s", pem);
	if (status == STATUS_DONE && call->json)
		out_json(issuer, false);
	free(pem);
	return status;
}

static enum status
append_anchor(const char *name, const json_t *issuer, FILE *to)
{
	unsigned char *der;
	enum status status;
	char *pem = NULL;
	size_t len;

	status = issuer_octets(issuer, "certificate", &der, &len);
	if (status != STATUS_DONE)
		return status;
	if (pem_encode(PEM_CERTIFICATE, der, len, &pem) != ERR_OK ||
	    fprintf(to, "# %s\n%s", name, pem) < 0)
		status = STATUS_UNREACHED;
	free(der);
	free(pem);
	return status;
}

static enum status
append_anchors(struct call *call, const json_t *list, FILE *to)
{
	enum status status = STATUS_DONE;
	json_t *issuer, *whole;
	size_t i;

	json_array_foreach(list, i, issuer)
	{
		const char *name = field(issuer, "name");

		/* bare keys: their certificates prove nothing here */
		if (strcmp(field(issuer, "status"), "active") != 0 ||
		    strcmp(field(issuer, "revocation"), "none") == 0)
			continue;
		status = database_call(
		    call, "issuer_show", PARAMETERS({"p_name", name}), &whole);
		if (status != STATUS_DONE)
			break;
		status = append_anchor(name, whole, to);
		json_decref(whole);
		if (status != STATUS_DONE)
			break;
	}
	return status;
}

enum status
issuer_write_anchors(struct call *call, const json_t *list, const char *path)
{
	enum status status;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (to == NULL)
		return STATUS_UNREACHED;
	status = append_anchors(call, list, to);
	if (fclose(to) != 0)
		status = STATUS_UNREACHED;
	if (status == STATUS_DONE && len == 0) {
		say("%s", _("there is no issuer yet: card-admin ca init"));
		status = STATUS_REFUSED;
	} else if (status == STATUS_DONE && path != NULL) {
		status = write_out(path, text);
	} else if (status == STATUS_DONE) {
		out("%s", text);
	}
	free(text);
	return status;
}
