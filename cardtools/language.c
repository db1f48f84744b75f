/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/language.h"

#include <libgen.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cardtools/text.h"

void
language_set(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	char self[4096], folder[sizeof self + 32];
	const char *wanted = NULL;
	ssize_t n;
	size_t i;

	for (i = 0; i < 3 && (wanted == NULL || wanted[0] == '\0'); i++)
		wanted = getenv(names[i]);
	if (setlocale(LC_ALL, "") == NULL) {
		(void)setlocale(LC_ALL, "C.UTF-8");
		if (wanted != NULL && getenv("LANGUAGE") == NULL)
			(void)setenv("LANGUAGE", wanted, 0);
	}
	/* Beside the program first, so that it works from where it was built
	 * or unpacked. */
	n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n > 0) {
		self[n] = '\0';
		(void)snprintf(
		    folder, sizeof folder, "%s/../share/locale", dirname(self));
	}
	(void)bindtextdomain("sekisho",
	    n > 0 && access(folder, R_OK) == 0 ? folder : SEKISHO_LOCALEDIR);
	(void)bind_textdomain_codeset("sekisho", "UTF-8");
	(void)textdomain("sekisho");
}
