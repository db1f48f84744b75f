/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/piv_manage.h"

#include <sodium.h>
#include <string.h>

enum {
	KEY_9B = 0x9b,
	INS_AUTHENTICATE = 0x87,
	INS_METADATA = 0xf7,	   /* Yubico's */
	INS_SET_MANAGEMENT = 0xff, /* Yubico's */
	TAG_TEMPLATE = 0x7c,
	TAG_WITNESS = 0x80,
	TAG_CHALLENGE = 0x81,
	TAG_RESPONSE = 0x82,
	TAG_ALGORITHM = 0x01,
	HEAD = 4, /* 7C length, tag length */
	SW_SECURITY = 0x6982,
};

enum error
piv_manage_cipher(struct piv *piv, bool *ret_aes, enum block_cipher *ret_cipher)
{
	static const unsigned char head[4] = {0, INS_METADATA, 0, KEY_9B};
	unsigned char answer[PIV_ANSWER];
	enum error err;
	size_t len;
	int sw;

	*ret_aes = false;
	err = piv_command(piv, head, NULL, 0, answer, &len, &sw);
	if (err != ERR_OK)
		return err;
	if (sw == PIV_SW_OK && len >= 3 && answer[0] == TAG_ALGORITHM &&
	    answer[1] == 1 && block_known(answer[2])) {
		*ret_aes = true;
		*ret_cipher = (enum block_cipher)answer[2];
	}
	return ERR_OK;
}

/* What the maker sets: 01 to 08, again and again. */
static void
default_key(unsigned char ret_key[BLOCK_KEY_MAX])
{
	int i;

	for (i = 0; i < BLOCK_KEY_MAX; i++)
		ret_key[i] = (unsigned char)(i % 8 + 1);
}

/* 7C { tag, one block } */
static bool
is_block(const unsigned char *answer, size_t len, unsigned char tag)
{
	return len == HEAD + BLOCK_LEN && answer[0] == TAG_TEMPLATE &&
	       answer[1] == 2 + BLOCK_LEN && answer[2] == tag &&
	       answer[3] == BLOCK_LEN;
}

/* The card's witness, which only who has the key can decrypt. */
static enum error
ask_witness(struct piv *piv, const unsigned char head[4],
    unsigned char ret_sealed[BLOCK_LEN])
{
	static const unsigned char question[] = {
	    TAG_TEMPLATE, 2, TAG_WITNESS, 0};
	unsigned char answer[PIV_ANSWER];
	enum error err;
	size_t len;
	int sw;

	err = piv_command(
	    piv, head, question, sizeof question, answer, &len, &sw);
	if (err != ERR_OK)
		return err;
	if (sw != PIV_SW_OK || !is_block(answer, len, TAG_WITNESS))
		return ERR_SYSTEM;
	memcpy(ret_sealed, answer + HEAD, BLOCK_LEN);
	return ERR_OK;
}

/* The witness in clear, and a challenge of ours for the card to encrypt. */
static enum error
exchange(struct piv *piv, const unsigned char head[4],
    const unsigned char witness[BLOCK_LEN],
    const unsigned char challenge[BLOCK_LEN],
    unsigned char ret_response[BLOCK_LEN])
{
	unsigned char question[HEAD + BLOCK_LEN + 2 + BLOCK_LEN] = {
	    TAG_TEMPLATE, 2 * (2 + BLOCK_LEN), TAG_WITNESS, BLOCK_LEN};
	unsigned char *at = question + HEAD, answer[PIV_ANSWER];
	enum error err;
	size_t len;
	int sw;

	memcpy(at, witness, BLOCK_LEN);
	at += BLOCK_LEN;
	*at++ = TAG_CHALLENGE;
	*at++ = BLOCK_LEN;
	memcpy(at, challenge, BLOCK_LEN);
	err = piv_command(
	    piv, head, question, sizeof question, answer, &len, &sw);
	sodium_memzero(question, sizeof question);
	if (err != ERR_OK)
		return err;
	if (sw == SW_SECURITY)
		return ERR_MISMATCH;
	if (sw != PIV_SW_OK || !is_block(answer, len, TAG_RESPONSE))
		return ERR_SYSTEM;
	memcpy(ret_response, answer + HEAD, BLOCK_LEN);
	return ERR_OK;
}

enum error
piv_manage_aes(
    struct piv *piv, enum block_cipher cipher, const unsigned char *key)
{
	const unsigned char head[4] = {
	    0, INS_AUTHENTICATE, (unsigned char)cipher, KEY_9B};
	unsigned char maker[BLOCK_KEY_MAX], witness[BLOCK_LEN];
	unsigned char challenge[BLOCK_LEN], expected[BLOCK_LEN];
	unsigned char response[BLOCK_LEN];
	enum error err;

	if (key != NULL && block_key_len(cipher) != PIV_MANAGEMENT)
		return ERR_MISMATCH; /* ours are all of 24 octets */
	if (key == NULL) {
		default_key(maker);
		key = maker;
	}
	randombytes_buf(challenge, sizeof challenge);
	err = ask_witness(piv, head, witness);
	if (err == ERR_OK)
		err = block_decrypt(cipher, key, witness, witness);
	if (err == ERR_OK)
		err = block_encrypt(cipher, key, challenge, expected);
	if (err == ERR_OK)
		err = exchange(piv, head, witness, challenge, response);
	/* a card that takes any witness would take our new key from anybody */
	if (err == ERR_OK && sodium_memcmp(response, expected, BLOCK_LEN) != 0)
		err = ERR_MISMATCH;
	sodium_memzero(witness, sizeof witness);
	return err;
}

enum error
piv_manage_set_aes(struct piv *piv, const unsigned char key[PIV_MANAGEMENT])
{
	static const unsigned char head[4] = {
	    0, INS_SET_MANAGEMENT, 0xff, 0xff};
	unsigned char data[3 + PIV_MANAGEMENT] = {
	    BLOCK_AES192, KEY_9B, PIV_MANAGEMENT};
	unsigned char answer[PIV_ANSWER];
	enum error err;
	size_t len;
	int sw;

	memcpy(data + 3, key, PIV_MANAGEMENT);
	err = piv_command(piv, head, data, sizeof data, answer, &len, &sw);
	sodium_memzero(data, sizeof data);
	if (err != ERR_OK)
		return err;
	return sw == PIV_SW_OK ? ERR_OK : ERR_SYSTEM;
}
