/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_attestation.c - makers whose word about the keys in their cards counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/issuer.h"
#include "cardtools/issuer_crl.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/base/hex.h"
#include "common/crypto/certificate.h"
#include "common/crypto/pem.h"

static enum status
attestation_add(struct call *call)
{
	const char *path = call->arg[1];
	struct certificate c;
	unsigned char *der;
	char hash[2 * CERTIFICATE_HASH + 1];
	enum status status;
	json_t *root;
	char *parameter;
	size_t len;

	status = issuer_read_file(path, PEM_CERTIFICATE, &der, &len);
	if (status != STATUS_DONE)
		return status;
	if (certificate_parse(der, len, &c) != ERR_OK || !c.is_ca) {
		say(_("%s is not the certificate of a CA"), path);
		free(der);
		return STATUS_USAGE;
	}
	hex_encode(c.hash, sizeof c.hash, hash);
	parameter = issuer_hex(der, len);
	free(der);
	if (parameter == NULL)
		return STATUS_UNREACHED;
	status = database_call(call, "attestation_add",
	    PARAMETERS({"p_name", call->arg[0]}, {"p_certificate", parameter}),
	    &root);
	free(parameter);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(root, false);
	else
		out(_("Trusted from now on: what this maker says of the keys "
		      "in its cards.\nSHA-256 of its certificate: %s\nCompare "
		      "that with what the maker publishes.\n"),
		    hash);
	json_decref(root);
	return STATUS_DONE;
}

static void
list_one(struct sheet *sheet, const json_t *root)
{
	unsigned char *der;
	struct certificate c;
	size_t len;

	sheet_cell(sheet, field(root, "name"));
	if (issuer_octets(root, "certificate", &der, &len) != STATUS_DONE) {
		sheet_cell(sheet, NULL);
	} else {
		sheet_cell(sheet, certificate_parse(der, len, &c) == ERR_OK
				      ? c.subject_text
				      : NULL);
		free(der);
	}
	sheet_cell(sheet, field(root, "fingerprint"));
	sheet_moment(sheet, field(root, "created_at"));
	sheet_cell(sheet, field(root, "created_by"));
}

static enum status
attestation_list(struct call *call)
{
	const char *const headings[] = {
	    _("MAKER"), _("SUBJECT"), "SHA-256", _("SINCE"), _("ADDED BY")};
	struct sheet *sheet;
	const json_t *root;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(
	    call, "attestation_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(5, headings);
	json_array_foreach(list, i, root) list_one(sheet, root);
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static enum status
attestation_remove(struct call *call)
{
	enum status status;
	json_t *root;

	status = database_call(call, "attestation_remove",
	    PARAMETERS({"p_name", call->arg[0]}), &root);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(root, false);
	else
		out("%s\n", _("Trusted no more. Cards that count already go on "
			      "counting."));
	json_decref(root);
	return STATUS_DONE;
}

const struct verb attestation_verbs[] = {
    {"add", "NAME FILE", attestation_add, NULL,
	N_("trust a maker's word about the keys in its cards"),
	N_("FILE, PEM or DER, is the certificate right above those of the "
	   "cards' attestation\nkeys (slot F9): the maker's root, or the CA "
	   "below it that signs them. A card whose\nattestation leads to none "
	   "of those trusted is refused from then on; one that\nattests "
	   "nothing is taken, unless the setting card.attestation is 1.\n\n"
	   "  card-admin attestation add yubico piv-attestation-ca.pem\n"
	   "  card-admin setting set card.attestation 1")},
    {"list", "", attestation_list, NULL, N_("list those that are trusted"),
	NULL},
    {"remove", "NAME", attestation_remove, NULL, N_("trust one no more"), NULL},
    {0},
};
