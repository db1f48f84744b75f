/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A certificate and a CRL against a CA of ours: one octet of options, two of
 * the certificate's length, the certificate, the CRL.
 */
#include "common/crypto/path.h"

#include "common/crypto/certificate.h"
#include "tests/fuzz/ca.h"
#include "tests/fuzz/fuzz.h"

static struct path_options
options_of(uint8_t flags)
{
	return (struct path_options){.now = CA_NOW,
	    .uses = (flags & 1) != 0 ? USE_CLIENT_AUTH : 0,
	    .unchecked_revocation = (flags & 2) != 0,
	    .indirect_crls = (flags & 4) != 0,
	    .weak_keys = (flags & 8) != 0,
	    .loose_form = (flags & 16) != 0,
	    .explicit_policy = (flags & 32) != 0,
	    .inhibit_any = (flags & 64) != 0,
	    .inhibit_mapping = (flags & 128) != 0};
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ca *ca = fuzz_ca();
	struct path_store *store = NULL;
	struct path_options options;
	struct path_fault fault = {PATH_VALID, -1, NULL};
	bool has_crl;
	enum error err;
	size_t len;

	if (size < 3)
		return 0;
	options = options_of(data[0]);
	len = (size_t)data[1] << 8 | data[2];
	data += 3;
	size -= 3;
	len = len < size ? len : size;
	must(path_store_new(&store) == ERR_OK);
	must(path_store_anchor(store, ca->root, ca->root_len) == ERR_OK);
	err = path_store_intermediate(store, data, len);
	must(err == ERR_OK || err == ERR_INPUT);
	err = path_store_crl(store, data + len, size - len);
	must(err == ERR_OK || err == ERR_INPUT);
	has_crl = err == ERR_OK;
	err = path_validate(store, data, len, &options, &fault);
	must(err == ERR_OK || err == ERR_DENIED);
	must((err == ERR_OK) == (fault.reason == PATH_VALID));
	must(fault.detail != NULL && fault.depth >= 0);
	/* fails closed */
	if (!options.unchecked_revocation && !has_crl)
		must(err == ERR_DENIED);
	path_store_free(&store);
	return 0;
}
