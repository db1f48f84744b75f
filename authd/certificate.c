/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/certificate.h"

#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/oneline.h"

enum error
certificate_find(const struct worker *w, const Sekisho__AuthRequest *request,
    struct store_certificate *ret, bool *ret_found)
{
	struct store_certificate list[STORE_CERTIFICATES];
	uint8_t serial[CERTIFICATE_SERIAL_MAX / 2];
	size_t len, n, i;
	enum error err;

	*ret_found = false;
	memset(ret, 0, sizeof *ret);
	if (hex_decode((const char *)request->certificate_serial.data,
		request->certificate_serial.len, serial, sizeof serial,
		&len) != ERR_OK)
		return ERR_OK;
	err = store_certificates(w->db, serial, len,
	    w->config->database_timeout_ms, w->arena, list, &n);
	if (err != ERR_OK)
		return err;
	for (i = 0; i < n && !*ret_found; i++) {
		if (oneline_is_subject(list[i].issuer.bytes, list[i].issuer.len,
			request->certificate_issuer.data,
			request->certificate_issuer.len)) {
			*ret = list[i];
			*ret_found = true;
		}
	}
	return ERR_OK;
}
