/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/issuer_crl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardtools/database.h"
#include "cardtools/file.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/crypto/crl.h"
#include "common/crypto/pem.h"

enum error
issuer_der(const char *octets, size_t len, const char *label,
    unsigned char **ret_der, size_t *ret_len)
{
	unsigned char *der;

	if (len == 0 || (unsigned char)octets[0] != DER_SEQUENCE)
		return pem_next(&octets, &len, label, ret_der, ret_len);
	der = malloc(len);
	if (der == NULL)
		return ERR_NOMEM;
	memcpy(der, octets, len);
	*ret_der = der;
	*ret_len = len;
	return ERR_OK;
}

char *
issuer_hex(const unsigned char *octets, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * len + 3), *out;
	size_t i;

	if (text == NULL)
		return NULL;
	out = stpcpy(text, "\\x");
	for (i = 0; i < len; i++) {
		*out++ = digits[octets[i] >> 4];
		*out++ = digits[octets[i] & 15];
	}
	*out = '\0';
	return text;
}

void
issuer_moment(int64_t seconds, char ret_text[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	ret_text[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(ret_text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* A CRL's entries as arrays, which are parameters; caller frees. */
struct lists {
	char *serials, *moments, *holds;
};

static void
lists_free(struct lists *lists)
{
	free(lists->serials);
	free(lists->moments);
	free(lists->holds);
}

static enum error
lists(const struct crl *crl, struct lists *ret_lists)
{
	struct lists l = {NULL, NULL, NULL};
	char at[32];
	size_t len[3], i;
	FILE *a = open_memstream(&l.serials, &len[0]);
	FILE *b = open_memstream(&l.moments, &len[1]);
	FILE *c = open_memstream(&l.holds, &len[2]);
	bool good = a != NULL && b != NULL && c != NULL;

	for (i = 0; good && i < crl->n; i++) {
		issuer_moment(crl->entry[i].at, at);
		good = fprintf(a, "%c\"\\\\x%s\"", i == 0 ? '{' : ',',
			   crl->entry[i].serial) > 0 &&
		       fprintf(b, "%c%s", i == 0 ? '{' : ',', at) > 0 &&
		       fprintf(c, "%c%c", i == 0 ? '{' : ',',
			   crl->entry[i].hold ? 't' : 'f') > 0;
	}
	if (good)
		good = fputs(crl->n == 0 ? "{}" : "}", a) >= 0 &&
		       fputs(crl->n == 0 ? "{}" : "}", b) >= 0 &&
		       fputs(crl->n == 0 ? "{}" : "}", c) >= 0;
	if (a != NULL && fclose(a) != 0)
		good = false;
	if (b != NULL && fclose(b) != 0)
		good = false;
	if (c != NULL && fclose(c) != 0)
		good = false;
	if (!good) {
		lists_free(&l);
		return ERR_NOMEM;
	}
	*ret_lists = l;
	return ERR_OK;
}

static enum status
load(struct call *call, const char *name, const struct crl *crl,
    const char *certificate, struct der der, json_t **ret_issuer)
{
	char number[24], this_update[32], next_update[32];
	char *octets = issuer_hex(der.octets, der.len);
	struct lists l;
	enum status status;

	if (octets == NULL || lists(crl, &l) != ERR_OK) {
		free(octets);
		return STATUS_UNREACHED;
	}
	(void)snprintf(number, sizeof number, "%" PRId64, crl->number);
	issuer_moment(crl->this_update, this_update);
	issuer_moment(crl->next_update, next_update);
	status = database_call(call, "issuer_crl",
	    PARAMETERS({"p_name", name}, {"p_certificate", certificate},
		{"p_crl", octets}, {"p_number", number},
		{"p_this", this_update}, {"p_next", next_update},
		{"p_serials", l.serials}, {"p_at", l.moments},
		{"p_hold", l.holds}),
	    ret_issuer);
	free(octets);
	lists_free(&l);
	return status;
}

static enum status
say_unreadable(const char *path, enum error err)
{
	if (err == ERR_DENIED)
		say(_("%s is not a CRL of this issuer"), path);
	else if (err == ERR_MISMATCH)
		say(_("the signature of %s is wrong"), path);
	else if (err == ERR_INPUT)
		say(_("%s is not a complete CRL with a next update"), path);
	else
		say("%s: %s", path, error_text(err));
	return err == ERR_NOMEM || err == ERR_CRYPTO ? STATUS_UNREACHED
						     : STATUS_REFUSED;
}

enum status
issuer_take_crl(struct call *call, const char *name, const char *source,
    struct der certificate, struct der der, json_t **ret_issuer)
{
	enum status status = STATUS_UNREACHED;
	char *parameter;
	struct crl crl;
	enum error err;

	err = crl_read(
	    certificate.octets, certificate.len, der.octets, der.len, &crl);
	if (err != ERR_OK)
		return say_unreadable(source, err);
	parameter = issuer_hex(certificate.octets, certificate.len);
	if (parameter != NULL)
		status = load(call, name, &crl, parameter, der, ret_issuer);
	crl_clear(&crl);
	free(parameter);
	return status;
}

enum status
issuer_read_file(const char *path, const char *label, unsigned char **ret_der,
    size_t *ret_len)
{
	enum status status;
	char *octets;
	enum error err;
	size_t len;

	status = file_read(path, CRL_MAX, &octets, &len);
	if (status != STATUS_DONE)
		return status;
	err = issuer_der(octets, len, label, ret_der, ret_len);
	free(octets);
	if (err == ERR_OK)
		return STATUS_DONE;
	say(_("%s has no %s in it"), path, label);
	return STATUS_USAGE;
}
