/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/piv.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>
#include <ykpiv/ykpiv.h>

#include "cardtools/piv_key.h"
#include "cardtools/piv_manage.h"
#include "common/base/secret.h"
#include "common/crypto/encode.h"

struct piv {
	SCARDCONTEXT context;
	SCARDHANDLE card;
	bool connected, gone;
	ykpiv_state *state;
	char device[PIV_DEVICE], version[16];
	char why[128];
};

/*
 * The library has many names for a card that has left. Whether it has says
 * only the card: it is asked for its discovery object, which changes nothing.
 */
static bool
left(struct piv *piv)
{
	static const unsigned char apdu[] = {
	    0x00, 0xcb, 0x3f, 0xff, 0x03, 0x5c, 0x01, 0x7e, 0x00};
	unsigned char answer[258];
	DWORD protocol = 0, state = 0, len = 0;

	len = 0;
	if (SCardStatus(piv->card, NULL, &len, &state, &protocol, NULL, NULL) !=
	    SCARD_S_SUCCESS)
		return true;
	len = sizeof answer;
	return SCardTransmit(piv->card,
		   protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1,
		   apdu, sizeof apdu, NULL, answer, &len) != SCARD_S_SUCCESS;
}

static enum error
took(struct piv *piv, ykpiv_rc rc, const char *what)
{
	if (rc == YKPIV_OK)
		return ERR_OK;
	piv->gone = piv->gone || left(piv);
	(void)snprintf(
	    piv->why, sizeof piv->why, "%s: %s", what, ykpiv_strerror(rc));
	if (piv->gone)
		return ERR_CLOSED;
	switch (rc) {
	case YKPIV_MEMORY_ERROR:
		return ERR_NOMEM;
	case YKPIV_PCSC_ERROR:
		return ERR_CLOSED;
	case YKPIV_WRONG_PIN:
		return ERR_MISMATCH;
	case YKPIV_AUTHENTICATION_ERROR:
	case YKPIV_PIN_LOCKED:
		return ERR_DENIED;
	case YKPIV_INVALID_OBJECT:
	case YKPIV_NOT_SUPPORTED:
	case YKPIV_GENERIC_ERROR:
		return ERR_NOTFOUND;
	default:
		return ERR_SYSTEM;
	}
}

const char *
piv_why(const struct piv *piv)
{
	return piv->why;
}

const char *
piv_device(const struct piv *piv)
{
	return piv->device;
}

const char *
piv_version(const struct piv *piv)
{
	return piv->version;
}

static bool
has_card(SCARDCONTEXT context, const char *reader)
{
	SCARD_READERSTATE state = {
	    .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE};

	return SCardGetStatusChange(context, 0, &state, 1) == SCARD_S_SUCCESS &&
	       (state.dwEventState & SCARD_STATE_PRESENT) != 0;
}

/* The one reader that is meant; all that have a card into ret_readers. */
static enum error
choose(SCARDCONTEXT context, const char *wanted, char *names, const char **ret)
{
	char found[PIV_READERS] = "";
	DWORD len = PIV_READERS;
	const char *name, *only = NULL;
	size_t at = 0;
	int n = 0;
	LONG rc;

	rc = SCardListReaders(context, NULL, names, &len);
	if (rc != SCARD_S_SUCCESS) {
		names[0] = '\0';
		return rc == (LONG)SCARD_E_NO_READERS_AVAILABLE ? ERR_NOTFOUND
								: ERR_CLOSED;
	}
	for (name = names; *name != '\0'; name += strlen(name) + 1) {
		if (wanted != NULL && strcasestr(name, wanted) == NULL)
			continue;
		if (!has_card(context, name))
			continue;
		at += (size_t)snprintf(
		    found + at, sizeof found - at, "  %s\n", name);
		if (at >= sizeof found)
			return ERR_INPUT;
		only = name;
		n++;
	}
	if (n == 1) {
		*ret = only;
		return ERR_OK;
	}
	memcpy(names, found, at + 1);
	return n == 0 ? ERR_NOTFOUND : ERR_INPUT;
}

