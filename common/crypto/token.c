/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/token.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto/encode.h"

enum { SLOTS_MAX = 64, KEY_ID = 16 };

struct token {
	CK_FUNCTION_LIST *module;
	bool initialised;
	CK_SESSION_HANDLE session; /* 0: none */
	CK_RV fault;
};

static enum error
failed(struct token *t, CK_RV rv)
{
	t->fault = rv;
	switch (rv) {
	case CKR_OK:
		return ERR_OK;
	case CKR_HOST_MEMORY:
		return ERR_NOMEM;
	case CKR_PIN_INCORRECT:
	case CKR_PIN_INVALID:
	case CKR_PIN_LEN_RANGE:
		return ERR_MISMATCH;
	case CKR_PIN_LOCKED:
	case CKR_PIN_EXPIRED:
	case CKR_USER_PIN_NOT_INITIALIZED:
	case CKR_USER_NOT_LOGGED_IN:
		return ERR_DENIED;
	case CKR_DEVICE_REMOVED:
	case CKR_TOKEN_NOT_PRESENT:
	case CKR_TOKEN_NOT_RECOGNIZED:
	case CKR_SESSION_CLOSED:
	case CKR_SESSION_HANDLE_INVALID:
		return ERR_CLOSED;
	}
	return ERR_CRYPTO;
}

const char *
token_fault(const struct token *token)
{
	return p11_kit_strerror(token->fault);
}

static enum error
load(const char *path, struct token *t)
{
	t->module = p11_kit_module_load(path, 0);
	if (t->module == NULL)
		return ERR_CONFIG;
	if (p11_kit_module_initialize(t->module) != CKR_OK)
		return ERR_CONFIG;
	t->initialised = true;
	return ERR_OK;
}

/* PKCS#11 fills labels with blanks and has no NUL. */
static bool
has_label(const CK_TOKEN_INFO *info, const char *label)
{
	unsigned char padded[TOKEN_LABEL_MAX];

	_Static_assert(sizeof info->label == sizeof padded, "32 octets");
	memset(padded, ' ', sizeof padded);
	memcpy(padded, label, strlen(label));
	return sodium_memcmp(info->label, padded, sizeof padded) == 0;
}

static enum error
find_slot(struct token *t, const char *label, CK_SLOT_ID *ret_slot)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX, i, found = 0;
	CK_RV rv;

	rv = t->module->C_GetSlotList(CK_TRUE, slots, &n);
	if (rv != CKR_OK)
		return failed(t, rv);
	for (i = 0; i < n; i++) {
		CK_TOKEN_INFO info;

		/* one that has just been pulled out is not an error */
		if (t->module->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    has_label(&info, label)) {
			*ret_slot = slots[i];
			found++;
		}
	}
	if (found == 0)
		return ERR_NOTFOUND;
	return found == 1 ? ERR_OK : ERR_INPUT;
}

enum error
token_open(const char *module, const char *label, struct token **ret_token)
{
	struct token *t;
	CK_SLOT_ID slot = 0;
	enum error err;

	if (label[0] == '\0' || strlen(label) > TOKEN_LABEL_MAX)
		return ERR_INPUT;
	t = calloc(1, sizeof *t);
	if (t == NULL)
		return ERR_NOMEM;
	err = load(module, t);
	if (err == ERR_OK)
		err = find_slot(t, label, &slot);
	if (err == ERR_OK)
		err = failed(t, t->module->C_OpenSession(slot,
				    CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
				    NULL, &t->session));
	if (err == ERR_OK)
		*ret_token = t;
	else
		token_free(&t);
	return err;
}

enum error
token_login(struct token *t, const struct secret *pin)
{
	return failed(t, t->module->C_Login(t->session, CKU_USER, pin->bytes,
			     (CK_ULONG)pin->len));
}

void
token_free(struct token **token)
{
	struct token *t = *token;

	if (t == NULL)
		return;
	if (t->session != 0) {
		(void)t->module->C_Logout(t->session);
		(void)t->module->C_CloseSession(t->session);
	}
	if (t->initialised)
		(void)p11_kit_module_finalize(t->module);
	if (t->module != NULL)
		p11_kit_module_release(t->module);
	free(t);
	*token = NULL;
}

