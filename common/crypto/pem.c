/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/pem.h"

#include <stdlib.h>
#include <string.h>

#include "common/crypto/ossl.h"

/* One block of any label; all of it is freed again but what is wanted. */
static enum error
next_block(
    BIO *bio, const char *label, unsigned char **ret_der, size_t *ret_len)
{
	unsigned char *data = NULL;
	char *name = NULL, *header = NULL;
	enum error err = ERR_OK;
	long len = 0;

	if (PEM_read_bio(bio, &name, &header, &data, &len) != 1) {
		bool end = ERR_GET_REASON(ERR_peek_last_error()) ==
			   PEM_R_NO_START_LINE;

		err = ossl_refused();
		return end ? ERR_NOTFOUND : err;
	}
	if (strcmp(name, label) == 0) {
		if (header[0] != '\0' || len <= 0) {
			err = ERR_INPUT; /* encrypted, or nothing */
		} else if ((*ret_der = malloc((size_t)len)) == NULL) {
			err = ERR_NOMEM;
		} else {
			memcpy(*ret_der, data, (size_t)len);
			*ret_len = (size_t)len;
		}
	}
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(data);
	return err;
}

enum error
pem_next(const char **text, size_t *len, const char *label,
    unsigned char **ret_der, size_t *ret_len)
{
	unsigned char *der = NULL;
	size_t der_len = 0;
	enum error err;
	BIO *bio;

	ERR_clear_error();
	if (*len == 0)
		return ERR_NOTFOUND;
	if (*len > PEM_FILE_MAX)
		return ERR_INPUT;
	bio = BIO_new_mem_buf(*text, (int)*len);
	if (bio == NULL)
		return ERR_NOMEM;
	do
		err = next_block(bio, label, &der, &der_len);
	while (err == ERR_OK && der == NULL);
	if (err == ERR_OK) {
		size_t left = BIO_ctrl_pending(bio);

		*text += *len - left;
		*len = left;
		*ret_der = der;
		*ret_len = der_len;
	}
	BIO_free(bio);
	ERR_clear_error();
	return err;
}

enum error
pem_encode(const char *label, const void *der, size_t len, char **ret_text)
{
	enum error err = ERR_NOMEM;
	BIO *bio = NULL;
	char *text, *copy;
	long n;

	ERR_clear_error();
	if (len == 0 || len > PEM_FILE_MAX)
		return ERR_INPUT;
	bio = BIO_new(BIO_s_mem());
	if (bio == NULL || PEM_write_bio(bio, label, "", der, (long)len) <= 0)
		goto out;
	n = BIO_get_mem_data(bio, &text);
	copy = n > 0 ? malloc((size_t)n + 1) : NULL;
	if (copy == NULL)
		goto out;
	memcpy(copy, text, (size_t)n);
	copy[n] = '\0';
	*ret_text = copy;
	err = ERR_OK;
out:
	BIO_free(bio);
	ERR_clear_error();
	return err;
}
