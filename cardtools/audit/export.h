/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * export.h - reads what `card-admin audit export` writes: a line for each
 * batch, followed by a line for each of its events. docs/protocol.md, "The
 * sealed audit".
 */
#ifndef SEKISHO_AUDIT_EXPORT_H
#define SEKISHO_AUDIT_EXPORT_H

#include <stdio.h>

#include "common/base/error.h"
#include "common/crypto/statement.h"

enum {
	EXPORT_LINE = 4 << 20, /* octets of a line, at most */
	EXPORT_LEAVES = 65536, /* of a batch, at most */
};

struct leaf {
	uint64_t id;
	unsigned char hash[MERKLE_HASH];
};

enum line_kind { LINE_END, LINE_SEAL, LINE_EVENT };

struct line {
	enum line_kind kind;
	uint64_t number; /* of the line, from 1 */
	/* Of a seal. Its list is as the database has it: nobody signed it. */
	char statement[STATEMENT_TEXT];
	unsigned char signature[STATEMENT_SIGNATURE];
	struct leaf
	    *leaves; /* until the next line; NULL where there are none */
	size_t n_leaves;
	/* Of an event. */
	const char *text; /* until the next line, without its end */
	size_t len;
	uint64_t id;
};

struct export
{
	FILE *from;
	char *buffer;
	size_t size;
	struct line line;
};

/* Takes the stream over. */
void export_open(FILE *from, struct export *ret_export);
void export_close(struct export *export);

/*
 * The next line into export->line. ERR_INPUT for what is neither of the two,
 * or too long; ERR_SYSTEM if it cannot be read.
 */
MUST_CHECK enum error export_next(struct export *export);

/* A seal without a list, as anchor files have it, or with one. */
MUST_CHECK enum error export_seal(
    const char *text, size_t len, struct line *line);

#endif
