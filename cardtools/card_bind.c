/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/card_bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cardtools/ask.h"
#include "cardtools/card_issue.h"
#include "cardtools/database.h"
#include "cardtools/order.h"
#include "cardtools/output.h"
#include "cardtools/pkcs11.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "common/db/db.h"
#include "common/wire/signed.h"

enum { PROOF_HEAD = 32 + 1 + 2, DER_TEXT = 2 * PKCS11_DER + 3 };

struct bind {
	struct call *call;
	struct pkcs11 *module;
	size_t which;
	const struct pkcs11_certificate *given;
	struct certificate certificate;
	enum scheme scheme;
	char slot[2 * PKCS11_ID + 1];
	char known_by[65]; /* "": not known that the PIN is asked for */
	char id[UUID_TEXT];
};

/* A PIN that some program left verified counts for nothing: closing resets. */
static void
forget_pin(struct call *call)
{
	char readers[PIV_READERS];
	struct piv *piv = NULL;

	if (piv_open(option(call, "reader"), &piv, readers) == ERR_OK)
		piv_close(&piv);
}

/*
 * A PIV card answers for itself: if it refuses to sign with 9A before the
 * PIN, no module need be believed. Before the module has the card.
 */
static size_t
ask_piv(struct call *call, unsigned char ret_der[PIV_OBJECT_MAX])
{
	const unsigned char digest[SIGNATURE_DIGEST] = {0};
	unsigned char signature[PIV_SIGNATURE_MAX];
	char readers[PIV_READERS];
	struct certificate parsed;
	struct piv *piv = NULL;
	size_t len = 0, n;

	if (piv_open(option(call, "reader"), &piv, readers) != ERR_OK)
		return 0;
	if (piv_read_certificate(piv, PIV_9A, ret_der, &len) != ERR_OK ||
	    certificate_parse(ret_der, len, &parsed) != ERR_OK ||
	    piv_sign(piv, PIV_9A, parsed.spki.octets, parsed.spki.len, digest,
		signature, &n) != ERR_DENIED)
		len = 0;
	piv_close(&piv);
	return len;
}

static void
id_text(const struct pkcs11_certificate *c, char ret_text[2 * PKCS11_ID + 1])
{
	hex_encode(c->id, c->id_len, ret_text);
}

static void
show_choices(const struct pkcs11 *module)
{
	const char *const headings[] = {
	    _("OBJECT"), _("LABEL"), _("SUBJECT"), _("TOKEN")};
	struct sheet *sheet = sheet_new(4, headings);
	size_t i;

	for (i = 0; i < pkcs11_count(module); i++) {
		const struct pkcs11_certificate *c = pkcs11_at(module, i);
		struct certificate parsed;
		char id[2 * PKCS11_ID + 1];

		id_text(c, id);
		sheet_cell(sheet, id);
		sheet_cell(sheet, c->label);
		sheet_cell(sheet,
		    certificate_parse(c->der, c->der_len, &parsed) == ERR_OK
			? parsed.subject_text
			: _("(cannot be used)"));
		sheet_cell(sheet, c->token);
	}
	sheet_end(&sheet);
}

static enum status
choose(struct bind *b)
{
	const char *wanted = option(b->call, "object");
	size_t i, n = 0;

	for (i = 0; i < pkcs11_count(b->module); i++) {
		const struct pkcs11_certificate *c = pkcs11_at(b->module, i);
		char id[2 * PKCS11_ID + 1];

		id_text(c, id);
		if (wanted != NULL && strcasecmp(wanted, id) != 0)
			continue;
		b->which = i;
		n++;
	}
	if (n != 1) {
		if (pkcs11_count(b->module) == 0) {
			say("%s", _("no card with a certificate is there; is "
				    "--module the right one?"));
			return STATUS_READER;
		}
		if (!b->call->json)
			show_choices(b->module);
		say("%s", n == 0 ? _("none of these; name one with --object")
				 : _("which one? Name it with --object"));
		return STATUS_REFUSED;
	}
	b->given = pkcs11_at(b->module, b->which);
	id_text(b->given, b->slot);
	return STATUS_DONE;
}

/* The key must be one that logins take. */
static enum status
examine(struct bind *b)
{
	const struct pkcs11_certificate *c = b->given;
	struct spki spki;

	if (certificate_parse(c->der, c->der_len, &b->certificate) != ERR_OK ||
	    spki_acceptable(b->certificate.spki.octets, b->certificate.spki.len,
		&spki) != ERR_OK) {
		say("%s", _("that certificate or its key is not of a kind that "
			    "can be used"));
		return STATUS_REFUSED;
	}
	b->scheme = spki.kind == KEY_RSA ? SCHEME_RSA_PKCS1_SHA256
					 : SCHEME_ECDSA_SHA256;
	return STATUS_DONE;
}

static enum status
log_in(struct bind *b)
{
	struct secret *pin = NULL;
	enum error err;

	err = ask_line(_("PIN: "), true, &pin);
	if (err != ERR_OK)
		return ask_failed(err);
	err = pkcs11_login(b->module, b->which, pin, b->known_by);
	secret_free(&pin);
	if (err == ERR_OK)
		return STATUS_DONE;
	if (err == ERR_MISMATCH || err == ERR_DENIED) {
		say("%s", err == ERR_MISMATCH ? _("wrong PIN")
					      : _("the PIN is blocked"));
		return STATUS_REFUSED;
	}
	say(_("the card failed (%s). Run the same command again"),
	    pkcs11_fault(b->module));
	return STATUS_READER;
}