/* What the card says it is; a card need not say anything. */
static enum error
identify(struct piv *piv)
{
	uint32_t serial;
	ykpiv_rc rc;

	rc = ykpiv_get_version(piv->state, piv->version, sizeof piv->version);
	if (rc != YKPIV_OK)
		piv->version[0] = '\0';
	else
		rc = ykpiv_get_serial(piv->state, &serial);
	if (rc == YKPIV_OK)
		(void)snprintf(
		    piv->device, sizeof piv->device, "YubiKey %u", serial);
	return rc != YKPIV_OK && left(piv) ? ERR_CLOSED : ERR_OK;
}

static enum error
connect_card(struct piv *piv, const char *reader)
{
	DWORD protocol;
	LONG rc;

	rc = SCardConnect(piv->context, reader, SCARD_SHARE_EXCLUSIVE,
	    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &piv->card, &protocol);
	if (rc == (LONG)SCARD_E_SHARING_VIOLATION)
		return ERR_BUSY;
	if (rc != SCARD_S_SUCCESS)
		return ERR_CLOSED;
	piv->connected = true;
	if (ykpiv_init(&piv->state, 0) != YKPIV_OK)
		return ERR_NOMEM;
	if (ykpiv_connect_with_external_card(piv->state,
		(uintptr_t)piv->context, (uintptr_t)piv->card) != YKPIV_OK)
		return ERR_CLOSED;
	return ERR_OK;
}

/* The library selects only where it has connected itself. */
static enum error
select_piv(struct piv *piv)
{
	static const unsigned char apdu[] = {
	    0, YKPIV_INS_SELECT_APPLICATION, 4, 0};
	static const unsigned char aid[] = {0xa0, 0x00, 0x00, 0x03, 0x08};
	unsigned char answer[256];
	unsigned long len = sizeof answer;
	ykpiv_rc rc;
	int sw = 0;

	rc = ykpiv_transfer_data(
	    piv->state, apdu, aid, sizeof aid, answer, &len, &sw);
	if (rc != YKPIV_OK || (sw != SW_SUCCESS && left(piv)))
		return ERR_CLOSED;
	return sw == SW_SUCCESS ? ERR_OK : ERR_CRYPTO;
}

enum error
piv_open(
    const char *wanted, struct piv **ret_piv, char ret_readers[PIV_READERS])
{
	struct piv *piv = calloc(1, sizeof *piv);
	const char *reader;
	enum error err = ERR_OK;

	ret_readers[0] = '\0';
	if (piv == NULL)
		return ERR_NOMEM;
	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
		&piv->context) != SCARD_S_SUCCESS) {
		free(piv);
		return ERR_SYSTEM;
	}
	err = choose(piv->context, wanted, ret_readers, &reader);
	if (err == ERR_OK)
		err = connect_card(piv, reader);
	if (err == ERR_OK) {
		err = select_piv(piv);
	}
	if (err == ERR_OK)
		err = identify(piv);
	piv->gone = err == ERR_CLOSED;
	if (err == ERR_OK)
		*ret_piv = piv;
	else
		piv_close(&piv);
	return err;
}

bool
piv_present(const char *wanted)
{
	char names[PIV_READERS];
	const char *reader;
	SCARDCONTEXT context;
	enum error err;

	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) !=
	    SCARD_S_SUCCESS)
		return false;
	err = choose(context, wanted, names, &reader);
	(void)SCardReleaseContext(context);
	return err == ERR_OK || err == ERR_INPUT;
}

void
piv_close(struct piv **piv)
{
	if (*piv == NULL)
		return;
	if ((*piv)->state != NULL)
		(void)ykpiv_done_with_external_card((*piv)->state);
	/* The reset ends what PIN and management key have opened. Where there
	 * is no card to reset, pcscd 1.9 would not see the next one. */
	if ((*piv)->connected)
		(void)SCardDisconnect((*piv)->card,
		    (*piv)->gone ? SCARD_LEAVE_CARD : SCARD_RESET_CARD);
	(void)SCardReleaseContext((*piv)->context);
	free(*piv);
	*piv = NULL;
}

enum error
piv_command(struct piv *piv, const unsigned char head[4],
    const unsigned char *data, size_t len, unsigned char *ret_answer,
    size_t *ret_len, int *ret_sw)
{
	unsigned long answer_len = PIV_ANSWER;
	enum error err;

	err = took(piv,
	    ykpiv_transfer_data(piv->state, head, data, (long)len, ret_answer,
		&answer_len, ret_sw),
	    "management key");
	if (err == ERR_OK && *ret_sw != SW_SUCCESS) {
		piv->gone = piv->gone || left(piv);
		(void)snprintf(piv->why, sizeof piv->why,
		    "management key: the card says %04x", (unsigned)*ret_sw);
		err = piv->gone ? ERR_CLOSED : ERR_OK;
	}
	*ret_len = answer_len;
	return err;
}

