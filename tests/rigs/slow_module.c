/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slow_module.c - SoftHSM, but for what vendors' modules do now and then:
 * while the file that SLOW_MODULE names is there, C_Sign never returns, or,
 * if "fail" stands in it, says that the token has been pulled out.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static CK_FUNCTION_LIST list;
static CK_RV (*softhsm_sign)(
    CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);

static CK_RV
slow_sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG len,
    CK_BYTE_PTR signature, CK_ULONG_PTR signature_len)
{
	const char *path = getenv("SLOW_MODULE");
	FILE *f = path != NULL ? fopen(path, "r") : NULL;
	char word[8] = "";

	if (f != NULL) {
		if (fgets(word, sizeof word, f) == NULL)
			word[0] = '\0';
		(void)fclose(f);
		if (strncmp(word, "fail", 4) == 0)
			return CKR_DEVICE_REMOVED;
		for (;;)
			(void)sleep(60);
	}
	return softhsm_sign(session, data, len, signature, signature_len);
}

__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR ret_list)
{
	void *softhsm = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW);
	CK_FUNCTION_LIST_PTR real;
	CK_C_GetFunctionList get;

	if (softhsm == NULL)
		return CKR_GENERAL_ERROR;
	*(void **)&get = dlsym(softhsm, "C_GetFunctionList");
	if (get == NULL || get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	list = *real;
	softhsm_sign = list.C_Sign;
	list.C_Sign = slow_sign;
	*ret_list = &list;
	return CKR_OK;
}
