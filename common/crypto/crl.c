/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/crl.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/names.h"

enum { SECURITY_BITS = 112 /* SP 800-57 part 1, table 4 */ };

static enum error
decode(const void *der, size_t len, X509_CRL **ret_crl)
{
	const unsigned char *octets = der;
	X509_CRL *x;

	if (ossl_context() == NULL)
		return ERR_CRYPTO;
	x = X509_CRL_new_ex(ossl_context(), NULL);
	if (x == NULL)
		return ERR_NOMEM;
	/* frees x when it fails */
	if (d2i_X509_CRL(&x, &octets, (long)len) == NULL)
		return ossl_refused();
	if (octets != (const unsigned char *)der + len) {
		X509_CRL_free(x);
		return ERR_INPUT;
	}
	*ret_crl = x;
	return ERR_OK;
}

/* No SHA-1, no short key. */
static bool
is_strong(const X509_CRL *x, const EVP_PKEY *key)
{
	int digest, algorithm;

	return OBJ_find_sigid_algs(
		   X509_CRL_get_signature_nid(x), &digest, &algorithm) == 1 &&
	       (digest == NID_sha256 || digest == NID_sha384 ||
		   digest == NID_sha512 || digest == NID_undef) &&
	       EVP_PKEY_get_security_bits(key) >= SECURITY_BITS;
}

static enum error
check_issuer(X509_CRL *x, const void *issuer, size_t len)
{
	X509 *certificate = NULL;
	EVP_PKEY *key;
	enum error err;

	err = ossl_certificate(issuer, len, &certificate);
	if (err != ERR_OK)
		return err;
	key = X509_get0_pubkey(certificate);
	if (key == NULL)
		err = ossl_refused();
	else if (X509_NAME_cmp(X509_CRL_get_issuer(x),
		     X509_get_subject_name(certificate)) != 0 ||
		 (X509_get_key_usage(certificate) & KU_CRL_SIGN) == 0)
		err = ERR_DENIED;
	else if (!is_strong(x, key) || X509_CRL_verify(x, key) != 1)
		err = ERR_MISMATCH;
	X509_free(certificate);
	ERR_clear_error();
	return err;
}

/* One that is not known and critical, or that makes it a part of a CRL. */
static bool
is_plain(const X509_CRL *x)
{
	int i;

	for (i = 0; i < X509_CRL_get_ext_count(x); i++) {
		X509_EXTENSION *e = X509_CRL_get_ext(x, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(e));

		if (nid == NID_delta_crl ||
		    nid == NID_issuing_distribution_point ||
		    X509_EXTENSION_get_critical(e) != 0)
			return false;
	}
	return true;
}

static enum error
read_number(const X509_CRL *x, int64_t *ret_number)
{
	ASN1_INTEGER *number;
	enum error err = ERR_OK;
	int critical = -1;

	number = X509_CRL_get_ext_d2i(x, NID_crl_number, &critical, NULL);
	*ret_number = 0;
	if (number == NULL)
		return critical == -1 ? ERR_OK : ossl_refused();
	if (ASN1_INTEGER_get_int64(ret_number, number) != 1 || *ret_number < 0)
		err = ERR_INPUT;
	ASN1_INTEGER_free(number);
	ERR_clear_error();
	return err;
}

static enum error
read_serial(const X509_REVOKED *r, char ret_serial[CERTIFICATE_SERIAL])
{
	const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(r);
	const unsigned char *octets = ASN1_STRING_get0_data(serial);
	int len = ASN1_STRING_length(serial);

	while (len > 1 && octets[0] == 0) {
		octets++;
		len--;
	}
	if (len < 1 || len > (CERTIFICATE_SERIAL - 1) / 2)
		return ERR_INPUT;
	hex_encode(octets, (size_t)len, ret_serial);
	return ERR_OK;
}

/* -1 where none is said. */
static enum error
read_reason(const X509_REVOKED *r, long *ret_reason)
{
	ASN1_ENUMERATED *reason;
	int critical = -1;

	reason = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, &critical, NULL);
	*ret_reason = -1;
	if (reason == NULL) /* -1: not there; -2: twice; else malformed */
		return critical == -1 ? ERR_OK : ERR_INPUT;
	*ret_reason = ASN1_ENUMERATED_get(reason);
	ASN1_ENUMERATED_free(reason);
	return ERR_OK;
}

/* ERR_NOTFOUND for one that takes an entry back. */
static enum error
read_entry(const X509_REVOKED *r, struct crl_entry *ret_entry)
{
	long reason = -1;
	int i;
	enum error err;

	/* certificateIssuer above all: then it is not this issuer's serial */
	for (i = 0; i < X509_REVOKED_get_ext_count(r); i++) {
		if (X509_EXTENSION_get_critical(X509_REVOKED_get_ext(r, i)) !=
		    0)
			return ERR_INPUT;
	}
	err = read_reason(r, &reason);
	if (err == ERR_OK)
		err = reason == CRL_REASON_REMOVE_FROM_CRL
			  ? ERR_NOTFOUND
			  : read_serial(r, ret_entry->serial);
	if (err != ERR_OK)
		return err;
	ret_entry->hold = reason == CRL_REASON_CERTIFICATE_HOLD;
	return names_time(X509_REVOKED_get0_revocationDate(r), &ret_entry->at);
}

static enum error
read_entries(X509_CRL *x, struct crl *crl)
{
	STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(x);
	int n = list != NULL ? sk_X509_REVOKED_num(list) : 0, i;
	enum error err = ERR_OK;

	if (n > CRL_ENTRIES_MAX)
		return ERR_INPUT;
	crl->entry = calloc((size_t)n + 1, sizeof *crl->entry);
	if (crl->entry == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n && err == ERR_OK; i++) {
		err = read_entry(
		    sk_X509_REVOKED_value(list, i), &crl->entry[crl->n]);
		if (err == ERR_OK)
			crl->n++;
		else if (err == ERR_NOTFOUND)
			err = ERR_OK;
	}
	return err;
}

enum error
crl_read(const void *issuer, size_t issuer_len, const void *der, size_t len,
    struct crl *ret_crl)
{
	struct crl crl = {.number = 0};
	X509_CRL *x = NULL;
	enum error err;

	if (len > CRL_MAX)
		return ERR_INPUT;
	err = decode(der, len, &x);
	if (err != ERR_OK)
		return err;
	err = check_issuer(x, issuer, issuer_len);
	if (err == ERR_OK &&
	    (!is_plain(x) || X509_CRL_get0_nextUpdate(x) == NULL))
		err = ERR_INPUT;
	if (err == ERR_OK)
		err = read_number(x, &crl.number);
	if (err == ERR_OK)
		err = names_time(X509_CRL_get0_lastUpdate(x), &crl.this_update);
	if (err == ERR_OK)
		err = names_time(X509_CRL_get0_nextUpdate(x), &crl.next_update);
	if (err == ERR_OK)
		err = read_entries(x, &crl);
	if (err == ERR_OK)
		*ret_crl = crl;
	else
		crl_clear(&crl);
	X509_CRL_free(x);
	return err;
}

void
crl_clear(struct crl *crl)
{
	free(crl->entry);
	memset(crl, 0, sizeof *crl);
}