enum error
piv_manage(struct piv *piv, const unsigned char key[PIV_MANAGEMENT])
{
	enum block_cipher cipher;
	enum error err;
	bool aes;

	err = piv_manage_cipher(piv, &aes, &cipher);
	if (err != ERR_OK)
		return err;
	if (aes)
		return piv_manage_aes(piv, cipher, key);
	err = took(piv, ykpiv_authenticate(piv->state, key), "management key");
	/* a wrong key is no block: it may be tried again for ever */
	return err == ERR_DENIED ? ERR_MISMATCH : err;
}

enum error
piv_set_management(struct piv *piv, const unsigned char key[PIV_MANAGEMENT])
{
	enum block_cipher cipher;
	enum error err;
	bool aes;

	err = piv_manage_cipher(piv, &aes, &cipher);
	if (err == ERR_OK && aes)
		err = piv_manage_set_aes(piv, key);
	else if (err == ERR_OK)
		err = took(piv, ykpiv_set_mgmkey(piv->state, key),
		    "setting the management key");
	return err;
}

enum error
piv_change_puk(struct piv *piv, const char *old_puk, const char *new_puk)
{
	int tries = 0;

	return took(piv,
	    ykpiv_change_puk(piv->state, old_puk, strlen(old_puk), new_puk,
		strlen(new_puk), &tries),
	    "PUK");
}

enum error
piv_set_pin(struct piv *piv, const char *puk, const char *pin)
{
	int tries = 0;

	return took(piv,
	    ykpiv_unblock_pin(
		piv->state, puk, strlen(puk), pin, strlen(pin), &tries),
	    "setting the PIN");
}

enum error
piv_change_pin(struct piv *piv, const char *old_pin, const char *new_pin)
{
	int tries = 0;

	return took(piv,
	    ykpiv_change_pin(piv->state, old_pin, strlen(old_pin), new_pin,
		strlen(new_pin), &tries),
	    "PIN");
}

enum error
piv_verify(struct piv *piv, const char *pin, int *ret_tries)
{
	return took(piv, ykpiv_verify(piv->state, pin, ret_tries), "PIN");
}

/* VERIFY with P1 = FF (SP 800-73-4 part 2, 3.2.1); a card that does not know
 * it forgets when it is selected anew. */
enum error
piv_forget_pin(struct piv *piv)
{
	static const unsigned char apdu[] = {0, YKPIV_INS_VERIFY, 0xff, 0x80};
	unsigned char answer[256];
	unsigned long len = sizeof answer;
	int sw = 0;

	return took(piv,
	    ykpiv_transfer_data(piv->state, apdu, NULL, 0, answer, &len, &sw),
	    "PIN");
}

enum error
piv_generate(struct piv *piv, enum piv_slot slot, enum piv_algorithm algorithm,
    unsigned char *ret_spki, size_t *ret_len)
{
	static const unsigned char ids[] = {
	    YKPIV_ALGO_ECCP256, YKPIV_ALGO_ECCP384, YKPIV_ALGO_RSA2048};
	uint8_t *n = NULL, *e = NULL, *point = NULL;
	size_t n_len = 0, e_len = 0, point_len = 0;
	enum error err;

	/* Policies as the standard has them: 9A wants the PIN once, 9E never.
	 * Naming them would need an extension that few cards have. */
	err = took(piv,
	    ykpiv_util_generate_key(piv->state, (uint8_t)slot, ids[algorithm],
		YKPIV_PINPOLICY_DEFAULT, YKPIV_TOUCHPOLICY_DEFAULT, &n, &n_len,
		&e, &e_len, &point, &point_len),
	    "generating a key");
	if (err == ERR_OK && algorithm == PIV_RSA2048)
		err = encode_spki_rsa((struct der){n, n_len},
		    (struct der){e, e_len}, ret_spki, ret_len);
	else if (err == ERR_OK)
		err = encode_spki_ec(
		    encode_curve(algorithm == PIV_P256 ? KEY_P256 : KEY_P384),
		    (struct der){point, point_len}, ret_spki, ret_len);
	(void)ykpiv_util_free(piv->state, n);
	(void)ykpiv_util_free(piv->state, e);
	(void)ykpiv_util_free(piv->state, point);
	return err;
}

