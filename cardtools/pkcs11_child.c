/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/pkcs11_child.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/crypto/encode.h"

enum { SLOTS = 16, RAW_MAX = 1024 };

struct child {
	CK_FUNCTION_LIST *module;
	struct pkcs11_certificate certificate[PKCS11_CERTIFICATES];
	CK_SLOT_ID slot[PKCS11_CERTIFICATES];
	size_t n;
	CK_SESSION_HANDLE session; /* once logged in */
	CK_OBJECT_HANDLE key;
	enum key_kind kind;
	bool always; /* CKA_ALWAYS_AUTHENTICATE */
	struct pkcs11_request request;
	struct pkcs11_reply reply;
	struct pkcs11_list list;
};

static bool
failed(char *fault, const char *call, CK_RV rv)
{
	if (rv == CKR_OK)
		return false;
	(void)snprintf(fault, PKCS11_FAULT, "%s: %s (0x%lx)", call,
	    p11_kit_strerror(rv), rv);
	return true;
}

static bool
value(struct child *c, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, void *into, size_t cap, size_t *ret_len)
{
	CK_ATTRIBUTE a = {type, into, cap};

	if (c->module->C_GetAttributeValue(session, object, &a, 1) != CKR_OK ||
	    a.ulValueLen > cap)
		return false;
	*ret_len = a.ulValueLen;
	return true;
}

static size_t
find(struct child *c, CK_SESSION_HANDLE session, CK_ATTRIBUTE *like,
    CK_ULONG n_like, CK_OBJECT_HANDLE *ret_objects, CK_ULONG max)
{
	CK_ULONG n = 0;

	if (c->module->C_FindObjectsInit(session, like, n_like) != CKR_OK)
		return 0;
	if (c->module->C_FindObjects(session, ret_objects, max, &n) != CKR_OK)
		n = 0;
	(void)c->module->C_FindObjectsFinal(session);
	return n <= max ? n : 0;
}

/* Fixed length, padded with blanks, as PKCS#11 has its texts. */
static int
text_len(const CK_UTF8CHAR *text, int len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\0'))
		len--;
	return len;
}

static void
list_token(struct child *c, CK_SLOT_ID slot)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE like = {CKA_CLASS, &class, sizeof class};
	CK_OBJECT_HANDLE objects[PKCS11_CERTIFICATES];
	CK_SESSION_HANDLE session;
	CK_TOKEN_INFO info;
	size_t n, i;

	memset(&info, 0, sizeof info);
	if (failed(c->list.fault, "C_GetTokenInfo",
		c->module->C_GetTokenInfo(slot, &info)) ||
	    failed(c->list.fault, "C_OpenSession",
		c->module->C_OpenSession(
		    slot, CKF_SERIAL_SESSION, NULL, NULL, &session)))
		return;
	n = find(c, session, &like, 1, objects, PKCS11_CERTIFICATES);
	for (i = 0; i < n && c->n < PKCS11_CERTIFICATES; i++) {
		struct pkcs11_certificate *x = &c->certificate[c->n];
		size_t len = 0;

		if (!value(c, session, objects[i], CKA_ID, x->id, sizeof x->id,
			&x->id_len) ||
		    !value(c, session, objects[i], CKA_VALUE, x->der,
			sizeof x->der, &x->der_len))
			continue;
		if (value(c, session, objects[i], CKA_LABEL, x->label,
			PKCS11_LABEL, &len))
			x->label[len] = '\0';
		(void)snprintf(x->token, sizeof x->token, "%.*s %.*s",
		    text_len(info.label, 32), (const char *)info.label,
		    text_len(info.serialNumber, 16),
		    (const char *)info.serialNumber);
		c->slot[c->n++] = slot;
	}
	(void)c->module->C_CloseSession(session);
}

static enum error
list(struct child *c, const char *path)
{
	CK_SLOT_ID slots[SLOTS];
	CK_ULONG n = SLOTS, i;

	c->module = p11_kit_module_load(path, P11_KIT_MODULE_UNMANAGED);
	if (c->module == NULL) {
		(void)snprintf(c->list.fault, PKCS11_FAULT, "%.150s",
		    p11_kit_message() != NULL ? p11_kit_message()
					      : "the module does not load");
		return ERR_CONFIG;
	}
	if (failed(c->list.fault, "C_Initialize",
		p11_kit_module_initialize(c->module)) ||
	    failed(c->list.fault, "C_GetSlotList",
		c->module->C_GetSlotList(CK_TRUE, slots, &n)))
		return ERR_SYSTEM;
	for (i = 0; i < n && i < SLOTS; i++)
		list_token(c, slots[i]);
	return ERR_OK;
}

static bool
find_key(struct child *c, const struct pkcs11_certificate *x)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE like[] = {
	    {CKA_CLASS, &class, sizeof class}, {CKA_ID, NULL, x->id_len}};
	unsigned char id[PKCS11_ID];

	memcpy(id, x->id, sizeof id);
	like[1].pValue = id;
	return find(c, c->session, like, 2, &c->key, 1) == 1;
}

static CK_RV
sign(struct child *c, const unsigned char digest[SIGNATURE_DIGEST],
    const struct pkcs11_request *pin, unsigned char raw[RAW_MAX],
    CK_ULONG *ret_len)
{
	CK_MECHANISM mechanism = {
	    c->kind == KEY_RSA ? CKM_RSA_PKCS : CKM_ECDSA, NULL, 0};
	unsigned char input[ENCODE_DIGEST_INFO];
	size_t len = SIGNATURE_DIGEST;
	CK_RV rv;

	memcpy(input, digest, SIGNATURE_DIGEST);
	if (c->kind == KEY_RSA)
		encode_digest_info(HASH_SHA256, digest, input, &len);
	rv = c->module->C_SignInit(c->session, &mechanism, c->key);
	if (rv == CKR_OK && c->always && pin != NULL) {
		unsigned char copy[sizeof pin->pin];

		memcpy(copy, pin->pin, sizeof copy);
		rv = c->module->C_Login(
		    c->session, CKU_CONTEXT_SPECIFIC, copy, pin->pin_len);
	}
	*ret_len = RAW_MAX;
	if (rv == CKR_OK)
		rv = c->module->C_Sign(c->session, input, len, raw, ret_len);
	return rv;
}

