/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/orders_ca.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "authd/card_args.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/crypto/csr.h"
#include "common/crypto/issue.h"

enum {
	BEFORE = 300, /* seconds, for clocks that are behind */
	DAY = 86400,
	NAME_CHARACTERS = 64, /* RFC 5280 A.1, ub-common-name */
};

/* SP 800-73-4 part 1, 3.1, and what Windows wants of a logon certificate. */
static const struct slot {
	const char *name;
	unsigned key_usage, uses;
	bool logon; /* carries UPN and SID */
	/* read without a PIN, over the air, too: nobody's name stands in it */
	bool anonymous;
} slots[] = {
    {"9a", KEY_USAGE_SIGN, USE_CLIENT_AUTH | USE_SMARTCARD_LOGON, true, false},
    {"9c", KEY_USAGE_SIGN, USE_EMAIL, false, false},
    {"9d", KEY_USAGE_ENCIPHER, USE_EMAIL, false, false},
    {"9e", KEY_USAGE_SIGN, USE_PIV_CARD_AUTH, false, true},
};

static const struct slot *
find_slot(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof slots / sizeof slots[0]; i++) {
		if (strcmp(slots[i].name, name) == 0)
			return &slots[i];
	}
	return NULL;
}

/* What the database knows of our CA. */
struct own {
	char id[UUID_TEXT];
	unsigned char der[CERTIFICATE_MAX];
	size_t len;
	struct certificate certificate;
};

static enum error
read_own(struct duty *d, struct own *ret_own)
{
	struct db_result *rows = NULL;
	enum error err;

	err = db_call(d->db, "ca_issuer", "SELECT * FROM sekisho.ca_issuer()",
	    0, NULL, d->config->database_timeout_ms, &rows);
	if (err == ERR_OK && db_rows(rows) == 0)
		err = ERR_NOTFOUND;
	if (err == ERR_OK)
		err = db_bytes(rows, 0, 2, ret_own->der, sizeof ret_own->der,
		    &ret_own->len);
	if (err == ERR_OK) {
		(void)snprintf(
		    ret_own->id, sizeof ret_own->id, "%s", db_text(rows, 0, 0));
		err = certificate_parse(
		    ret_own->der, ret_own->len, &ret_own->certificate);
	}
	db_result_free(&rows);
	return err;
}

/* RFC 5280 A.1: PrintableString has neither @ nor _. */
static bool
is_printable_string(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxyz0123456789"
				 " '()+,-./:=?")] == '\0';
}

/* The first characters that a name may have. */
static void
shorten(const char *name, char *ret_name, size_t cap)
{
	size_t i, characters = 0;

	for (i = 0; name[i] != '\0' && i + 1 < cap; i++) {
		characters += ((unsigned char)name[i] & 0xc0) != 0x80;
		if (characters > NAME_CHARACTERS)
			break;
		ret_name[i] = name[i];
	}
	ret_name[i] = '\0';
}

/* ERR_DENIED: not a moment is left. */
static enum error
set_validity(const struct card_order *o, const struct certificate *ca,
    struct issue_template *t)
{
	t->not_before = o->now - BEFORE;
	if (t->not_before < ca->not_before)
		t->not_before = ca->not_before;
	t->not_after = o->now + o->days * DAY;
	if (o->member_until > 0 && t->not_after >= o->member_until)
		t->not_after = o->member_until - 1;
	if (t->not_after > ca->not_after)
		t->not_after = ca->not_after;
	return t->not_after > o->now ? ERR_OK : ERR_DENIED;
}

