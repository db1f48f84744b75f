/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/names.h"

#include <string.h>
#include <time.h>

#include "common/base/utf8.h"

enum error
names_plain(const void *octets, size_t len, char *ret_text, size_t cap)
{
	if (len == 0 || len >= cap || memchr(octets, 0, len) != NULL)
		return ERR_INPUT;
	memcpy(ret_text, octets, len);
	ret_text[len] = '\0';
	return utf8_plain(ret_text) ? ERR_OK : ERR_INPUT;
}

enum error
names_string(const ASN1_STRING *string, char *ret_text, size_t cap)
{
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, string);
	enum error err;

	if (len < 0)
		return ossl_refused();
	err = names_plain(utf8, (size_t)len, ret_text, cap);
	OPENSSL_free(utf8);
	return err;
}

static enum error
print(const X509_NAME *name, char *ret_text, size_t cap)
{
	/* What is plain needs no escapes beyond those of the RFC. */
	static const unsigned long flags =
	    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	enum error err;
	long len;

	if (bio == NULL)
		return ERR_NOMEM;
	if (X509_NAME_print_ex(bio, name, 0, flags) < 0) {
		err = ossl_refused();
	} else {
		len = BIO_get_mem_data(bio, &text);
		err = len > 0 ? names_plain(text, (size_t)len, ret_text, cap)
			      : ERR_INPUT;
	}
	BIO_free(bio);
	return err;
}

enum error
names_text(const X509_NAME *name, char *ret_text, size_t cap)
{
	int i, n = X509_NAME_entry_count(name);
	enum error err = ERR_OK;

	if (n == 0) {
		ret_text[0] = '\0';
		return ERR_OK;
	}
	/* Before they are escaped: control characters are refused, not shown */
	for (i = 0; i < n && err == ERR_OK; i++)
		err = names_string(
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)),
		    ret_text, cap);
	if (err == ERR_OK)
		err = print(name, ret_text, cap);
	return err;
}

bool
names_is_oid(const ASN1_OBJECT *object, const char *numbers)
{
	char text[80];
	int len = OBJ_obj2txt(text, sizeof text, object, 1);

	return len > 0 && (size_t)len < sizeof text &&
	       strcmp(text, numbers) == 0;
}

enum error
names_time(const ASN1_TIME *time, int64_t *ret_seconds)
{
	const unsigned char *text = ASN1_STRING_get0_data(time);
	int len = ASN1_STRING_length(time), type = ASN1_STRING_type(time);
	struct tm tm;

	if (len != (type == V_ASN1_UTCTIME ? 13 : 15) || text[len - 1] != 'Z' ||
	    ASN1_TIME_to_tm(time, &tm) != 1)
		return ossl_refused();
	*ret_seconds = timegm(&tm);
	return ERR_OK;
}
