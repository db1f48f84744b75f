/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/csr.h"

#include "common/crypto/algorithm.h"

enum { ATTRIBUTES = 0xa0 };

/* What RFC 2986 4 names; the first one is what is signed. */
struct request {
	struct der info, spki, algorithm, signature;
};

static bool
outline(struct der in, struct request *r)
{
	static const unsigned char version_1[] = {DER_INTEGER, 1, 0};
	struct der csr, info, skip;

	if (!der_only(in, DER_SEQUENCE, &csr) ||
	    !der_take_whole(&csr, DER_SEQUENCE, &r->info) ||
	    !der_take_whole(&csr, DER_SEQUENCE, &r->algorithm) ||
	    !der_only(csr, DER_BIT_STRING, &r->signature) ||
	    !der_skip(&r->signature, "", 1) /* no unused bits */)
		return false;
	return der_only(r->info, DER_SEQUENCE, &info) &&
	       der_skip(&info, version_1, sizeof version_1) &&
	       der_take(&info, DER_SEQUENCE, &skip) /* subject */ &&
	       der_take_whole(&info, DER_SEQUENCE, &r->spki) &&
	       der_only(info, ATTRIBUTES, &skip);
}

enum error
csr_verify(const void *der, size_t len, struct csr *ret_csr)
{
	unsigned char digest[SIGNATURE_DIGEST_MAX];
	struct request r;
	struct algorithm algorithm;
	struct spki spki;
	struct csr csr;
	enum error err;

	if (len > CSR_MAX || !outline((struct der){der, len}, &r))
		return ERR_INPUT;
	err = algorithm_find(r.algorithm, &algorithm);
	if (err == ERR_OK)
		err = spki_acceptable(r.spki.octets, r.spki.len, &spki);
	if (err == ERR_OK)
		err = algorithm_digest(
		    algorithm.hash, r.info.octets, r.info.len, digest);
	if (err == ERR_OK)
		err = signature_verify_hash(r.spki.octets, r.spki.len,
		    algorithm.padding, algorithm.hash, digest,
		    r.signature.octets, r.signature.len);
	if (err != ERR_OK)
		return err;
	csr =
	    (struct csr){.spki = r.spki, .kind = spki.kind, .bits = spki.bits};
	spki_key_id(r.spki.octets, r.spki.len, csr.key_id);
	*ret_csr = csr;
	return ERR_OK;
}
