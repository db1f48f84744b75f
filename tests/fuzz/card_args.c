/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of orders about cards point into what was given, and nowhere
 * else. */
#include <string.h>

#include "authd/card_args.h"
#include "tests/fuzz/fuzz.h"

static int
inside(const uint8_t *data, size_t size, struct der part)
{
	return part.octets >= data && part.len <= size &&
	       (size_t)(part.octets - data) <= size - part.len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct der in = {data, size};
	struct card_request request;
	struct card_proof proof;
	struct card_ca ca;
	size_t left = size;

	if (card_args_request(data, size, &request) == ERR_OK) {
		must(inside(data, size, request.csr));
		must(strlen(request.slot) >= 1);
	}
	while (card_args_proof(&in, &proof) == ERR_OK) {
		must(inside(data, size, proof.signature));
		must(proof.signature.len <= SIGNATURE_MAX);
		must(in.len < left);
		left = in.len;
	}
	if (card_args_ca(data, size, &ca) == ERR_OK)
		must(ca.years >= 1 && strlen(ca.name) >= 1);
	return 0;
}
