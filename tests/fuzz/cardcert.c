/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a card says it has: certificates, and raw signatures; and what a
 * server says, as it is shown.
 */
#include "cardtools/terminal/cardcert.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cardcert c;
	unsigned char der[SIGNATURE_MAX];
	char text[SPEECH_SIZE];
	size_t len = 0, i;

	if (cardcert_read(data, size, &c) == ERR_OK) {
		must(c.spki_len > 0 && c.spki_len <= SPKI_MAX);
		must(strlen(c.login) < CARD_LOGIN);
		must(strpbrk(c.login, " @\n\033") == NULL);
	}
	if (cardcert_ecdsa_der(data, size, der, &len) == ERR_OK)
		must(len >= 8 && len <= SIGNATURE_MAX);
	speech_clean((const char *)data, size, text);
	must(strlen(text) < SPEECH_SIZE);
	for (i = 0; text[i] != '\0'; i++)
		must((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
	return 0;
}
