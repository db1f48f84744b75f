/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/attested.h"

#include <string.h>

#include "common/base/log.h"
#include "common/crypto/attestation.h"
#include "common/crypto/certificate.h"

/* 1.3.6.1.4.1.41482.3.8, its first octet */
enum { PIN_NEVER = 1, PIN_ONCE = 2, PIN_ALWAYS = 3 };

enum error
attested_roots(struct duty *d, struct db_result **ret_roots)
{
	return db_call(d->db, "attestation_roots",
	    "SELECT * FROM sekisho.attestation_roots()", 0, NULL,
	    d->config->database_timeout_ms, ret_roots);
}

/* Whether one of them stands above the attester. */
static enum error
is_rooted(const struct db_result *roots, const struct attested_claim *claim,
    int64_t now, bool *ret_rooted)
{
	unsigned char root[CERTIFICATE_MAX];
	enum error err;
	size_t len;
	int i;

	*ret_rooted = false;
	for (i = 0; i < db_rows(roots) && !*ret_rooted; i++) {
		err = db_bytes(roots, i, 0, root, sizeof root, &len);
		if (err != ERR_OK)
			return err;
		err = attestation_rooted(claim->attester.octets,
		    claim->attester.len, root, len, now);
		if (err != ERR_OK && err != ERR_MISMATCH && err != ERR_INPUT)
			return err;
		*ret_rooted = err == ERR_OK;
	}
	return ERR_OK;
}

enum error
attested_judge(const struct db_result *roots,
    const struct attested_claim *claim, int64_t now, const char **ret_why,
    bool *ret_pin)
{
	const bool login = strcmp(claim->slot, "9a") == 0;
	struct attestation found;
	enum error err;
	bool rooted;

	*ret_why = "";
	*ret_pin = false;
	if (db_rows(roots) == 0 || claim->statement.len == 0)
		return ERR_OK;
	err = attestation_check(claim->statement.octets, claim->statement.len,
	    claim->attester.octets, claim->attester.len, claim->spki.octets,
	    claim->spki.len, &found);
	if (err == ERR_MISMATCH || err == ERR_INPUT) {
		*ret_why = "attestation_wrong";
		return ERR_OK;
	}
	if (err == ERR_OK)
		err = is_rooted(roots, claim, now, &rooted);
	if (err != ERR_OK)
		return err;
	if (!rooted) {
		log_warn("clerk: a card's attestation leads to no trusted root",
		    "slot", claim->slot, "attester", found.attester);
		*ret_why = "attestation_untrusted";
	} else if (login && found.pin_policy == PIN_NEVER) {
		*ret_why = "attestation_without_pin";
	} else {
		*ret_pin = found.pin_policy == PIN_ONCE ||
			   found.pin_policy == PIN_ALWAYS;
	}
	return ERR_OK;
}