/* The one object that fits; ERR_NOTFOUND, or ERR_INPUT for several. */
static enum error
find_one(struct token *t, CK_ATTRIBUTE *wanted, CK_ULONG n,
    CK_OBJECT_HANDLE *ret_object)
{
	CK_OBJECT_HANDLE objects[2];
	CK_ULONG found = 0;
	CK_RV rv;

	rv = t->module->C_FindObjectsInit(t->session, wanted, n);
	if (rv != CKR_OK)
		return failed(t, rv);
	rv = t->module->C_FindObjects(t->session, objects, 2, &found);
	(void)t->module->C_FindObjectsFinal(t->session);
	if (rv != CKR_OK)
		return failed(t, rv);
	if (found != 1)
		return found == 0 ? ERR_NOTFOUND : ERR_INPUT;
	*ret_object = objects[0];
	return ERR_OK;
}

/* One attribute, into the buffer that the caller sized for the longest. */
static enum error
read_attribute(struct token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
    void *buffer, size_t cap, struct der *ret_value)
{
	CK_ATTRIBUTE a = {type, buffer, (CK_ULONG)cap};
	enum error err;

	err = failed(
	    t, t->module->C_GetAttributeValue(t->session, object, &a, 1));
	if (err == ERR_OK && a.ulValueLen > cap)
		err = ERR_INPUT;
	if (err == ERR_OK && ret_value != NULL)
		*ret_value = (struct der){buffer, a.ulValueLen};
	return err;
}

static enum error
read_public(struct token *t, CK_OBJECT_HANDLE public, CK_KEY_TYPE type,
    struct token_key *key)
{
	unsigned char a[SPKI_MAX], b[SPKI_MAX];
	struct der first, second;
	enum error err;

	if (type != CKK_EC && type != CKK_RSA)
		return ERR_INPUT;
	err = read_attribute(t, public,
	    type == CKK_EC ? CKA_EC_PARAMS : CKA_MODULUS, a, sizeof a, &first);
	if (err == ERR_OK)
		err = read_attribute(t, public,
		    type == CKK_EC ? CKA_EC_POINT : CKA_PUBLIC_EXPONENT, b,
		    sizeof b, &second);
	if (err != ERR_OK)
		return err;
	return type == CKK_EC
		   ? encode_spki_ec(first, second, key->spki, &key->spki_len)
		   : encode_spki_rsa(first, second, key->spki, &key->spki_len);
}

static enum error
check_private(struct token *t, CK_OBJECT_HANDLE private)
{
	CK_BBOOL extractable = CK_TRUE, sensitive = CK_FALSE;
	enum error err;

	err = read_attribute(t, private, CKA_EXTRACTABLE, &extractable,
	    sizeof extractable, NULL);
	if (err == ERR_OK)
		err = read_attribute(t, private, CKA_SENSITIVE, &sensitive,
		    sizeof sensitive, NULL);
	if (err == ERR_OK && (extractable != CK_FALSE || sensitive != CK_TRUE))
		err = ERR_DENIED;
	return err;
}

/* The public half has the same CKA_ID. */
static enum error
read_key(struct token *t, CK_OBJECT_HANDLE private, struct token_key *ret_key)
{
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_KEY_TYPE type = 0;
	unsigned char id[256];
	struct der id_read;
	CK_OBJECT_HANDLE public = 0;
	struct token_key key = {.token = t, .handle = private};
	struct spki spki;
	enum error err;

	err = check_private(t, private);
	if (err == ERR_OK)
		err = read_attribute(
		    t, private, CKA_KEY_TYPE, &type, sizeof type, NULL);
	if (err == ERR_OK)
		err =
		    read_attribute(t, private, CKA_ID, id, sizeof id, &id_read);
	if (err == ERR_OK) {
		CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class},
		    {CKA_ID, id, (CK_ULONG)id_read.len}};

		err = find_one(t, wanted, 2, &public);
	}
	if (err == ERR_OK)
		err = read_public(t, public, type, &key);
	if (err == ERR_OK)
		err = spki_acceptable(key.spki, key.spki_len, &spki);
	if (err == ERR_OK) {
		key.kind = spki.kind;
		*ret_key = key;
	}
	return err;
}

static enum error
find_private(struct token *t, const char *label, CK_OBJECT_HANDLE *ret_private)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	char text[TOKEN_KEY_LABEL_MAX + 1];
	CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class},
	    {CKA_LABEL, text, (CK_ULONG)strnlen(label, sizeof text)}};

	if (wanted[1].ulValueLen == 0 ||
	    wanted[1].ulValueLen > TOKEN_KEY_LABEL_MAX)
		return ERR_INPUT;
	memcpy(text, label, wanted[1].ulValueLen);
	return find_one(t, wanted, 2, ret_private);
}

