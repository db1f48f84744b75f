/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/output.h"
#include "cardtools/text.h"

enum status
file_read(const char *path, size_t max, char **ret_octets, size_t *ret_len)
{
	FILE *f = fopen(path, "r");
	char *octets = malloc(max + 1);
	size_t len;

	if (f == NULL || octets == NULL) {
		say("%s: %s", path, strerror(errno));
		if (f != NULL)
			(void)fclose(f);
		free(octets);
		return STATUS_USAGE;
	}
	len = fread(octets, 1, max, f);
	octets[len] = '\0';
	if (ferror(f) != 0 || fgetc(f) != EOF) {
		if (ferror(f) != 0)
			say("%s: %s", path, strerror(errno));
		else
			say(_("%s is longer than %zu octets"), path, max);
		(void)fclose(f);
		free(octets);
		return STATUS_USAGE;
	}
	(void)fclose(f);
	*ret_octets = octets;
	*ret_len = len;
	return STATUS_DONE;
}
