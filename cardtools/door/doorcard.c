/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/doorcard.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/terminal/cardcert.h"
#include "common/crypto/signature.h"

/*
 * A card can say for ever that more of its answer follows, and libykpiv goes
 * on asking. SIGALRM ends the process then; a new one takes its place.
 */
enum { PATIENCE_S = 20 };

static enum error
open_card(const char *reader, struct doorcard *ret_card)
{
	char readers[PIV_READERS];
	unsigned char der[PIV_OBJECT_MAX];
	struct cardcert certificate;
	enum error err;
	size_t len;

	memset(ret_card, 0, sizeof *ret_card);
	ret_card->why = "no PIV card, or another program holds it";
	err = piv_open(reader, &ret_card->piv, readers);
	if (err == ERR_NOTFOUND)
		return ERR_CLOSED; /* it was there a moment ago */
	if (err != ERR_OK)
		return err == ERR_CRYPTO ? ERR_NOTFOUND : err;
	ret_card->why = "no certificate for doors (9E)";
	err = piv_read_certificate(ret_card->piv, PIV_9E, der, &len);
	if (err != ERR_OK)
		return err;
	ret_card->why = "its certificate for doors cannot be read";
	if (cardcert_read(der, len, &certificate) != ERR_OK)
		return ERR_NOTFOUND;
	memcpy(ret_card->spki, certificate.spki, certificate.spki_len);
	ret_card->spki_len = certificate.spki_len;
	memcpy(ret_card->key_id, certificate.key_id, SPKI_KEY_ID);
	ret_card->why = "";
	return ERR_OK;
}

enum error
doorcard_open(const char *reader, struct doorcard *ret_card)
{
	enum error err;

	(void)alarm(PATIENCE_S);
	err = open_card(reader, ret_card);
	(void)alarm(0);
	return err;
}

enum error
doorcard_sign(struct doorcard *card, const struct signed_fields *fields,
    struct signature *ret_signature)
{
	unsigned char digest[SIGNED_DIGEST];
	enum scheme scheme = SCHEME_ECDSA_SHA256;
	struct spki key;
	enum error err;

	card->why = "the challenge cannot be signed";
	err = signed_digest(fields, digest);
	if (err == ERR_OK)
		err = spki_parse(card->spki, card->spki_len, &key);
	if (err != ERR_OK)
		return err;
	if (key.kind == KEY_RSA)
		scheme = SCHEME_RSA_PKCS1_SHA256;
	_Static_assert(
	    (int)PIV_SIGNATURE_MAX <= (int)PACKET_SIGNATURE, "it fits");
	(void)alarm(PATIENCE_S);
	err = piv_sign(card->piv, PIV_9E, card->spki, card->spki_len, digest,
	    ret_signature->bytes, &ret_signature->len);
	(void)alarm(0);
	if (err != ERR_OK) {
		card->why = piv_why(card->piv);
		return err;
	}
	card->why = "the card's signature is not by its key";
	if (signature_verify(card->spki, card->spki_len, scheme, digest,
		ret_signature->bytes, ret_signature->len) != ERR_OK)
		return ERR_CRYPTO;
	memcpy(ret_signature->key_id, card->key_id, sizeof card->key_id);
	(void)snprintf(ret_signature->scheme, sizeof ret_signature->scheme,
	    "%s", scheme_text(scheme));
	card->why = "";
	return ERR_OK;
}

void
doorcard_close(struct doorcard *card)
{
	piv_close(&card->piv);
}
