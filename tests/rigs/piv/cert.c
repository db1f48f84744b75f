/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/cert.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <unistd.h>

enum { DAYS = 3650, DAY = 86400, SERIAL_BITS = 120, DER_MAX = 4096 };

void
authority_clear(struct authority *authority)
{
	X509_free(authority->certificate);
	EVP_PKEY_free(authority->key);
	*authority = (struct authority){0};
}

static bool
extend(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool done =
	    extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return done;
}

static bool
number(X509 *certificate)
{
	BIGNUM *bn = BN_new();
	bool done =
	    bn != NULL &&
	    BN_rand(bn, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) ==
		1 &&
	    BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(certificate)) != NULL;

	BN_free(bn);
	return done;
}

enum error
cert_new(const char *name, EVP_PKEY *key, bool ca, const struct authority *by,
    X509 **ret_certificate)
{
	X509 *x = X509_new();
	X509_NAME *subject;

	if (x == NULL)
		return ERR_NOMEM;
	subject = X509_get_subject_name(x);
	if (X509_set_version(x, X509_VERSION_3) != 1 || !number(x) ||
	    X509_gmtime_adj(X509_getm_notBefore(x), -DAY) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(x), (long)DAYS * DAY) == NULL ||
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
		(const unsigned char *)name, -1, -1, 0) != 1 ||
	    X509_set_issuer_name(x, by->certificate
					? X509_get_subject_name(by->certificate)
					: subject) != 1 ||
	    X509_set_pubkey(x, key) != 1 ||
	    !extend(x, NID_basic_constraints,
		ca ? "critical,CA:TRUE" : "critical,CA:FALSE") ||
	    !extend(x, NID_key_usage,
		ca ? "critical,keyCertSign,cRLSign"
		   : "critical,digitalSignature")) {
		X509_free(x);
		return ERR_CRYPTO;
	}
	*ret_certificate = x;
	return ERR_OK;
}

enum error
cert_add(X509 *certificate, const char *oid, const uint8_t *value, size_t len)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension = NULL;
	enum error err = ERR_CRYPTO;

	if (object == NULL || octets == NULL ||
	    ASN1_OCTET_STRING_set(octets, value, (int)len) != 1)
		goto out;
	extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, octets);
	if (extension != NULL && X509_add_ext(certificate, extension, -1) == 1)
		err = ERR_OK;
out:
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(octets);
	ASN1_OBJECT_free(object);
	return err;
}

enum error
cert_sign(X509 *certificate, const struct authority *by, struct buf *der)
{
	unsigned char *bytes = NULL;
	int len;

	if (X509_sign(certificate, by->key, EVP_sha256()) == 0)
		return ERR_CRYPTO;
	len = i2d_X509(certificate, &bytes);
	if (len <= 0 || len > DER_MAX) {
		OPENSSL_free(bytes);
		return ERR_CRYPTO;
	}
	buf_put(der, bytes, (size_t)len);
	OPENSSL_free(bytes);
	return der->failed ? ERR_INPUT : ERR_OK;
}

enum error
authority_new(const char *name, struct authority *ret_authority)
{
	struct authority self = {0};
	uint8_t bytes[DER_MAX];
	struct buf der = {bytes, sizeof bytes, 0, false};
	enum error err;

	self.key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", SN_X9_62_prime256v1);
	if (self.key == NULL)
		return ERR_CRYPTO;
	err = cert_new(name, self.key, true, &self, &self.certificate);
	if (err == ERR_OK)
		err = cert_sign(self.certificate, &self, &der);
	if (err != ERR_OK) {
		authority_clear(&self);
		return err;
	}
	*ret_authority = self;
	return ERR_OK;
}

enum error
authority_load(const char *path, struct authority *ret_authority)
{
	struct authority self = {0};
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_SYSTEM;
	self.key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	rewind(file);
	self.certificate = PEM_read_X509(file, NULL, NULL, NULL);
	(void)fclose(file);
	if (self.key == NULL || self.certificate == NULL ||
	    X509_check_private_key(self.certificate, self.key) != 1) {
		authority_clear(&self);
		return ERR_CRYPTO;
	}
	*ret_authority = self;
	return ERR_OK;
}

enum error
authority_save(const struct authority *authority, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool done;

	if (file == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return ERR_SYSTEM;
	}
	done = PEM_write_X509(file, authority->certificate) == 1 &&
	       PEM_write_PrivateKey(
		   file, authority->key, NULL, NULL, 0, NULL, NULL) == 1;
	return fclose(file) == 0 && done ? ERR_OK : ERR_SYSTEM;
}