static enum error
store(struct duty *d, const struct card_order *o, const struct own *own,
    const char *slot, const struct csr *csr, const unsigned char *der,
    size_t len)
{
	char key_id[2 * SPKI_KEY_ID + 3], spki[2 * SPKI_MAX + 3];
	char certificate[2 * CERTIFICATE_MAX + 3];
	char serial[CERTIFICATE_SERIAL + 3], from[24], until[24];
	const char *params[9] = {o->id, slot, key_id, spki, certificate,
	    own->id, serial, from, until};
	struct certificate made;
	struct db_result *r = NULL;
	enum error err;

	err = certificate_parse(der, len, &made);
	if (err != ERR_OK)
		return err;
	db_bytea(csr->key_id, SPKI_KEY_ID, key_id);
	db_bytea(csr->spki.octets, csr->spki.len, spki);
	db_bytea(der, len, certificate);
	(void)snprintf(serial, sizeof serial, "\\x%s", made.serial);
	(void)snprintf(from, sizeof from, "%s", log_num(made.not_before));
	(void)snprintf(until, sizeof until, "%s", log_num(made.not_after));
	err = db_call(d->db, "card_certificate_store",
	    "SELECT sekisho.card_certificate_store($1::uuid, $2, $3::bytea, "
	    "$4::bytea, $5::bytea, $6::uuid, $7::bytea, "
	    "to_timestamp($8::bigint), to_timestamp($9::bigint))",
	    9, params, d->config->database_timeout_ms, &r);
	db_result_free(&r);
	return err;
}

/* What the card is called by who may not know whose it is. */
static const char *
card_name(const struct card_order *o)
{
	return o->number[0] != '\0' ? o->number : o->token;
}

/* The certificate's contents come from the database; of the request, the key.
 */
static enum error
sign(struct duty *d, const struct card_order *o, const struct own *own,
    const struct slot *slot, const struct csr *csr, const struct ca_key *key,
    unsigned char der[CERTIFICATE_MAX], size_t *ret_len)
{
	char name[4 * NAME_CHARACTERS + 1], upn[CERTIFICATE_UPN];
	struct issue_template t = {.issuer = {own->der, own->len},
	    .spki = csr->spki,
	    .key_usage = slot->key_usage,
	    .uses = slot->uses};
	struct issue_signer signer = {.spki = {key->spki, key->len},
	    .sign = ca_client_sign,
	    .context = &d->ca};
	int n;

	if (set_validity(o, &own->certificate, &t) != ERR_OK)
		return ERR_DENIED;
	randombytes_buf(t.serial, sizeof t.serial);
	issue_serial(t.serial);
	shorten(slot->anonymous ? card_name(o) : o->name, name, sizeof name);
	t.subject.common_name = name;
	if (!slot->anonymous && is_printable_string(o->login))
		t.subject.serial_number = o->login;
	if (t.key_usage == KEY_USAGE_ENCIPHER && csr->kind != KEY_RSA)
		t.key_usage = KEY_USAGE_AGREE;
	/* a blank: the stock, which logs in nowhere */
	if (slot->logon && o->realm[0] != '\0' &&
	    strchr(o->login, ' ') == NULL) {
		n = snprintf(upn, sizeof upn, "%s@%s", o->login, o->realm);
		if (n < 0 || (size_t)n >= sizeof upn)
			return ERR_INPUT;
		t.upn = upn;
	}
	if (slot->logon && o->sid[0] != '\0')
		t.sid = o->sid;
	if (o->crl_url[0] != '\0')
		t.crl_url = o->crl_url;
	return issue_certificate(&t, &signer, der, ret_len);
}

/* Why the CA cannot sign now; NULL if it can. */
static enum error
find_ca(
    struct duty *d, struct own *own, struct ca_key *key, const char **ret_why)
{
	unsigned char id[SPKI_KEY_ID];
	enum error err;

	*ret_why = NULL;
	err = read_own(d, own);
	if (err == ERR_NOTFOUND) {
		*ret_why = "ca_missing";
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	if (ca_client_key(&d->ca, key) != ERR_OK) {
		*ret_why = "ca_unavailable";
		return ERR_OK;
	}
	spki_key_id(key->spki, key->len, id);
	if (key->len == 0 || !secret_equal(id, sizeof id,
				 own->certificate.key_id, SPKI_KEY_ID)) {
		log_error("clerk: the key in the CA's token is not that of its "
			  "certificate",
		    "key", key->label);
		/* another node may have the right one */
		d->ca.away = clock_ms() + CA_AWAY_MS;
		*ret_why = "ca_key_missing";
	}
	return ERR_OK;
}

static const char *
why_not_signed(enum error err)
{
	if (err == ERR_DENIED)
		return "person_not_active";
	return err == ERR_INPUT ? "certificate_unwritable" : "ca_unavailable";
}

enum error
orders_ca_recertify(struct duty *d, const struct card_order *o,
    const char *slot_name, const struct spki *spki, struct der spki_der,
    struct orders_ca_made *ret_made, const char **ret_why)
{
	const struct slot *slot = find_slot(slot_name);
	const struct csr csr = {.spki = spki_der, .kind = spki->kind};
	struct ca_key key;
	struct own own;
	enum error err;

