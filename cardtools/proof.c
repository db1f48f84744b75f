/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/proof.h"

#include <libgen.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/file.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/base/hex.h"

enum { COPY_MAX = 10 * 1024 * 1024 };

void
proof_word(const char *option, char ret_word[24])
{
	size_t i;

	for (i = 0; option[i] != '\0' && i < 23; i++) {
		ret_word[i] = option[i];
		if (option[i] == '-')
			ret_word[i] = '_';
	}
	ret_word[i] = '\0';
}

/* One file, with its digest: the database looks whether it arrived whole. */
static enum status
take_copy(const char *path, json_t **ret_copies)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof digest + 1], *octets = NULL, *base64, *name;
	enum status status;
	size_t len, size;

	status = file_read(path, COPY_MAX, &octets, &len);
	if (status != STATUS_DONE)
		return status;
	if (len == 0) {
		say(_("%s is empty"), path);
		free(octets);
		return STATUS_USAGE;
	}
	(void)crypto_hash_sha256(digest, (unsigned char *)octets, len);
	hex_encode(digest, sizeof digest, hex);
	size = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);
	base64 = malloc(size);
	name = strdup(path);
	if (base64 != NULL && name != NULL) {
		(void)sodium_bin2base64(base64, size, (unsigned char *)octets,
		    len, sodium_base64_VARIANT_ORIGINAL);
		*ret_copies = json_pack("[{s:s, s:s, s:s}]", "name",
		    basename(name), "sha256", hex, "octets", base64);
	}
	free(octets);
	free(base64);
	free(name);
	if (*ret_copies != NULL)
		return STATUS_DONE;
	say(_("%s: its name is not UTF-8, or there is not enough memory"),
	    path);
	return STATUS_USAGE;
}

enum status
proof_make(struct call *call, const char *login, const char *purpose,
    const char *corrects, json_t **ret_proof)
{
	const char *how = option(call, "how"), *path = option(call, "copy");
	const char *documents = option(call, "documents");
	json_t *copies = NULL, *proof = NULL;
	char method[24], *text = NULL;
	enum status status = STATUS_DONE;

	if (how == NULL || documents == NULL) {
		say("%s", _("--how and --documents are missing: how was the "
			    "person met, and known by what?"));
		return STATUS_USAGE;
	}
	proof_word(how, method);
	if (path != NULL)
		status = take_copy(path, &copies);
	if (copies != NULL)
		text = out_json_text(copies);
	json_decref(copies);
	if (status == STATUS_DONE)
		status = database_call(call, "proof_add",
		    PARAMETERS({"p_login", login}, {"p_purpose", purpose},
			{"p_method", method}, {"p_documents", documents},
			{"p_note", option(call, "note")},
			{"p_second", option(call, "second")},
			{"p_copies", text}, {"p_corrects", corrects}),
		    &proof);
	free(text);
	if (status != STATUS_DONE)
		return status;
	if (ret_proof != NULL)
		*ret_proof = proof;
	else
		json_decref(proof);
	return STATUS_DONE;
}
