/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/crl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/crypto/issue.h"

enum crl_column {
	L_ISSUER,
	L_CERTIFICATE,
	L_NUMBER,
	L_THIS,
	L_NEXT,
	L_REVOKED
};

/* The first word of card_key.revoked_why; others say nothing to strangers. */
static enum revocation_reason
reason(const char *why)
{
	static const struct {
		const char *why;
		enum revocation_reason reason;
	} reasons[] = {{"superseded", REVOKED_SUPERSEDED},
	    {"replaced", REVOKED_SUPERSEDED}, {"lost", REVOKED_KEY_COMPROMISE},
	    {"stolen", REVOKED_KEY_COMPROMISE},
	    {"compromised", REVOKED_KEY_COMPROMISE},
	    {"left", REVOKED_AFFILIATION_CHANGED},
	    {"returned", REVOKED_CESSATION}};
	size_t i;

	for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (strcmp(reasons[i].why, why) == 0)
			return reasons[i].reason;
	}
	return REVOKED_UNSPECIFIED;
}

/*
 * Lines of "SERIAL SECONDS WHY"; the serials stay in text, which is cut up.
 * Caller frees *ret_list.
 */
static enum error
read_list(char *lines, struct issue_revoked **ret_list, size_t *ret_n)
{
	struct issue_revoked *list;
	size_t n = 0, cap = 1;
	char *line, *next;

	for (next = lines; *next != '\0'; next++)
		cap += *next == '\n';
	list = calloc(cap, sizeof *list);
	if (list == NULL)
		return ERR_NOMEM;
	for (line = lines; line != NULL && *line != '\0'; line = next) {
		char *at, *why;

		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		at = strchr(line, ' ');
		why = at != NULL ? strchr(at + 1, ' ') : NULL;
		if (why == NULL) {
			free(list);
			return ERR_INPUT;
		}
		*at++ = '\0';
		*why++ = '\0';
		list[n].serial = line;
		list[n].at = strtoll(at, NULL, 10);
		list[n++].reason = reason(why);
	}
	*ret_list = list;
	*ret_n = n;
	return ERR_OK;
}

static enum error
store(struct duty *d, const char *issuer, const struct issue_crl *crl,
    const unsigned char *der, size_t len)
{
	char number[24], this_update[24], next_update[24];
	const char *params[5] = {
	    issuer, number, NULL, this_update, next_update};
	struct db_result *r = NULL;
	char *text = malloc(2 * len + 3);
	enum error err;

	if (text == NULL)
		return ERR_NOMEM;
	db_bytea(der, len, text);
	params[2] = text;
	(void)snprintf(number, sizeof number, "%" PRIu64, crl->number);
	(void)snprintf(
	    this_update, sizeof this_update, "%" PRId64, crl->this_update);
	(void)snprintf(
	    next_update, sizeof next_update, "%" PRId64, crl->next_update);
	err = db_call(d->db, "crl_store",
	    "SELECT sekisho.crl_store($1::uuid, $2, $3::bytea, $4, $5)", 5,
	    params, d->config->database_timeout_ms, &r);
	if (err == ERR_OK && db_bool(r, 0, 0))
		log_info("clerk: CRL made", "number", number, "revoked",
		    log_num((int64_t)crl->n_revoked));
	db_result_free(&r);
	free(text);
	return err;
}

static enum error
make(struct duty *d, const struct db_result *rows)
{
	struct issue_signer signer = {
	    .sign = ca_client_sign, .context = &d->ca};
	unsigned char certificate[CERTIFICATE_MAX], *der = NULL;
	struct issue_revoked *list = NULL;
	struct issue_crl crl;
	struct ca_key key;
	char *lines = NULL;
	size_t len = 0;
	enum error err;

	memset(&crl, 0, sizeof crl);
	err = db_bytes(rows, 0, L_CERTIFICATE, certificate, sizeof certificate,
	    &crl.issuer.len);
	if (err == ERR_OK)
		err = ca_client_key(&d->ca, &key);
	if (err != ERR_OK)
		return err;
	crl.issuer.octets = certificate;
	signer.spki = (struct der){key.spki, key.len};
	crl.number = (uint64_t)db_int(rows, 0, L_NUMBER);
	crl.this_update = db_int(rows, 0, L_THIS);
	crl.next_update = db_int(rows, 0, L_NEXT);
	lines = strdup(db_text(rows, 0, L_REVOKED));
	err =
	    lines != NULL ? read_list(lines, &list, &crl.n_revoked) : ERR_NOMEM;
	crl.revoked = list;
	if (err == ERR_OK)
		err = issue_crl(&crl, &signer, &der, &len);
	if (err == ERR_OK)
		err = store(d, db_text(rows, 0, L_ISSUER), &crl, der, len);
	free(der);
	free(list);
	free(lines);
	return err;
}

enum error
crl_make(struct duty *d)
{
	struct db_result *rows = NULL;
	enum error err;

	err = db_call(d->db, "crl_begin", "SELECT * FROM sekisho.crl_begin()",
	    0, NULL, d->config->database_timeout_ms, &rows);
	if (err == ERR_OK && db_rows(rows) > 0)
		err = make(d, rows);
	if (err != ERR_OK)
		log_error("clerk: a CRL is due and cannot be made", "why",
		    error_text(err), "database", db_error(d->db));
	db_result_free(&rows);
	arena_reset(d->arena);
	return err;
}
