/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/issuer_refresh.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/fetch.h"
#include "cardtools/issuer.h"
#include "cardtools/issuer_crl.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/base/clock.h"
#include "common/crypto/crl.h"
#include "common/crypto/ocsp.h"
#include "common/crypto/pem.h"

enum {
	CRL_SECONDS = 120,
	OCSP_SECONDS = 10,
	/* A responder that is silent so often in turn is not asked again */
	SILENCES = 3,
	COMPLAINTS = 10, /* about keys of one issuer that are shown */
	PROGRESS = 100	 /* keys between two lines */
};

/* One issuer on the way. */
struct refresh {
	struct call *call;
	struct fetch *fetch;
	const char *name, *revocation, *url;
	unsigned char *certificate;
	size_t len;
	char *parameter;	  /* the certificate for the database */
	int64_t now, at;	  /* the database's seconds; our clock's then */
	int silences, complaints; /* in turn; in all */
	long checked, good, revoked, unknown, unreachable;
	char why[200]; /* of the last that could not be had */
};

static void
complain(struct refresh *r, const char *about, const char *why)
{
	r->unreachable++;
	(void)snprintf(r->why, sizeof r->why, "%s", why);
	if (++r->complaints <= COMPLAINTS)
		say("%s: %s: %s", r->name, about, why);
}

static enum status
refresh_crl(struct refresh *r)
{
	const struct fetch_question question = {
	    .url = r->url, .max = CRL_MAX, .seconds = CRL_SECONDS};
	unsigned char *octets = NULL, *der = NULL;
	json_t *issuer = NULL;
	enum status status;
	enum error err;
	size_t len;

	err = fetch(r->fetch, &question, &octets, &len);
	if (err != ERR_OK) {
		complain(r, r->url, fetch_why(r->fetch));
		return STATUS_DONE;
	}
	err = issuer_der((const char *)octets, len, PEM_CRL, &der, &len);
	free(octets);
	if (err != ERR_OK) {
		complain(r, r->url, _("there is no CRL in it"));
		return STATUS_DONE;
	}
	status = issuer_take_crl(r->call, r->name, r->url,
	    (struct der){r->certificate, r->len}, (struct der){der, len},
	    &issuer);
	free(der);
	if (status != STATUS_DONE) {
		/* it was said why */
		(void)snprintf(r->why, sizeof r->why, "%s", "crl_refused");
		r->unreachable++;
		return status;
	}
	r->revoked = json_integer_value(json_object_get(issuer, "revoked"));
	r->good = json_integer_value(json_object_get(issuer, "keys"));
	r->checked = r->good + r->revoked;
	json_decref(issuer);
	return STATUS_DONE;
}

/* What people are told of an answer that does not count. */
static const char *
fault_words(enum ocsp_fault fault)
{
	switch (fault) {
	case OCSP_NO_FAULT:
	case OCSP_MALFORMED:
		break;
	case OCSP_NO_ANSWER:
		return _("the responder says that it has no answer");
	case OCSP_SIGNER:
		return _("signed by somebody who may not answer for this "
			 "issuer");
	case OCSP_BAD_SIGNATURE:
		return _("its signature is wrong or too weak");
	case OCSP_WRONG_NONCE:
		return _("the answer to another question");
	case OCSP_ANOTHER:
		return _("about another certificate");
	case OCSP_EARLY:
		return _("an answer from the future: look at the clocks");
	case OCSP_STALE:
		return _("an answer that is too old");
	}
	return _("no OCSP answer that can be read");
}

/* One key's answer, verified. false: there is none, which was said. */
static bool
ask(struct refresh *r, const json_t *key, struct ocsp_question *q,
    struct ocsp_answer *ret_answer)
{
	unsigned char request[OCSP_REQUEST_MAX], *der = NULL;
	struct fetch_question question = {.url = r->url,
	    .type = "application/ocsp-request",
	    .body = request,
	    .max = OCSP_RESPONSE_MAX,
	    .seconds = OCSP_SECONDS};
	enum ocsp_fault fault = OCSP_NO_FAULT;
	const char *serial = field(key, "serial");
	int64_t now;
	enum error err;
	size_t len;

