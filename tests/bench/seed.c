/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench-seed - many persons at once, as COPY data for psql on standard
 * output, and the people.h file of a load. One password for all, hashed once
 * but sealed to each; a seed of its own for each token. A load needs them
 * by the thousand; card-admin is for people.
 */
#include <inttypes.h>
#include <liboath/oath.h>
#include <popt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/pwhash.h"
#include "common/crypto/seal.h"
#include "tests/bench/cards.h"

enum { SEED = 20 };

struct person {
	char id[UUID_TEXT];
	char token[UUID_TEXT];
	char card[UUID_TEXT];
	char key[UUID_TEXT]; /* FIDO2 */
	unsigned char seed[SEED];
};

static char *key_hex, *people_path;
static char *password;
static int key_version = 1, first, count = 1000;

static const struct poptOption options[] = {
    {"public-key", 'k', POPT_ARG_STRING, &key_hex, 0,
	"the keyring's public key, in hexadecimal", "HEX"},
    {"key-version", 'v', POPT_ARG_INT, &key_version, 0, "its version", "N"},
    {"first", 'f', POPT_ARG_INT, &first, 0, "number of the first (default 0)",
	"N"},
    {"count", 'n', POPT_ARG_INT, &count, 0, "how many (default 1000)", "N"},
    {"password", 'p', POPT_ARG_STRING, &password, 0,
	"everyone's, without blanks", "WORD"},
    {"people", 'o', POPT_ARG_STRING, &people_path, 0,
	"where to write LOGIN PASSWORD SEED lines", "FILE"},
    POPT_AUTOHELP POPT_TABLEEND};

/* A sealed box as COPY's text form of bytea. */
static enum error
print_box(const unsigned char key[SEAL_PUBLIC_KEY], const char *kind,
    const char *owner, const unsigned char *payload, size_t len)
{
	char text[2 * SEAL_BOX_MAX + 1];
	struct box box;
	enum error err;

	err = seal_box(key, kind, owner, payload, len, &box);
	if (err != ERR_OK)
		return err;
	hex_encode(box.bytes, box.len, text);
	(void)printf("\\\\x%s", text);
	return ERR_OK;
}

static enum error
print_passwords(
    const unsigned char key[SEAL_PUBLIC_KEY], const struct person *p)
{
	const struct pwhash_cost cost = {2, 19456};
	unsigned char salt[PWHASH_SALT], tag[PWHASH_TAG];
	char salt_hex[2 * PWHASH_SALT + 1], id[UUID_TEXT];
	enum error err;
	int i;

	randombytes_buf(salt, sizeof salt);
	hex_encode(salt, sizeof salt, salt_hex);
	err = pwhash_tag(&cost, salt, password, strlen(password), tag);
	(void)printf(
	    "COPY sekisho.verifier (id, person_id, salt, opslimit, "
	    "memlimit_kib, min_chars, key_version, sealed) FROM stdin;\n");
	for (i = 0; i < count && err == ERR_OK; i++) {
		uuid_random(id);
		(void)printf("%s\t%s\t\\\\x%s\t%u\t%u\t13\t%d\t", id, p[i].id,
		    salt_hex, cost.opslimit, cost.memlimit_kib, key_version);
		err = print_box(key, SEAL_PASSWORD, p[i].id, tag, sizeof tag);
		(void)putchar('\n');
	}
	(void)printf("\\.\n");
	return err;
}

static enum error
print_tokens(const unsigned char key[SEAL_PUBLIC_KEY], const struct person *p)
{
	char owner[2 * UUID_TEXT];
	enum error err = ERR_OK;
	int i;

	(void)printf(
	    "COPY sekisho.token (id, person_id, method, label, status, "
	    "algorithm, digits, period, key_version, sealed) FROM "
	    "stdin;\n");
	for (i = 0; i < count && err == ERR_OK; i++) {
		(void)snprintf(
		    owner, sizeof owner, "%s/%s", p[i].id, p[i].token);
		(void)printf("%s\t%s\ttotp\tapp\tactive\tSHA1\t6\t30\t%d\t",
		    p[i].token, p[i].id, key_version);
		err = print_box(key, SEAL_TOTP, owner, p[i].seed, SEED);
		(void)putchar('\n');
	}
	(void)printf("\\.\n");
	return err;
}

/* A card each, as its enrolment leaves it. */
static enum error
print_cards(const struct person *p)
{
	char login[32], spki[2 * CARDS_SPKI + 1], id[2 * CARDS_KEY_ID + 1];
	enum error err = ERR_OK;
	int i;

	(void)printf(
	    "COPY sekisho.token (id, person_id, method, label, status) "
	    "FROM stdin;\n");
	for (i = 0; i < count; i++)
		(void)printf(
		    "%s\t%s\tcard\tcard\tactive\n", p[i].card, p[i].id);
	(void)printf("\\.\nCOPY sekisho.card (token_id, origin, state) FROM "
		     "stdin;\n");
	for (i = 0; i < count; i++)
		(void)printf("%s\tissued\tactive\n", p[i].card);
	(void)printf(
	    "\\.\nCOPY sekisho.card_key (token_id, slot, key_id, spki, pin, "
	    "valid_from, valid_until, proven_at) FROM stdin;\n");
	for (i = 0; i < count && err == ERR_OK; i++) {
		struct card *card = NULL;

		(void)snprintf(login, sizeof login, "staff%06d", first + i);
		err = card_new(login, &card);
		if (err != ERR_OK)
			break;
		hex_encode(card_spki(card), CARDS_SPKI, spki);
		hex_encode(card_key_id(card), CARDS_KEY_ID, id);
		(void)printf("%s\t9a\t\\\\x%s\t\\\\x%s\tenforced\t"
			     "2020-01-01\t2100-01-01\t2020-01-01\n",
		    p[i].card, id, spki);
		card_free(&card);
	}
	(void)printf("\\.\n");
	return err;
}

