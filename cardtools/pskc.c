/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/pskc.h"

#include <fcntl.h>
#include <pskc/pskc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/otpauth.h"

enum { SEED_SHORTEST = 16 }; /* RFC 4226 4, R6 */

struct pskc_file {
	pskc_t *container;
};

static void
silent(const char *text)
{
	(void)text;
}

/*
 * libxml2, below libpskc, writes the line that it stumbles over to standard
 * error, and that line may hold a seed: for so long there is none.
 */
static int
parse_silently(pskc_t *container, const void *bytes, size_t len)
{
	int before = dup(STDERR_FILENO), nowhere, result;

	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (before < 0 || nowhere < 0 || dup2(nowhere, STDERR_FILENO) < 0) {
		result = PSKC_XML_ERROR;
	} else {
		result = pskc_parse_from_memory(container, len, bytes);
		(void)dup2(before, STDERR_FILENO);
	}
	if (before >= 0)
		(void)close(before);
	if (nowhere >= 0)
		(void)close(nowhere);
	return result;
}

enum error
pskc_open(const void *bytes, size_t len, struct pskc_file **ret_file)
{
	struct pskc_file *file;

	if (len > PSKC_BYTES_MAX)
		return ERR_INPUT;
	if (pskc_global_init() != PSKC_OK)
		return ERR_SYSTEM;
	pskc_global_log(silent);
	file = calloc(1, sizeof *file);
	if (file == NULL)
		return ERR_NOMEM;
	if (pskc_init(&file->container) != PSKC_OK ||
	    parse_silently(file->container, bytes, len) != PSKC_OK) {
		pskc_close(&file);
		return ERR_INPUT;
	}
	*ret_file = file;
	return ERR_OK;
}

void
pskc_close(struct pskc_file **file)
{
	if (*file == NULL)
		return;
	if ((*file)->container != NULL)
		pskc_done((*file)->container);
	pskc_global_done();
	free(*file);
	*file = NULL;
}

/* "HMAC-SHA256" and "SHA256" both occur; without one it is SHA1. */
static const char *
algorithm_of(pskc_key_t *key)
{
	const char *suite = pskc_get_key_algparm_suite(key);

	if (suite == NULL || suite[0] == '\0')
		return "SHA1";
	if (strncmp(suite, "HMAC-", 5) == 0)
		suite += 5;
	if (strcmp(suite, "SHA1") == 0 || strcmp(suite, "SHA-1") == 0)
		return "SHA1";
	if (strcmp(suite, "SHA256") == 0 || strcmp(suite, "SHA-256") == 0)
		return "SHA256";
	if (strcmp(suite, "SHA512") == 0 || strcmp(suite, "SHA-512") == 0)
		return "SHA512";
	return NULL;
}

static const char *
digits_of(pskc_key_t *key)
{
	int present = 0;
	pskc_valueformat form =
	    pskc_get_key_algparm_resp_encoding(key, &present);
	uint32_t length;

	if (present != 0 && form != PSKC_VALUEFORMAT_DECIMAL)
		return NULL;
	length = pskc_get_key_algparm_resp_length(key, &present);
	if (present == 0 || length == 6)
		return "6";
	return length == 8 ? "8" : NULL;
}

static const char *
period_of(pskc_key_t *key)
{
	int present = 0;
	uint32_t interval = pskc_get_key_data_timeinterval(key, &present);

	if (present == 0 || interval == 30)
		return "30";
	return interval == 60 ? "60" : NULL;
}

static enum pskc_fault
judge(pskc_key_t *key, const struct pskc_key *taken, size_t seed_len)
{
	static const char totp[] = "urn:ietf:params:xml:ns:keyprov:pskc:totp";
	const char *algorithm = pskc_get_key_algorithm(key);

	if (algorithm == NULL || strcmp(algorithm, totp) != 0)
		return PSKC_NOT_TOTP;
	if (seed_len == 0)
		return PSKC_NO_SEED;
	if (seed_len < SEED_SHORTEST || seed_len > OTPAUTH_SEED_MAX)
		return PSKC_BAD_SEED;
	if (taken->digits == NULL)
		return PSKC_BAD_DIGITS;
	if (taken->period == NULL)
		return PSKC_BAD_PERIOD;
	return taken->algorithm == NULL ? PSKC_BAD_HASH : PSKC_GOOD;
}

enum error
pskc_key_at(struct pskc_file *file, size_t place, struct pskc_key *ret_key)
{
	pskc_key_t *key = pskc_get_keypackage(file->container, place);
	struct pskc_key taken = {.serial = ""};
	const char *seed, *serial;
	size_t len = 0;
	enum error err;

	if (key == NULL)
		return ERR_NOTFOUND;
	serial = pskc_get_device_serialno(key);
	if (serial == NULL)
		serial = pskc_get_key_id(key);
	if (serial != NULL)
		taken.serial = serial;
	taken.algorithm = algorithm_of(key);
	taken.digits = digits_of(key);
	taken.period = period_of(key);
	seed = pskc_get_key_data_secret(key, &len);
	taken.fault = judge(key, &taken, seed != NULL ? len : 0);
	if (taken.fault == PSKC_GOOD) {
		err = secret_copy(seed, len, &taken.seed);
		if (err != ERR_OK)
			return err;
	}
	*ret_key = taken;
	return ERR_OK;
}