	randombytes_buf(q->nonce, sizeof q->nonce);
	err = ocsp_request(q, request, &question.len);
	if (err != ERR_OK) {
		complain(r, serial,
		    err == ERR_DENIED
			? _("its certificate names another issuer")
			: error_text(err));
		return false;
	}
	err = fetch(r->fetch, &question, &der, &len);
	if (err != ERR_OK) {
		/* an error about one key says nothing about the others */
		if (err == ERR_TIMEOUT || err == ERR_CLOSED)
			r->silences++;
		complain(r, serial, fetch_why(r->fetch));
		return false;
	}
	r->silences = 0;
	now = r->now + (clock_ms() - r->at) / 1000;
	err = ocsp_read(q, der, len, now, ret_answer, &fault);
	free(der);
	if (err == ERR_OK)
		return true;
	complain(r, serial,
	    err == ERR_DENIED ? fault_words(fault) : error_text(err));
	if (err == ERR_DENIED)
		(void)snprintf(
		    r->why, sizeof r->why, "%s", ocsp_fault_text(fault));
	return false;
}

static enum status
record(struct refresh *r, const json_t *key, const struct ocsp_answer *answer)
{
	static const char *const words[] = {"good", "revoked", "unknown"};
	char this_update[32], until[32], revoked[32];
	long *count = answer->status == CERTIFICATE_GOOD      ? &r->good
		      : answer->status == CERTIFICATE_REVOKED ? &r->revoked
							      : &r->unknown;
	enum status status;
	json_t *done;

	issuer_moment(answer->this_update, this_update);
	issuer_moment(answer->until, until);
	issuer_moment(answer->revoked_at, revoked);
	status = database_call(r->call, "issuer_status",
	    PARAMETERS({"p_name", r->name}, {"p_certificate", r->parameter},
		{"p_key", field(key, "id")},
		{"p_status", words[answer->status]}, {"p_this", this_update},
		{"p_until", until},
		{"p_revoked_at",
		    answer->status == CERTIFICATE_REVOKED ? revoked : NULL}),
	    &done);
	if (status == STATUS_DONE) {
		(*count)++;
		json_decref(done);
	} else if (status == STATUS_REFUSED) {
		/* such as an answer older than the last; it was said */
		(void)snprintf(r->why, sizeof r->why, "%s", "refused");
		r->unreachable++;
		status = STATUS_DONE;
	}
	return status;
}

static enum status
refresh_key(struct refresh *r, const json_t *key)
{
	struct ocsp_question q = {.issuer = {r->certificate, r->len}};
	struct ocsp_answer answer;
	enum status status;
	unsigned char *der;
	bool good;

	r->checked++;
	if (r->silences >= SILENCES) {
		r->unreachable++;
		return STATUS_DONE;
	}
	status = issuer_octets(key, "certificate", &der, &q.certificate.len);
	if (status != STATUS_DONE)
		return status;
	q.certificate.octets = der;
	good = ask(r, key, &q, &answer);
	free(der);
	return good ? record(r, key, &answer) : STATUS_DONE;
}

static enum status
refresh_ocsp(struct refresh *r)
{
	char n[4][24];
	const json_t *key;
	json_t *answer, *keys;
	enum status status;
	size_t i;

	status = database_call(
	    r->call, "issuer_keys", PARAMETERS({"p_name", r->name}), &answer);
	if (status != STATUS_DONE)
		return status;
	r->now = json_integer_value(json_object_get(answer, "now"));
	r->at = clock_ms();
	keys = json_object_get(answer, "keys");
	json_array_foreach(keys, i, key)
	{
		status = refresh_key(r, key);
		if (status != STATUS_DONE)
			break;
		if ((i + 1) % PROGRESS == 0)
			say(_("%s: %zu of %zu keys"), r->name, i + 1,
			    json_array_size(keys));
	}
	json_decref(answer);
	if (status != STATUS_DONE)
		return status;
	if (r->silences >= SILENCES)
		say(_("%s: its responder is not asked about the rest"),
		    r->name);
	(void)snprintf(n[0], sizeof n[0], "%ld", r->good);
	(void)snprintf(n[1], sizeof n[1], "%ld", r->revoked);
	(void)snprintf(n[2], sizeof n[2], "%ld", r->unknown);
	(void)snprintf(n[3], sizeof n[3], "%ld", r->unreachable);
	status = database_call(r->call, "issuer_refreshed",
	    PARAMETERS({"p_name", r->name}, {"p_good", n[0]},
		{"p_revoked", n[1]}, {"p_unknown", n[2]},
		{"p_unreachable", n[3]}, {"p_why", r->why}),
	    &answer);
	if (status == STATUS_DONE)
		json_decref(answer);
	return status;
}

