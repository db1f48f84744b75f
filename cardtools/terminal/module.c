/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/module.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS_MAX = 16,
	CERTIFICATES_MAX = 16,
	ID_MAX = 64,
	RAW_MAX = 1024,
};

struct module {
	CK_FUNCTION_LIST *module;
	bool initialized;
	CK_SESSION_HANDLE session;
	CK_SLOT_ID slot;
	bool logged_in;
	bool want_pss;
	unsigned char id[ID_MAX]; /* of the certificate, and so of the key */
	size_t id_len;
};

/* RFC 8017 9.2: what stands before a SHA-256 digest. */
static const unsigned char digest_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
    0x20};

static char fault[128];

const char *
module_fault(void)
{
	return fault;
}

static bool
failed(const char *call, CK_RV rv)
{
	if (rv == CKR_OK)
		return false;
	(void)snprintf(fault, sizeof fault, "%s: %s (0x%lx)", call,
	    p11_kit_strerror(rv), rv);
	return true;
}

/* Does a slot belong to a reader? Descriptions are padded, and may be cut. */
static bool
slot_is_at(CK_FUNCTION_LIST *module, CK_SLOT_ID slot, const char *reader)
{
	CK_SLOT_INFO info;
	size_t len = sizeof info.slotDescription;

	memset(&info, 0, sizeof info);
	if (failed("C_GetSlotInfo", module->C_GetSlotInfo(slot, &info)))
		return false;
	while (len > 0 && (info.slotDescription[len - 1] == ' ' ||
			      info.slotDescription[len - 1] == '\0'))
		len--;
	return len > 0 && len <= strlen(reader) &&
	       strncmp((const char *)info.slotDescription, reader, len) == 0;
}

/* An attribute of at most cap octets; false if there is none. */
static bool
attribute(struct module *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
    void *value, size_t cap, size_t *ret_len)
{
	CK_ATTRIBUTE a = {type, value, cap};

	if (failed("C_GetAttributeValue",
		t->module->C_GetAttributeValue(t->session, object, &a, 1)))
		return false;
	if (a.ulValueLen > cap) {
		(void)snprintf(fault, sizeof fault,
		    "attribute 0x%lx has an impossible length", type);
		return false;
	}
	*ret_len = a.ulValueLen;
	return true;
}

static size_t
find(struct module *t, CK_ATTRIBUTE *like, CK_ULONG n_like,
    CK_OBJECT_HANDLE *ret_objects, size_t max)
{
	CK_ULONG n = 0;

	if (failed("C_FindObjectsInit",
		t->module->C_FindObjectsInit(t->session, like, n_like)))
		return 0;
	if (failed("C_FindObjects",
		t->module->C_FindObjects(t->session, ret_objects, max, &n)))
		n = 0;
	(void)t->module->C_FindObjectsFinal(t->session);
	return n <= max ? n : 0;
}

/* A certificate that is what the settings ask for. */
static bool
take_certificate(struct module *t, const struct settings *s,
    CK_OBJECT_HANDLE object, struct cardcert *ret)
{
	unsigned char der[CERTIFICATE_MAX];
	char label[64];
	size_t len;

	if (!attribute(t, object, CKA_ID, t->id, sizeof t->id, &t->id_len))
		return false;
	if (s->id_len > 0 &&
	    (t->id_len != s->id_len || memcmp(t->id, s->id, s->id_len) != 0))
		return false;
	if (s->certificate_label[0] != '\0' &&
	    (!attribute(t, object, CKA_LABEL, label, sizeof label, &len) ||
		len != strlen(s->certificate_label) ||
		memcmp(label, s->certificate_label, len) != 0))
		return false;
	if (!attribute(t, object, CKA_VALUE, der, sizeof der, &len))
		return false;
	if (cardcert_read(der, len, ret) != ERR_OK) {
		(void)snprintf(fault, sizeof fault,
		    "the certificate cannot be read, or has a key of a kind "
		    "that is not used");
		return false;
	}
	return s->certificate_issuer[0] == '\0' ||
	       strstr(ret->issuer, s->certificate_issuer) != NULL;
}

static bool
find_certificate(
    struct module *t, const struct settings *s, struct cardcert *ret)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE like = {CKA_CLASS, &class, sizeof class};
	CK_OBJECT_HANDLE objects[CERTIFICATES_MAX];
	size_t n = find(t, &like, 1, objects, CERTIFICATES_MAX), i;

	for (i = 0; i < n; i++) {
		if (take_certificate(t, s, objects[i], ret))
			return true;
	}
	return false;
}

