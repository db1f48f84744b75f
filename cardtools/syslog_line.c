/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/syslog_line.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/output.h"

enum {
	FACILITY = 10, /* security messages (RFC 5424 6.2.1) */
	WARNING = 4,
	NOTICE = 5,
	INFO = 6,
	HOST_MAX = 255,
	MSGID_MAX = 32,
	VALUE_MAX = 1024, /* octets of a field; the JSON has all of it */
};

static int
severity(const json_t *event)
{
	const char *outcome = field(event, "outcome");

	if (strcmp(outcome, "accept") == 0 || strcmp(outcome, "done") == 0)
		return INFO;
	return strcmp(field(event, "kind"), "system") == 0 ? WARNING : NOTICE;
}

/* PRINTUSASCII, or "-" (RFC 5424 6). */
static void
put_word(FILE *to, const char *word, size_t most)
{
	size_t n;

	if (*word == '\0')
		word = "-";
	for (n = 0; *word != '\0' && n < most; word++, n++)
		(void)fputc(*word > ' ' && *word < 0x7f ? *word : '?', to);
}

/* PARAM-VALUE: UTF-8 with three characters escaped (6.3.3). */
static void
put_param(FILE *to, const char *name, const char *value)
{
	size_t n = 0;

	if (value[0] == '\0')
		return;
	(void)fprintf(to, " %s=\"", name);
	for (; *value != '\0'; value++, n++) {
		const unsigned char c = (unsigned char)*value;

		/* not in the middle of a character */
		if (n >= VALUE_MAX && (c & 0xc0) != 0x80)
			break;
		if (c == '"' || c == '\\' || c == ']')
			(void)fputc('\\', to);
		(void)fputc(c < ' ' || c == 0x7f ? '?' : c, to);
	}
	(void)fputc('"', to);
}

static void
put_number(FILE *to, const char *name, const json_t *value)
{
	if (json_is_integer(value))
		(void)fprintf(to, " %s=\"%lld\"", name,
		    (long long)json_integer_value(value));
}

/* "knowledge:password,possession:totp" */
static void
put_evidence(FILE *to, const json_t *evidence)
{
	char text[VALUE_MAX] = "";
	const json_t *piece;
	size_t i, used = 0;

	json_array_foreach(evidence, i, piece)
	{
		int n = snprintf(text + used, sizeof text - used, "%s%s:%s",
		    i > 0 ? "," : "", field(piece, "category"),
		    field(piece, "method"));

		if (n < 0 || (size_t)n >= sizeof text - used)
			break;
		used += (size_t)n;
	}
	put_param(to, "evidence", text);
}

void
syslog_line(FILE *to, const json_t *event, const char *host)
{
	const char *node = field(event, "node");
	char *whole = out_json_text(event);

	(void)fprintf(to, "<%d>1 ", FACILITY * 8 + severity(event));
	put_word(to, field(event, "at"), 40);
	(void)fputc(' ', to);
	put_word(to, node[0] != '\0' ? node : host, HOST_MAX);
	(void)fputs(" sekisho - ", to);
	put_word(to, field(event, "kind"), MSGID_MAX);
	(void)fputs(" [audit@32473", to);
	put_number(to, "id", json_object_get(event, "id"));
	put_param(to, "outcome", field(event, "outcome"));
	put_param(to, "reason", field(event, "reason"));
	put_param(to, "login", field(event, "login"));
	put_param(to, "client", field(event, "client"));
	put_param(to, "scope", field(event, "scope"));
	put_param(to, "ref", field(event, "ref"));
	put_number(to, "count", json_object_get(event, "count"));
	put_param(to, "actor", field(event, "actor"));
	put_evidence(to, json_object_get(event, "evidence"));
	/* a byte order mark says that it is UTF-8 (6.4) */
	(void)fprintf(to, "] \xef\xbb\xbf%s\n", whole != NULL ? whole : "{}");
	free(whole);
}
