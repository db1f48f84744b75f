/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syslog_line.h - an event of the audit as a syslog message (RFC 5424), for a
 * SIEM: what is searched for as structured data, the whole event as JSON behind
 * it. docs/operations.md explains the fields.
 */
#ifndef SEKISHO_CARDTOOLS_SYSLOG_LINE_H
#define SEKISHO_CARDTOOLS_SYSLOG_LINE_H

#include <jansson.h>
#include <stdio.h>

/*
 * One line, with its newline. host stands for a node that has no name. Nothing
 * of an event can end the line or a field of it early.
 */
void syslog_line(FILE *to, const json_t *event, const char *host);

#endif
