/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An export of the audit, an anchor file or a proof, whoever wrote it: read
 * whole or refused, and never taken for signed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/audit/auditkeys.h"
#include "cardtools/audit/export.h"
#include "cardtools/audit/prove.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char trusted[] =
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
	struct auditkeys keys = {0};
	struct statement s;
	struct proven proven;
	struct export lines;
	char text[STATEMENT_TEXT];
	FILE *from;

	must(auditkeys_add(&keys, trusted) == ERR_OK);
	if (size == 0)
		return 0;
	/* packed, never written through */
	from = fmemopen((void *)(uintptr_t)data, size, "r");
	must(from != NULL);
	export_open(from, &lines);
	while (export_next(&lines) == ERR_OK && lines.line.kind != LINE_END) {
		const struct line *line = &lines.line;
		size_t len = strlen(line->statement);

		must(line->n_leaves <= EXPORT_LEAVES);
		if (line->kind != LINE_SEAL ||
		    statement_read(line->statement, len, &s) != ERR_OK)
			continue;
		must(statement_text(&s, text) == len);
		must(memcmp(text, line->statement, len) == 0);
		must(!auditkeys_signed(
		    &keys, &s, line->statement, line->signature));
	}
	export_close(&lines);
	from = fmemopen((void *)(uintptr_t)data, size, "r");
	must(from != NULL);
	must(prove_check(from, &keys, &proven) != ERR_OK);
	(void)fclose(from);
	return 0;
}
