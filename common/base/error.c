/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/error.h"

const char *
error_text(enum error err)
{
	switch (err) {
	case ERR_OK:
		return "no error";
	case ERR_NOMEM:
		return "out of memory";
	case ERR_INPUT:
		return "malformed input";
	case ERR_CONFIG:
		return "configuration error";
	case ERR_SYSTEM:
		return "system call failed";
	case ERR_TIMEOUT:
		return "timed out";
	case ERR_CLOSED:
		return "connection closed";
	case ERR_BUSY:
		return "busy";
	case ERR_DB:
		return "database failure";
	case ERR_DENIED:
		return "refused";
	case ERR_NOTFOUND:
		return "not found";
	case ERR_CRYPTO:
		return "cryptographic failure";
	case ERR_MISMATCH:
		return "does not match";
	}
	return "unknown error";
}
