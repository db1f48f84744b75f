/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/card_args.h"

#include <string.h>

enum { PROOF_HEAD = SPKI_KEY_ID + 3, NAME_CHARACTERS = 64 };

enum error
card_args_request(
    const void *octets, size_t len, struct card_request *ret_request)
{
	struct card_request r = {.slot = ""};
	const char *slot = octets;
	size_t n;

	if (len <= CARD_SLOT - 1)
		return ERR_INPUT;
	for (n = 0; n < CARD_SLOT - 1 && slot[n] != ' '; n++) {
		if ((slot[n] < '0' || slot[n] > '9') &&
		    (slot[n] < 'a' || slot[n] > 'z'))
			return ERR_INPUT;
		r.slot[n] = slot[n];
	}
	if (n == 0)
		return ERR_INPUT;
	for (; n < CARD_SLOT - 1; n++) {
		if (slot[n] != ' ')
			return ERR_INPUT;
	}
	r.csr.octets = (const unsigned char *)octets + CARD_SLOT - 1;
	r.csr.len = len - (CARD_SLOT - 1);
	*ret_request = r;
	return ERR_OK;
}

enum error
card_args_proof(struct der *in, struct card_proof *ret_proof)
{
	const unsigned char *p = in->octets;
	struct card_proof proof = {.key_id = p};
	size_t len;

	if (in->len < PROOF_HEAD)
		return ERR_INPUT;
	if (p[SPKI_KEY_ID] > SCHEME_RSA_PSS_SHA256)
		return ERR_INPUT;
	proof.scheme = (enum scheme)p[SPKI_KEY_ID];
	len = (size_t)p[SPKI_KEY_ID + 1] << 8 | p[SPKI_KEY_ID + 2];
	if (len == 0 || len > SIGNATURE_MAX || len > in->len - PROOF_HEAD)
		return ERR_INPUT;
	proof.signature = (struct der){p + PROOF_HEAD, len};
	in->octets += PROOF_HEAD + len;
	in->len -= PROOF_HEAD + len;
	*ret_proof = proof;
	return ERR_OK;
}

/* Up to the next blank, which is taken too. */
static enum error
word(struct der *in, char *ret_word, size_t cap)
{
	const unsigned char *blank = memchr(in->octets, ' ', in->len);
	size_t len;

	if (blank == NULL)
		return ERR_INPUT;
	len = (size_t)(blank - in->octets);
	if (len == 0 || len >= cap)
		return ERR_INPUT;
	memcpy(ret_word, in->octets, len);
	ret_word[len] = '\0';
	in->octets += len + 1;
	in->len -= len + 1;
	return ERR_OK;
}

enum error
card_args_ca(const void *octets, size_t len, struct card_ca *ret_ca)
{
	struct card_ca ca = {.years = 0};
	struct der in = {octets, len};
	char years[3];
	size_t i, characters = 0;

	if (len == 0 || word(&in, ca.kind, sizeof ca.kind) != ERR_OK ||
	    word(&in, years, sizeof years) != ERR_OK)
		return ERR_INPUT;
	for (i = 0; years[i] != '\0'; i++) {
		if (years[i] < '0' || years[i] > '9')
			return ERR_INPUT;
		ca.years = ca.years * 10 + years[i] - '0';
	}
	if (ca.years < 1 || ca.years > CARD_CA_YEARS_MAX || in.len == 0 ||
	    in.len >= sizeof ca.name)
		return ERR_INPUT;
	for (i = 0; i < in.len; i++) {
		if (in.octets[i] < ' ' || in.octets[i] == 0x7f)
			return ERR_INPUT;
		characters += (in.octets[i] & 0xc0) != 0x80;
	}
	if (characters > NAME_CHARACTERS)
		return ERR_INPUT;
	memcpy(ca.name, in.octets, in.len);
	*ret_ca = ca;
	return ERR_OK;
}