	*ret_why = NULL;
	if (slot == NULL || o->member_until < 0) {
		*ret_why = slot == NULL ? "slot_unknown" : "person_not_active";
		return ERR_OK;
	}
	err = find_ca(d, &own, &key, ret_why);
	if (err != ERR_OK || *ret_why != NULL)
		return err;
	memcpy(ret_made->issuer, own.id, sizeof ret_made->issuer);
	err = sign(d, o, &own, slot, &csr, &key, ret_made->der, &ret_made->len);
	if (err == ERR_OK || err == ERR_NOMEM)
		return err;
	*ret_why = why_not_signed(err);
	return ERR_OK;
}

enum error
orders_ca_certificate(struct duty *d, struct card_order *o)
{
	unsigned char der[CERTIFICATE_MAX];
	struct card_request request;
	const struct slot *slot;
	const char *why;
	struct ca_key key;
	struct own own;
	struct csr csr;
	enum error err;
	size_t len;

	if (card_args_request(o->opened.octets, o->opened.len, &request) !=
	    ERR_OK)
		return card_order_refuse(d, o, "order_malformed");
	slot = find_slot(request.slot);
	if (slot == NULL)
		return card_order_refuse(d, o, "slot_unknown");
	if (o->member_until < 0)
		return card_order_refuse(d, o, "person_not_active");
	err = csr_verify(request.csr.octets, request.csr.len, &csr);
	if (err == ERR_INPUT)
		return card_order_refuse(d, o, "request_unacceptable");
	if (err == ERR_MISMATCH)
		return card_order_refuse(d, o, "wrong_signature");
	if (err == ERR_OK)
		err = find_ca(d, &own, &key, &why);
	if (err != ERR_OK)
		return err;
	if (why != NULL)
		return card_order_refuse(d, o, why);
	err = sign(d, o, &own, slot, &csr, &key, der, &len);
	if (err == ERR_NOMEM)
		return err;
	if (err != ERR_OK)
		return card_order_refuse(d, o, why_not_signed(err));
	return store(d, o, &own, slot->name, &csr, der, len);
}

/* The same day of the year; 29 February becomes 1 March. */
static int64_t
years_from(int64_t now, int years)
{
	time_t t = (time_t)now;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		return now;
	tm.tm_year += years;
	return (int64_t)timegm(&tm);
}

static enum error
publish(struct duty *d, const struct card_order *o, const char *name,
    const char *label, const unsigned char *der, size_t len)
{
	char certificate[2 * CERTIFICATE_MAX + 3];
	const char *params[4] = {o->id, name, certificate, label};
	struct db_result *r = NULL;
	enum error err;

	db_bytea(der, len, certificate);
	err = db_call(d->db, "ca_publish",
	    "SELECT sekisho.ca_publish($1::uuid, $2, $3::bytea, $4)", 4, params,
	    d->config->database_timeout_ms, &r);
	db_result_free(&r);
	return err;
}

enum error
orders_ca_init(struct duty *d, struct card_order *o)
{
	struct issue_template t = {.not_before = o->now - BEFORE};
	struct issue_signer signer = {
	    .sign = ca_client_sign, .context = &d->ca};
	unsigned char der[CERTIFICATE_MAX];
	struct card_ca want;
	struct ca_key key;
	enum error err;
	size_t len;

	if (card_args_ca(o->opened.octets, o->opened.len, &want) != ERR_OK)
		return card_order_refuse(d, o, "order_malformed");
	if (ca_client_make(&d->ca, want.kind, &key) != ERR_OK || key.len == 0)
		return card_order_refuse(d, o, "ca_unavailable");
	signer.spki = (struct der){key.spki, key.len};
	t.not_after = years_from(o->now, want.years) - 1;
	t.subject.common_name = want.name;
	randombytes_buf(t.serial, sizeof t.serial);
	issue_serial(t.serial);
	err = issue_root(&t, &signer, der, &len);
	if (err == ERR_NOMEM)
		return err;
	if (err != ERR_OK)
		return card_order_refuse(d, o, why_not_signed(err));
	return publish(d, o, want.name, key.label, der, len);
}