enum error
piv_sign(struct piv *piv, enum piv_slot slot, const unsigned char *spki,
    size_t spki_len, const unsigned char digest[32],
    unsigned char *ret_signature, size_t *ret_len)
{
	unsigned char block[PIV_SIGNATURE_MAX], algorithm = 0;
	size_t block_len, len = PIV_SIGNATURE_MAX;
	struct spki key;
	enum error err;
	ykpiv_rc rc;

	err = spki_parse(spki, spki_len, &key);
	if (err == ERR_OK)
		err = piv_block(&key, digest, block, &block_len);
	if (err != ERR_OK)
		return err;
	switch (key.kind) {
	case KEY_P256:
		algorithm = YKPIV_ALGO_ECCP256;
		break;
	case KEY_P384:
		algorithm = YKPIV_ALGO_ECCP384;
		break;
	case KEY_RSA:
		algorithm = YKPIV_ALGO_RSA2048;
		break;
	}
	rc = ykpiv_sign_data(piv->state, block, block_len, ret_signature, &len,
	    algorithm, (unsigned char)slot);
	if (rc == YKPIV_OK)
		*ret_len = len;
	return took(piv, rc, "signing");
}

enum error
piv_write_certificate(
    struct piv *piv, enum piv_slot slot, const unsigned char *der, size_t len)
{
	unsigned char copy[PIV_OBJECT_MAX];

	if (len > sizeof copy)
		return ERR_INPUT;
	memcpy(copy, der, len);
	return took(piv,
	    ykpiv_util_write_cert(piv->state, (uint8_t)slot, copy, len,
		YKPIV_CERTINFO_UNCOMPRESSED),
	    "writing a certificate");
}

static enum error
take_certificate(
    struct piv *piv, uint8_t slot, unsigned char *ret_der, size_t *ret_len)
{
	uint8_t *data = NULL;
	size_t len = 0;
	enum error err;

	err = took(piv, ykpiv_util_read_cert(piv->state, slot, &data, &len),
	    "reading a certificate");
	if (err == ERR_OK && len > PIV_OBJECT_MAX)
		err = ERR_INPUT;
	if (err == ERR_OK) {
		memcpy(ret_der, data, len);
		*ret_len = len;
	}
	(void)ykpiv_util_free(piv->state, data);
	return err;
}

enum error
piv_read_certificate(struct piv *piv, enum piv_slot slot,
    unsigned char *ret_der, size_t *ret_len)
{
	return take_certificate(piv, (uint8_t)slot, ret_der, ret_len);
}

enum error
piv_write_guid(struct piv *piv, const unsigned char guid[PIV_GUID])
{
	ykpiv_cardid id;
	enum error err;

	memcpy(id.data, guid, PIV_GUID);
	err = took(piv, ykpiv_util_set_cardid(piv->state, &id), "CHUID");
	if (err == ERR_OK)
		err = took(piv, ykpiv_util_set_cccid(piv->state, NULL),
		    "capability container");
	return err;
}

enum error
piv_read_guid(struct piv *piv, unsigned char ret_guid[PIV_GUID])
{
	ykpiv_cardid id;
	enum error err;

	err = took(piv, ykpiv_util_get_cardid(piv->state, &id), "CHUID");
	if (err == ERR_OK)
		memcpy(ret_guid, id.data, PIV_GUID);
	return err;
}

enum error
piv_attest(struct piv *piv, enum piv_slot slot, unsigned char *ret_der,
    size_t *ret_len)
{
	size_t len = PIV_OBJECT_MAX;
	ykpiv_rc rc;

	rc = ykpiv_attest(piv->state, (unsigned char)slot, ret_der, &len);
	if (rc == YKPIV_OK)
		*ret_len = len;
	return took(piv, rc, "attestation");
}

enum error
piv_attester(struct piv *piv, unsigned char *ret_der, size_t *ret_len)
{
	return take_certificate(piv, YKPIV_KEY_ATTESTATION, ret_der, ret_len);
}
