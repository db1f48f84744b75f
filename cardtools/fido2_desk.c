/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/fido2_desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardtools/database.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"
#include "common/base/hex.h"
#include "common/base/secret.h"

char *
fido2_hex(const void *octets, size_t len)
{
	char *text = malloc(2 * len + 3);

	if (text == NULL)
		return NULL;
	text[0] = '\\';
	text[1] = 'x';
	hex_encode(octets, len, text + 2);
	return text;
}

static enum status
senseless(void)
{
	say("%s", _("the database's answer makes no sense; is it of another "
		    "version?"));
	return STATUS_UNREACHED;
}

/* A root's certificate, out of hexadecimal; none is none. */
static enum status
read_root(const json_t *model, struct webauthn_root *ret)
{
	const char *hex = field(model, "root");
	unsigned char uuid[WEBAUTHN_AAGUID];
	unsigned char *der = NULL;
	size_t len = 0;

	if (uuid_read(field(model, "aaguid"), uuid) != ERR_OK)
		return senseless();
	memcpy(ret->aaguid, uuid, sizeof uuid);
	ret->len = 0;
	if (hex[0] == '\0')
		return STATUS_DONE;
	der = malloc(strlen(hex) / 2 + 1);
	if (der == NULL)
		return STATUS_UNREACHED;
	if (hex_decode(hex, strlen(hex), der, strlen(hex) / 2, &len) !=
	    ERR_OK) {
		free(der);
		return senseless();
	}
	ret->certificate = der;
	ret->len = len;
	return STATUS_DONE;
}

enum status
fido2_rules_read(const json_t *answer, struct fido2_rules *ret)
{
	const json_t *models = json_object_get(answer, "models"), *one;
	const json_t *origins = json_object_get(answer, "origins");
	enum status status = STATUS_DONE;
	size_t i;

	memset(ret, 0, sizeof *ret);
	ret->answer = answer;
	ret->demand.rp_id = field(answer, "rp_id");
	ret->demand.now = (int64_t)time(NULL);
	ret->demand.root = ret->root;
	ret->syncable = json_is_true(json_object_get(answer, "syncable"));
	ret->listed = strcmp(field(answer, "attestation"), "listed") == 0;
	if (ret->demand.rp_id[0] == '\0' || !json_is_array(origins) ||
	    json_array_size(origins) > FIDO2_ORIGINS)
		return senseless();
	json_array_foreach(origins, i, one)
	{
		if (!json_is_string(one))
			return senseless();
		ret->origin[i] = json_string_value(one);
	}
	json_array_foreach(models, i, one)
	{
		if (i == FIDO2_MODELS) {
			say("%s", _("more models are listed than card-admin "
				    "knows to handle"));
			return STATUS_REFUSED;
		}
		status = read_root(one, &ret->root[i]);
		if (status != STATUS_DONE)
			return status;
		ret->demand.n_roots = i + 1;
	}
	return STATUS_DONE;
}

void
fido2_rules_clear(struct fido2_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->demand.n_roots; i++) {
		union {
			const unsigned char *in;
			unsigned char *out;
		} alias = {.in = rules->root[i].certificate};

		free(alias.out);
		rules->root[i].certificate = NULL;
	}
	rules->demand.n_roots = 0;
}

enum status
fido2_acceptable(
    const struct fido2_rules *rules, const struct webauthn_registration *r)
{
	bool known = false;
	size_t i;

	if ((r->authdata.flags & WEBAUTHN_BE) != 0 && !rules->syncable) {
		say("%s",
		    _("this key can be copied to other devices by a cloud "
		      "(a synced passkey), and\nsuch keys are not accepted "
		      "here: nobody would know where its copies are. Use a "
		      "key\nthat stays in its own device"));
		return STATUS_REFUSED;
	}
	if (!rules->listed)
		return STATUS_DONE;
	for (i = 0; i < rules->demand.n_roots; i++)
		known = known ||
			secret_equal(rules->root[i].aaguid, WEBAUTHN_AAGUID,
			    r->authdata.aaguid, WEBAUTHN_AAGUID);
	if (!known) {
		char aaguid[UUID_TEXT];

		uuid_write(r->authdata.aaguid, aaguid);
		say(_("this model is not one of those that are allowed here "
		      "(AAGUID %s);\n“card-admin fido2 model-list” shows "
		      "them"),
		    aaguid);
		return STATUS_REFUSED;
	}
	if (r->trust != WEBAUTHN_TRUST_VERIFIED) {
		say("%s", _("the key could not prove by its maker's "
			    "certificate that it is of this model"));
		return STATUS_REFUSED;
	}
	return STATUS_DONE;
}

enum status
fido2_record(struct call *call, const unsigned char challenge[FIDO2_CHALLENGE],
    const struct webauthn_registration *r, const char *verifies,
    const char *origin, json_t **ret_key)
{
	const struct webauthn_authdata *a = &r->authdata;
	char *challenge_text = fido2_hex(challenge, FIDO2_CHALLENGE);
	char *id = fido2_hex(a->credential, a->credential_len);
	char *key = fido2_hex(a->key.octets, a->key.len);
	char algorithm[16], counter[16], aaguid[UUID_TEXT];
	const char *label = option(call, "label");
	enum status status = STATUS_UNREACHED;

	(void)snprintf(algorithm, sizeof algorithm, "%d", a->key.algorithm);
	(void)snprintf(counter, sizeof counter, "%u", a->counter);
	uuid_write(a->aaguid, aaguid);
	if (challenge_text != NULL && id != NULL && key != NULL)
		status = database_call(call, "fido2_enrol",
		    PARAMETERS({"p_challenge", challenge_text},
			{"p_login", call->arg[0]},
			{"p_label", label != NULL ? label : ""},
			{"p_credential", id}, {"p_algorithm", algorithm},
			{"p_public_key", key}, {"p_sign_count", counter},
			{"p_aaguid", aaguid}, {"p_uv", verifies},
			{"p_backup_eligible",
			    (a->flags & WEBAUTHN_BE) != 0 ? "t" : "f"},
			{"p_backed_up",
			    (a->flags & WEBAUTHN_BS) != 0 ? "t" : "f"},
			{"p_attestation", webauthn_trust_text(r->trust)},
			{"p_format", r->format}, {"p_origin", origin}),
		    ret_key);
	free(challenge_text);
	free(id);
	free(key);
	return status;
}

void
fido2_recorded(const struct call *call, const json_t *key)
{
	const char *uv = field(key, "uv");

	if (call->json) {
		out_json(key, false);
		return;
	}
	out(_("Enrolled: this key now counts for %s.\n"), field(key, "login"));
	if (strcmp(uv, "none") == 0)
		out("%s\n", _("It asks for no PIN and no finger: it counts as "
			      "possession, beside the password."));
	else
		out("%s\n", _("It makes sure who touches it: it counts as two "
			      "factors by itself."));
}