/* Of one issuer with its certificate; a line about it joins the report. */
static enum status
refresh_one(struct refresh *r, const json_t *issuer, json_t *report)
{
	enum status status;
	json_t *line;

	r->name = field(issuer, "name");
	r->revocation = field(issuer, "revocation");
	r->url = field(issuer, "url");
	status = issuer_octets(issuer, "certificate", &r->certificate, &r->len);
	if (status != STATUS_DONE)
		return status;
	r->parameter = issuer_hex(r->certificate, r->len);
	if (r->parameter == NULL)
		status = STATUS_UNREACHED;
	else if (strcmp(r->revocation, "crl") == 0)
		status = refresh_crl(r);
	else
		status = refresh_ocsp(r);
	free(r->parameter);
	free(r->certificate);
	line = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s}", "issuer",
	    r->name, "revocation", r->revocation, "checked",
	    (json_int_t)r->checked, "good", (json_int_t)r->good, "revoked",
	    (json_int_t)r->revoked, "unknown", (json_int_t)r->unknown,
	    "unreachable", (json_int_t)r->unreachable, "why", r->why);
	if (line == NULL || json_array_append_new(report, line) != 0)
		return STATUS_UNREACHED;
	if (status == STATUS_DONE && r->unreachable > 0)
		status = STATUS_UNREACHED;
	return status;
}

/* Whether there is anything to ask, and whom. */
static bool
has_source(const json_t *issuer)
{
	const char *revocation = field(issuer, "revocation");

	return strcmp(field(issuer, "status"), "active") == 0 &&
	       (strcmp(revocation, "crl") == 0 ||
		   strcmp(revocation, "ocsp") == 0) &&
	       field(issuer, "url")[0] != '\0';
}

static void
show(const struct call *call, const json_t *report)
{
	static const char *const counts[] = {
	    "checked", "good", "revoked", "unknown", "unreachable"};
	const char *const headings[] = {_("ISSUER"), _("CHECKED"), _("GOOD"),
	    _("REVOKED"), _("UNKNOWN"), _("UNREACHABLE")};
	const json_t *line;
	struct sheet *sheet;
	char number[24];
	size_t i, j;

	if (call->json) {
		out_json(
		    call->arg[0] != NULL ? json_array_get(report, 0) : report,
		    false);
		return;
	}
	sheet = sheet_new(6, headings);
	json_array_foreach(report, i, line)
	{
		sheet_cell(sheet, field(line, "issuer"));
		for (j = 0; j < sizeof counts / sizeof counts[0]; j++) {
			(void)snprintf(number, sizeof number, "%lld",
			    (long long)json_integer_value(
				json_object_get(line, counts[j])));
			sheet_cell(sheet, number);
		}
	}
	sheet_end(&sheet);
}

/* What one refuses or cannot reach does not keep the others from theirs. */
static enum status
refresh_all(struct call *call, const json_t *issuers)
{
	struct refresh r = {.call = call};
	enum status worst = STATUS_DONE, status;
	const bool json = call->json;
	json_t *report = json_array(), *whole;
	const json_t *issuer;
	size_t i;

	if (report == NULL || fetch_new(&r.fetch) != ERR_OK) {
		json_decref(report);
		return STATUS_UNREACHED;
	}
	call->json = false; /* refusals are said; the report is the JSON */
	json_array_foreach(issuers, i, issuer)
	{
		if (!has_source(issuer))
			continue;
		r = (struct refresh){.call = call, .fetch = r.fetch};
		status = database_call(call, "issuer_show",
		    PARAMETERS({"p_name", field(issuer, "name")}), &whole);
		if (status == STATUS_DONE) {
			status = refresh_one(&r, whole, report);
			json_decref(whole);
		}
		if (status > worst)
			worst = status;
	}
	call->json = json;
	show(call, report);
	fetch_free(&r.fetch);
	json_decref(report);
	return worst;
}

enum status
issuer_refresh(struct call *call)
{
	enum status status;
	json_t *issuers, *issuer;

	if (call->arg[0] == NULL) {
		status = database_call(
		    call, "issuer_list", PARAMETERS({NULL, NULL}), &issuers);
	} else {
		status = database_call(call, "issuer_show",
		    PARAMETERS({"p_name", call->arg[0]}), &issuer);
		if (status == STATUS_DONE && !has_source(issuer)) {
			say(_("“%s” has nothing to fetch: no CRL and no "
			      "OCSP responder, no address, or it is retired"),
			    call->arg[0]);
			json_decref(issuer);
			return STATUS_REFUSED;
		}
		if (status == STATUS_DONE) {
			issuers = json_array();
			if (issuers == NULL ||
			    json_array_append_new(issuers, issuer) != 0)
				status = STATUS_UNREACHED;
		}
	}
	if (status != STATUS_DONE)
		return status;
	status = refresh_all(call, issuers);
	json_decref(issuers);
	return status;
}