/* And a FIDO2 key. */
static enum error
print_keys(const struct person *p)
{
	char login[32], id[2 * CARDS_CREDENTIAL + 1], public[129];
	enum error err = ERR_OK;
	int i;

	(void)printf(
	    "COPY sekisho.token (id, person_id, method, label, status) "
	    "FROM stdin;\n");
	for (i = 0; i < count; i++)
		(void)printf("%s\t%s\tfido2\tkey\tactive\n", p[i].key, p[i].id);
	(void)printf("\\.\nCOPY sekisho.fido2_key (token_id, credential_id, "
		     "algorithm, public_key, sign_count, rp_id, aaguid, uv, "
		     "backup_eligible, backed_up, attestation, format, origin) "
		     "FROM stdin;\n");
	for (i = 0; i < count && err == ERR_OK; i++) {
		struct card *card = NULL;

		(void)snprintf(login, sizeof login, "staff%06d", first + i);
		err = card_new(login, &card);
		if (err != ERR_OK)
			break;
		hex_encode(card_credential(card), CARDS_CREDENTIAL, id);
		hex_encode(card_spki(card) + CARDS_SPKI - 64, 64, public);
		(void)printf("%s\t\\\\x%s\t-7\t\\\\x%s\t1\tsekisho.example\t"
			     "00000000-0000-0000-0000-000000000000\tpin\tf\tf\t"
			     "none\tnone\tusb\n",
		    p[i].key, id, public);
		card_free(&card);
	}
	(void)printf("\\.\n");
	return err;
}

static void
print_persons(const struct person *p)
{
	int i;

	(void)printf("COPY sekisho.person (id, login, name) FROM stdin;\n");
	for (i = 0; i < count; i++)
		(void)printf(
		    "%s\tstaff%06d\tStaff %d\n", p[i].id, first + i, first + i);
	(void)printf("\\.\nCOPY sekisho.affiliation (person_id, unit) FROM "
		     "stdin;\n");
	for (i = 0; i < count; i++)
		(void)printf("%s\tW%d\n", p[i].id, i % 40);
	(void)printf("\\.\n");
}

static enum error
write_people(const struct person *p)
{
	FILE *file = fopen(people_path, "w");
	enum error err = ERR_OK;
	int i;

	if (file == NULL)
		return ERR_SYSTEM;
	for (i = 0; i < count && err == ERR_OK; i++) {
		char *base32 = NULL;

		if (oath_base32_encode((const char *)p[i].seed, SEED, &base32,
			NULL) != OATH_OK)
			err = ERR_NOMEM;
		else
			(void)fprintf(file, "staff%06d %s %s\n", first + i,
			    password, base32);
		free(base32);
	}
	if (fclose(file) != 0 && err == ERR_OK)
		err = ERR_SYSTEM;
	return err;
}

int
main(int argc, const char **argv)
{
	poptContext popt = poptGetContext(NULL, argc, argv, options, 0);
	unsigned char key[SEAL_PUBLIC_KEY];
	struct person *p = NULL;
	int rc = poptGetNextOpt(popt), i;
	size_t len = 0;
	enum error err = ERR_INPUT;

	(void)poptFreeContext(popt);
	if (rc < -1 || key_hex == NULL || people_path == NULL ||
	    password == NULL || count < 1 || count > 1000000 || first < 0 ||
	    sodium_init() < 0 ||
	    hex_decode(key_hex, strlen(key_hex), key, sizeof key, &len) !=
		ERR_OK ||
	    len != sizeof key) {
		(void)fprintf(stderr, "bench-seed: see --help\n");
		goto out;
	}
	p = calloc((size_t)count, sizeof *p);
	if (p == NULL)
		goto out;
	for (i = 0; i < count; i++) {
		uuid_random(p[i].id);
		uuid_random(p[i].token);
		uuid_random(p[i].card);
		uuid_random(p[i].key);
		randombytes_buf(p[i].seed, SEED);
	}
	print_persons(p);
	err = print_passwords(key, p);
	if (err == ERR_OK)
		err = print_tokens(key, p);
	if (err == ERR_OK)
		err = print_cards(p);
	if (err == ERR_OK)
		err = print_keys(p);
	if (err == ERR_OK)
		err = write_people(p);
	if (err == ERR_OK && fflush(stdout) != 0)
		err = ERR_SYSTEM;
	if (err != ERR_OK)
		(void)fprintf(stderr, "bench-seed: %s\n", error_text(err));
out:
	free(p);
	free(key_hex);
	free(people_path);
	free(password);
	return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