/* Tries to sign before the PIN: a key that lets itself be seen must refuse. */
static void
learn_before(struct child *c, const struct pkcs11_certificate *x,
    CK_FLAGS flags, bool *ret_signed)
{
	const unsigned char digest[SIGNATURE_DIGEST] = {0};
	unsigned char raw[RAW_MAX];
	CK_ULONG len;
	CK_RV rv;

	*ret_signed = false;
	if (!find_key(c, x))
		return; /* hidden by the module: says nothing about the card */
	rv = sign(c, digest, NULL, raw, &len);
	*ret_signed = rv == CKR_OK;
	if (rv == CKR_USER_NOT_LOGGED_IN && (flags & CKF_LOGIN_REQUIRED) != 0)
		(void)snprintf(c->reply.known_by, sizeof c->reply.known_by,
		    "login required, refused before it");
}

static enum error
log_in(struct child *c)
{
	struct pkcs11_request *r = &c->request;
	const struct pkcs11_certificate *x;
	struct certificate parsed;
	CK_TOKEN_INFO info;
	CK_BBOOL always = CK_FALSE;
	bool without = false;
	size_t len;
	CK_RV rv;

	if (r->which >= c->n || r->pin_len > sizeof r->pin)
		return ERR_INPUT;
	x = &c->certificate[r->which];
	if (certificate_parse(x->der, x->der_len, &parsed) != ERR_OK)
		return ERR_INPUT;
	c->kind = x->der_len > 0 ? KEY_P256 : KEY_RSA;
	{
		struct spki spki;

		if (spki_parse(parsed.spki.octets, parsed.spki.len, &spki) !=
		    ERR_OK)
			return ERR_INPUT;
		c->kind = spki.kind;
	}
	memset(&info, 0, sizeof info);
	if (failed(c->reply.fault, "C_GetTokenInfo",
		c->module->C_GetTokenInfo(c->slot[r->which], &info)) ||
	    failed(c->reply.fault, "C_OpenSession",
		c->module->C_OpenSession(c->slot[r->which], CKF_SERIAL_SESSION,
		    NULL, NULL, &c->session)))
		return ERR_SYSTEM;
	learn_before(c, x, info.flags, &without);
	rv = c->module->C_Login(c->session, CKU_USER, r->pin, r->pin_len);
	if (failed(c->reply.fault, "C_Login", rv))
		return rv == CKR_PIN_LOCKED ? ERR_DENIED
		       : rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LEN_RANGE ||
			       rv == CKR_PIN_INVALID
			   ? ERR_MISMATCH
			   : ERR_SYSTEM;
	if (!find_key(c, x)) {
		(void)snprintf(c->reply.fault, PKCS11_FAULT,
		    "no key goes with the certificate");
		return ERR_NOTFOUND;
	}
	c->always = value(c, c->session, c->key, CKA_ALWAYS_AUTHENTICATE,
			&always, sizeof always, &len) &&
		    always == CK_TRUE;
	if (without)
		c->reply.known_by[0] = '\0';
	else if (c->always)
		(void)snprintf(c->reply.known_by, sizeof c->reply.known_by,
		    "CKA_ALWAYS_AUTHENTICATE");
	return ERR_OK;
}

static enum error
make(struct child *c, const struct pkcs11_request *pin,
    const unsigned char digest[SIGNATURE_DIGEST])
{
	unsigned char raw[RAW_MAX];
	CK_ULONG len = 0;

	if (failed(c->reply.fault, "C_Sign", sign(c, digest, pin, raw, &len)))
		return ERR_SYSTEM;
	if (c->kind != KEY_RSA)
		return encode_ecdsa(
		    raw, len, c->reply.signature, &c->reply.len);
	if (len > SIGNATURE_MAX)
		return ERR_INPUT;
	memcpy(c->reply.signature, raw, len);
	c->reply.len = len;
	return ERR_OK;
}

void
pkcs11_child(int fd, const char *module)
{
	static struct child c;
	struct pkcs11_request login = {0};
	size_t i;

	c.list.err = list(&c, module);
	c.list.n = c.list.err == ERR_OK ? c.n : 0;
	if (send(fd, &c.list, sizeof c.list, MSG_NOSIGNAL) < 0)
		_exit(1);
	for (i = 0; i < c.list.n; i++) {
		if (send(fd, &c.certificate[i], sizeof c.certificate[i],
			MSG_NOSIGNAL) < 0)
			_exit(1);
	}
	while (recv(fd, &c.request, sizeof c.request, MSG_WAITALL) ==
	       (ssize_t)sizeof c.request) {
		memset(&c.reply, 0, sizeof c.reply);
		if (c.request.ask == ASK_LOGIN) {
			login = c.request;
			c.reply.err = log_in(&c);
		} else {
			c.reply.err = make(&c, &login, c.request.digest);
		}
		if (send(fd, &c.reply, sizeof c.reply, MSG_NOSIGNAL) < 0)
			break;
	}
	if (c.module != NULL && c.session != 0)
		(void)c.module->C_Logout(c.session);
	_exit(0);
}