enum card_outcome
module_open(const struct settings *settings, const char *reader,
    struct module **ret_token, struct cardcert *ret_certificate)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX, i;
	struct module *t = calloc(1, sizeof *t);
	enum card_outcome outcome = CARD_FAILED;

	if (t == NULL)
		return CARD_FAILED;
	t->want_pss = settings->rsa_pss;
	t->module =
	    p11_kit_module_load(settings->module, P11_KIT_MODULE_UNMANAGED);
	if (t->module == NULL) {
		(void)snprintf(fault, sizeof fault, "%.120s",
		    p11_kit_message() != NULL ? p11_kit_message()
					      : "the module does not load");
		goto out;
	}
	if (failed("C_Initialize", p11_kit_module_initialize(t->module)))
		goto out;
	t->initialized = true;
	if (failed(
		"C_GetSlotList", t->module->C_GetSlotList(CK_TRUE, slots, &n)))
		goto out;
	if (n > SLOTS_MAX) {
		(void)snprintf(fault, sizeof fault,
		    "C_GetSlotList: more slots than any reader has");
		goto out;
	}
	outcome = CARD_KEYLESS;
	for (i = 0; i < n; i++) {
		if (!slot_is_at(t->module, slots[i], reader))
			continue;
		if (failed("C_OpenSession",
			t->module->C_OpenSession(slots[i], CKF_SERIAL_SESSION,
			    NULL, NULL, &t->session)))
			continue;
		t->slot = slots[i];
		if (find_certificate(t, settings, ret_certificate)) {
			*ret_token = t;
			return CARD_OK;
		}
		(void)t->module->C_CloseSession(t->session);
		t->session = 0;
	}
out:
	module_close(&t);
	return outcome;
}

unsigned
module_tries(const struct module *token)
{
	CK_TOKEN_INFO info;

	memset(&info, 0, sizeof info);
	if (token->module->C_GetTokenInfo(token->slot, &info) != CKR_OK)
		return TRIES_UNKNOWN;
	if (info.flags & CKF_USER_PIN_LOCKED)
		return 0;
	if (info.flags & CKF_USER_PIN_FINAL_TRY)
		return 1;
	return info.flags & CKF_USER_PIN_COUNT_LOW ? TRIES_LOW : TRIES_UNKNOWN;
}

/* What a failure means; all that is not known is CARD_FAILED. */
static enum card_outcome
outcome_of(CK_RV rv)
{
	switch (rv) {
	case CKR_PIN_INCORRECT:
	case CKR_PIN_LEN_RANGE:
	case CKR_PIN_INVALID:
		return CARD_PIN_WRONG;
	case CKR_PIN_LOCKED:
		return CARD_PIN_BLOCKED;
	case CKR_DEVICE_REMOVED:
	case CKR_TOKEN_NOT_PRESENT:
		return CARD_GONE;
	default:
		return CARD_FAILED;
	}
}

static CK_RV
login(struct module *t, CK_USER_TYPE as, const struct secret *pin)
{
	return t->module->C_Login(
	    t->session, as, pin->bytes, (CK_ULONG)pin->len);
}

static bool
always_authenticates(struct module *t, CK_OBJECT_HANDLE key)
{
	CK_BBOOL yes = CK_FALSE;
	size_t len = 0;

	return attribute(
		   t, key, CKA_ALWAYS_AUTHENTICATE, &yes, sizeof yes, &len) &&
	       len == sizeof yes && yes == CK_TRUE;
}

static bool
offers(struct module *t, CK_MECHANISM_TYPE type)
{
	CK_MECHANISM_INFO info = {.flags = 0};

	return t->module->C_GetMechanismInfo(t->slot, type, &info) == CKR_OK &&
	       (info.flags & CKF_SIGN) != 0;
}

/* How a key is asked to sign, and what it is given. */
struct way {
	enum scheme scheme;
	CK_MECHANISM mechanism;
	CK_RSA_PKCS_PSS_PARAMS pss;
	unsigned char info[sizeof digest_info + SIGNATURE_DIGEST];
	const unsigned char *input;
	CK_ULONG n;
};

/*
 * RFC 8017 8.1 and 9.1: one hash for all, and a salt as long as it. Some
 * tokens want the digest and some make it themselves; those that can do
 * neither are asked for PKCS #1 v1.5, which the server takes as well.
 */