enum error
token_find(struct token *t, const char *label, struct token_key *ret_key)
{
	CK_OBJECT_HANDLE private = 0;
	enum error err = find_private(t, label, &private);

	return err == ERR_OK ? read_key(t, private, ret_key) : err;
}

static enum error
generate(struct token *t, enum key_kind kind, const char *label,
    CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
	struct der curve = encode_curve(kind);
	unsigned char params[16], id[KEY_ID];
	char text[TOKEN_KEY_LABEL_MAX + 1];
	CK_ULONG len = (CK_ULONG)strlen(label);
	CK_ATTRIBUTE public[] = {{CKA_TOKEN, &yes, sizeof yes},
	    {CKA_PRIVATE, &no, sizeof no}, {CKA_VERIFY, &yes, sizeof yes},
	    {CKA_EC_PARAMS, params, (CK_ULONG)curve.len},
	    {CKA_LABEL, text, len}, {CKA_ID, id, sizeof id}};
	CK_ATTRIBUTE private[] = {{CKA_TOKEN, &yes, sizeof yes},
	    {CKA_PRIVATE, &yes, sizeof yes}, {CKA_SENSITIVE, &yes, sizeof yes},
	    {CKA_EXTRACTABLE, &no, sizeof no}, {CKA_SIGN, &yes, sizeof yes},
	    {CKA_LABEL, text, len}, {CKA_ID, id, sizeof id}};

	if (curve.len == 0)
		return ERR_INPUT; /* RSA keys are made elsewhere */
	memcpy(params, curve.octets, curve.len);
	memcpy(text, label, len + 1);
	randombytes_buf(id, sizeof id);
	return failed(t,
	    t->module->C_GenerateKeyPair(t->session, &mechanism, public,
		sizeof public / sizeof public[0], private,
		sizeof private / sizeof private[0], ret_public, ret_private));
}

enum error
token_generate(struct token *t, enum key_kind kind, const char *label,
    struct token_key *ret_key)
{
	CK_OBJECT_HANDLE public = 0, private = 0;
	enum error err;

	err = find_private(t, label, &private);
	if (err == ERR_OK)
		return ERR_DENIED;
	if (err != ERR_NOTFOUND)
		return err;
	err = generate(t, kind, label, &public, &private);
	if (err != ERR_OK)
		return err;
	err = read_key(t, private, ret_key);
	if (err != ERR_OK) {
		/* not what was asked for: nobody shall find it */
		(void)t->module->C_DestroyObject(t->session, private);
		(void)t->module->C_DestroyObject(t->session, public);
	}
	return err;
}

/* What the mechanism signs: a DigestInfo, or what ECDSA uses of a digest. */
static enum error
prepare(const struct token_key *key, enum padding padding, enum hash hash,
    const unsigned char *digest, unsigned char data[ENCODE_DIGEST_INFO],
    size_t *ret_len)
{
	size_t order = key->kind == KEY_P256 ? 32 : 48, len = hash_len(hash);

	if (key->kind == KEY_RSA) {
		if (padding != PADDING_PKCS1)
			return ERR_INPUT;
		encode_digest_info(hash, digest, data, ret_len);
		return ERR_OK;
	}
	if (padding != PADDING_NONE)
		return ERR_INPUT;
	/* FIPS 186-4 6.4: the leftmost bits of a digest that is too long */
	len = len < order ? len : order;
	memcpy(data, digest, len);
	*ret_len = len;
	return ERR_OK;
}

enum error
token_sign(void *context, enum padding padding, enum hash hash,
    const unsigned char *digest, unsigned char ret_signature[SIGNATURE_MAX],
    size_t *ret_len)
{
	const struct token_key *key = context;
	struct token *t = key->token;
	bool rsa = key->kind == KEY_RSA;
	CK_MECHANISM mechanism = {rsa ? CKM_RSA_PKCS : CKM_ECDSA, NULL, 0};
	unsigned char data[ENCODE_DIGEST_INFO], raw[SIGNATURE_MAX];
	CK_ULONG raw_len = sizeof raw;
	size_t len = 0;
	enum error err;

	err = prepare(key, padding, hash, digest, data, &len);
	if (err == ERR_OK)
		err = failed(t,
		    t->module->C_SignInit(t->session, &mechanism, key->handle));
	if (err == ERR_OK)
		err = failed(t, t->module->C_Sign(t->session, data,
				    (CK_ULONG)len, raw, &raw_len));
	if (err != ERR_OK)
		return err;
	if (!rsa)
		return encode_ecdsa(raw, raw_len, ret_signature, ret_len);
	memcpy(ret_signature, raw, raw_len);
	*ret_len = raw_len;
	return ERR_OK;
}
