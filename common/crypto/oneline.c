/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/oneline.h"

#include <string.h>

#include "common/base/secret.h"
#include "common/crypto/ossl.h"

enum { ONELINE = 1024 }; /* FreeRADIUS's buffer, in which it cuts off */

bool
oneline_is_subject(const void *certificate, size_t certificate_len,
    const void *text, size_t len)
{
	const unsigned char *at = certificate;
	X509 *x = X509_new_ex(ossl_context(), NULL);
	char line[ONELINE] = "";
	bool same = false;

	if (x != NULL && d2i_X509(&x, &at, (long)certificate_len) != NULL &&
	    X509_NAME_oneline(X509_get_subject_name(x), line, sizeof line) !=
		NULL)
		same = secret_equal(line, strlen(line), text, len);
	X509_free(x);
	ERR_clear_error();
	return same && len > 0;
}