static bool
choose_pss(struct module *t, const struct to_sign *what, struct way *w)
{
	if (!t->want_pss)
		return false;
	w->scheme = SCHEME_RSA_PSS_SHA256;
	w->pss = (CK_RSA_PKCS_PSS_PARAMS){
	    CKM_SHA256, CKG_MGF1_SHA256, SIGNATURE_DIGEST};
	w->mechanism = (CK_MECHANISM){CKM_RSA_PKCS_PSS, &w->pss, sizeof w->pss};
	w->input = what->digest;
	w->n = SIGNATURE_DIGEST;
	if (offers(t, CKM_RSA_PKCS_PSS))
		return true;
	w->mechanism.mechanism = CKM_SHA256_RSA_PKCS_PSS;
	w->input = what->octets;
	w->n = what->len;
	return offers(t, CKM_SHA256_RSA_PKCS_PSS);
}

static void
choose(struct module *t, enum key_kind kind, const struct to_sign *what,
    struct way *w)
{
	if (kind == KEY_RSA && choose_pss(t, what, w))
		return;
	w->scheme = SCHEME_ECDSA_SHA256;
	w->mechanism = (CK_MECHANISM){CKM_ECDSA, NULL, 0};
	w->input = what->digest;
	w->n = SIGNATURE_DIGEST;
	if (kind != KEY_RSA)
		return;
	w->scheme = SCHEME_RSA_PKCS1_SHA256;
	w->mechanism.mechanism = CKM_RSA_PKCS;
	memcpy(w->info, digest_info, sizeof digest_info);
	memcpy(w->info + sizeof digest_info, what->digest, SIGNATURE_DIGEST);
	w->input = w->info;
	w->n = sizeof w->info;
}

static CK_RV
make(struct module *t, CK_OBJECT_HANDLE key, struct way *w,
    const struct secret *pin, unsigned char raw[RAW_MAX], CK_ULONG *ret_len)
{
	unsigned char input[SIGNED_MAX];
	CK_RV rv;

	rv = t->module->C_SignInit(t->session, &w->mechanism, key);
	if (failed("C_SignInit", rv))
		return rv;
	if (pin != NULL && always_authenticates(t, key)) {
		rv = login(t, CKU_CONTEXT_SPECIFIC, pin);
		if (failed("C_Login for this key", rv))
			return rv;
	}
	memcpy(input, w->input, w->n); /* PKCS #11 knows no const */
	*ret_len = RAW_MAX;
	rv = t->module->C_Sign(t->session, input, w->n, raw, ret_len);
	(void)failed("C_Sign", rv);
	return rv;
}

enum card_outcome
module_sign(struct module *token, const struct cardcert *certificate,
    const struct secret *pin, const struct to_sign *what, struct signature *s,
    unsigned *ret_tries)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE like[] = {{CKA_CLASS, &class, sizeof class},
	    {CKA_ID, token->id, token->id_len}};
	struct way way;
	unsigned char raw[RAW_MAX];
	CK_OBJECT_HANDLE key;
	CK_ULONG len = 0;
	CK_RV rv;

	/* Any answer but OK is no login, "already logged in" among them. */
	if (pin != NULL) {
		rv = login(token, CKU_USER, pin);
		if (failed("C_Login", rv)) {
			*ret_tries = module_tries(token);
			return outcome_of(rv);
		}
		token->logged_in = true;
	}
	if (find(token, like, 2, &key, 1) != 1) {
		(void)snprintf(
		    fault, sizeof fault, "no key goes with the certificate");
		return CARD_KEYLESS;
	}
	choose(token, certificate->kind, what, &way);
	rv = make(token, key, &way, pin, raw, &len);
	if (rv != CKR_OK)
		return outcome_of(rv);
	if (len == 0 || len > sizeof s->bytes || len > SIGNATURE_MAX)
		goto garbage;
	if (certificate->kind == KEY_RSA) {
		memcpy(s->bytes, raw, len);
		s->len = len;
	} else if (cardcert_ecdsa_der(raw, len, s->bytes, &s->len) != ERR_OK) {
		goto garbage;
	}
	/* The server would take a wrong one for an attack. */
	if (signature_verify(certificate->spki, certificate->spki_len,
		way.scheme, what->digest, s->bytes, s->len) != ERR_OK)
		goto garbage;
	(void)snprintf(
	    s->scheme, sizeof s->scheme, "%s", scheme_text(way.scheme));
	return CARD_OK;
garbage:
	(void)snprintf(fault, sizeof fault, "C_Sign gave a wrong signature");
	return CARD_FAILED;
}

void
module_close(struct module **token)
{
	struct module *t = *token;

	if (t == NULL)
		return;
	if (t->logged_in)
		(void)t->module->C_Logout(t->session);
	if (t->session != 0)
		(void)t->module->C_CloseSession(t->session);
	if (t->initialized)
		(void)p11_kit_module_finalize(t->module);
	if (t->module != NULL)
		p11_kit_module_release(t->module);
	free(t);
	*token = NULL;
}
