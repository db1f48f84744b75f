/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * badmodule.c - a vendor's PKCS#11 module at its worst: OpenSC's, but for the
 * one fault that OPENSC_CONF names ("/bad/crash").
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REAL "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
#define PLACE "/bad/"

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST list;
static char fault[64];

static void
fall(const char *where)
{
	char word[64];
	int fd;

	(void)stpcpy(stpcpy(word, "hang"), where);
	while (strcmp(word, fault) == 0)
		(void)pause();
	(void)stpcpy(stpcpy(word, "crash"), where);
	if (strcmp(word, fault) == 0)
		(void)raise(SIGSEGV);
	(void)stpcpy(stpcpy(word, "exit"), where);
	if (strcmp(word, fault) == 0)
		_exit(0);
	(void)stpcpy(stpcpy(word, "spoil"), where);
	for (fd = 0; strcmp(word, fault) == 0 && fd < 64; fd++) {
		if (write(fd, "nonsense", 8) < 0)
			continue;
	}
}

static CK_RV
initialize(void *args)
{
	fall("-in-initialize");
	return real->C_Initialize(args);
}

static CK_RV
finalize(void *args)
{
	CK_RV rv = real->C_Finalize(args);

	fall("-in-finalize");
	return rv;
}

static CK_RV
get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *n)
{
	CK_RV rv = real->C_GetSlotList(present, slots, n);

	if (strcmp(fault, "endless-slots") == 0)
		*n = (CK_ULONG)1 << 40;
	return rv;
}

static CK_RV
get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *attributes, CK_ULONG n)
{
	CK_RV rv = real->C_GetAttributeValue(session, object, attributes, n);

	if (strcmp(fault, "endless-certificate") == 0 &&
	    attributes[0].type == CKA_VALUE)
		attributes[0].ulValueLen = (CK_ULONG)-2;
	return rv;
}

/* Tokens differ in what they can do about RSA-PSS. */
static bool
lacks(CK_MECHANISM_TYPE type)
{
	bool none = strcmp(fault, "no-pss") == 0;

	return (type == CKM_RSA_PKCS_PSS &&
		   (none || strcmp(fault, "pss-hashes-itself") == 0)) ||
	       (type == CKM_SHA256_RSA_PKCS_PSS && none);
}

static CK_RV
get_mechanism_info(
    CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	if (lacks(type))
		return CKR_MECHANISM_INVALID;
	return real->C_GetMechanismInfo(slot, type, info);
}

static CK_RV
sign_init(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	if (lacks(mechanism->mechanism))
		return CKR_MECHANISM_INVALID;
	if (strcmp(fault, "pss-short-salt") == 0 &&
	    mechanism->mechanism == CKM_RSA_PKCS_PSS) {
		CK_RSA_PKCS_PSS_PARAMS params = {
		    CKM_SHA256, CKG_MGF1_SHA256, 20};
		CK_MECHANISM other = {CKM_RSA_PKCS_PSS, &params, sizeof params};

		return real->C_SignInit(session, &other, key);
	}
	return real->C_SignInit(session, mechanism, key);
}

static CK_RV
login(CK_SESSION_HANDLE session, CK_USER_TYPE type, CK_UTF8CHAR *pin,
    CK_ULONG len)
{
	fall("");
	if (strcmp(fault, "already") == 0)
		return CKR_USER_ALREADY_LOGGED_IN;
	return real->C_Login(session, type, pin, len);
}

static CK_RV
sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG data_len,
    CK_BYTE *signature, CK_ULONG *len)
{
	CK_RV rv;

	fall("-in-sign");
	rv = real->C_Sign(session, data, data_len, signature, len);
	if (strcmp(fault, "wrong-signature") == 0 && rv == CKR_OK)
		memset(signature, 0x42, *len);
	if (strcmp(fault, "endless-signature") == 0)
		*len = (CK_ULONG)-1;
	return rv;
}

CK_RV __attribute__((visibility("default")))
C_GetFunctionList(CK_FUNCTION_LIST **ret_list)
{
	CK_RV (*get)(CK_FUNCTION_LIST **);
	const char *word = getenv("OPENSC_CONF");
	void *module = dlopen(REAL, RTLD_NOW);

	if (word != NULL && strncmp(word, PLACE, strlen(PLACE)) == 0 &&
	    strlen(word) < sizeof fault)
		(void)stpcpy(fault, word + strlen(PLACE));
	if (module == NULL)
		return CKR_GENERAL_ERROR;
	*(void **)&get = dlsym(module, "C_GetFunctionList");
	if (get == NULL || get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	list = *real;
	list.C_Initialize = initialize;
	list.C_Finalize = finalize;
	list.C_GetSlotList = get_slot_list;
	list.C_GetAttributeValue = get_attribute_value;
	list.C_GetMechanismInfo = get_mechanism_info;
	list.C_SignInit = sign_init;
	list.C_Login = login;
	list.C_Sign = sign;
	*ret_list = &list;
	return CKR_OK;
}
