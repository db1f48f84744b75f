/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, passwords and codes as anybody may type them. */
#include <string.h>

#include "common/rules/code.h"
#include "common/rules/name.h"
#include "common/rules/password.h"
#include "tests/fuzz/fuzz.h"

static void
name(const uint8_t *data, size_t size)
{
	char once[NAME_MAX_OCTETS + 1], twice[NAME_MAX_OCTETS + 1];

	if (name_canonical(data, size, once) != ERR_OK)
		return;
	must(once[0] != '\0' && strlen(once) <= NAME_MAX_OCTETS);
	must(strpbrk(once, " \t\r\n\x7f") == NULL);
	must(name_canonical(once, strlen(once), twice) == ERR_OK);
	must(strcmp(once, twice) == 0);
}

static void
password(const uint8_t *data, size_t size)
{
	unsigned char once[PASSWORD_MAX_OCTETS], twice[PASSWORD_MAX_OCTETS];
	struct code codes[2];
	size_t len, again, n, i;

	if (password_normalise(data, size, once, sizeof once, &len) != ERR_OK)
		return;
	must(len > 0 && len <= sizeof once);
	must(password_normalise(once, len, twice, sizeof twice, &again) ==
	     ERR_OK);
	must(again == len && memcmp(once, twice, len) == 0);
	must(password_check(once, len, "sato", 13) == PASSWORD_SHORT ||
	     len >= 13);
	n = code_splits(once, len, codes);
	must(n <= 2);
	for (i = 0; i < n; i++) {
		size_t digits = strlen(codes[i].digits);

		must(codes[i].prefix > 0);
		must(codes[i].prefix + digits <= len);
		must(digits == 6 || digits == 8);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct code code;

	name(data, size);
	password(data, size);
	if (code_parse(data, size, &code) == ERR_OK)
		must(strspn(code.digits, "0123456789") == strlen(code.digits) &&
		     (strlen(code.digits) == 6 || strlen(code.digits) == 8));
	return 0;
}