static enum status
record(struct bind *b)
{
	const struct certificate *x = &b->certificate;
	const char *issuer = option(b->call, "issuer");
	const char *acceptance = option(b->call, "acceptance");
	const char *id;
	char key_id[2 * SPKI_KEY_ID + 3], spki[2 * SPKI_MAX + 3];
	char *der = malloc(DER_TEXT), serial[CERTIFICATE_SERIAL + 2];
	char from[WHEN_TEXT], until[WHEN_TEXT];
	enum status status;
	json_t *answer;

	if (der == NULL)
		return STATUS_UNREACHED;
	uuid_random(b->id);
	db_bytea(x->key_id, SPKI_KEY_ID, key_id);
	db_bytea(x->spki.octets, x->spki.len, spki);
	db_bytea(b->given->der, b->given->der_len, der);
	(void)snprintf(serial, sizeof serial, "\\x%s", x->serial);
	when_utc((time_t)x->not_before, from);
	when_utc((time_t)x->not_after + 1, until); /* that second belongs */
	status = database_call(b->call, "card_bind",
	    PARAMETERS({"p_token", b->id}, {"p_login", b->call->arg[0]},
		{"p_slot", b->slot}, {"p_key_id", key_id}, {"p_spki", spki},
		{"p_certificate", der}, {"p_serial", serial}, {"p_from", from},
		{"p_until", until}, {"p_issuer", issuer != NULL ? issuer : ""},
		{"p_pin", b->known_by[0] != '\0' ? "enforced" : "unknown"},
		{"p_pin_known_by", b->known_by}, {"p_device", b->given->token},
		{"p_number", option(b->call, "number")},
		{"p_acceptance", acceptance != NULL ? acceptance : ""}),
	    &answer);
	free(der);
	if (status != STATUS_DONE)
		return status;
	/* a key that this person has bound already keeps its card */
	id = json_string_value(json_object_get(answer, "id"));
	if (id != NULL && uuid_valid(id))
		(void)snprintf(b->id, sizeof b->id, "%s", id);
	json_decref(answer);
	return STATUS_DONE;
}

static enum status
prove(struct bind *b)
{
	unsigned char challenge[SIGNED_CHALLENGE], digest[SIGNED_DIGEST];
	const struct signed_fields fields = {.purpose = "enrolment",
	    .server_id = b->call->conf.server_id,
	    .client_id = b->id,
	    .login = b->call->arg[0],
	    .challenge = challenge};
	struct secret *proof = NULL;
	enum status status;
	size_t len = 0;
	enum error err;

	status = card_ask_challenge(b->call, b->id, NULL, NULL, challenge);
	if (status != STATUS_DONE)
		return status;
	err = secret_new(PROOF_HEAD + SIGNATURE_MAX, &proof);
	if (err == ERR_OK)
		err = signed_digest(&fields, digest);
	if (err == ERR_OK)
		err = pkcs11_sign(
		    b->module, digest, proof->bytes + PROOF_HEAD, &len);
	if (err != ERR_OK) {
		say(_("the card failed (%s). Run the same command again"),
		    pkcs11_fault(b->module));
		secret_free(&proof);
		return STATUS_READER;
	}
	memcpy(proof->bytes, b->certificate.key_id, SPKI_KEY_ID);
	proof->bytes[32] = (unsigned char)b->scheme;
	proof->bytes[33] = (unsigned char)(len >> 8);
	proof->bytes[34] = (unsigned char)len;
	proof->len = PROOF_HEAD + len;
	status = order_card(
	    b->call, "card_prove", b->id, NULL, proof, NULL, 0, NULL);
	proof->len = PROOF_HEAD + SIGNATURE_MAX;
	secret_free(&proof);
	return status;
}

enum status
card_bind(struct call *call)
{
	const char *path = option(call, "module");
	unsigned char der[PIV_OBJECT_MAX];
	struct bind b = {.call = call};
	enum status status;
	size_t len;
	enum error err;

	if (path == NULL)
		path = call->conf.module;
	forget_pin(call);
	len = ask_piv(call, der);
	/* before the database is open, so that the module's process has
	 * nothing of it */
	err = pkcs11_open(path, &b.module);
	if (err != ERR_OK) {
		say(_("the PKCS#11 module %s cannot be used: %s"), path,
		    b.module != NULL ? pkcs11_fault(b.module)
				     : error_text(err));
		pkcs11_close(&b.module);
		return STATUS_READER;
	}
	status = choose(&b);
	if (status == STATUS_DONE)
		status = examine(&b);
	if (status == STATUS_DONE)
		status = log_in(&b);
	if (status == STATUS_DONE && b.known_by[0] == '\0' &&
	    len == b.given->der_len && memcmp(der, b.given->der, len) == 0)
		(void)snprintf(b.known_by, sizeof b.known_by,
		    "the PIV card refused before PIN");
	if (status == STATUS_DONE)
		status = record(&b);
	if (status == STATUS_DONE)
		status = prove(&b);
	if (status == STATUS_DONE)
		status = card_report(call, b.id,
		    b.known_by[0] != '\0'
			? _("Bound: the card counts, and its PIN with it.")
			: _("Bound: the card counts as something held; whether "
			    "it asks for its PIN is not known."));
	pkcs11_close(&b.module);
	forget_pin(call);
	return status;
}
