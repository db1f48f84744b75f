/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_syslog.h - a message of RFC 5424 becomes a record: pri, timestamp,
 * hostname, app, procid, msgid, msg, and each parameter of its structured
 * data as SD-ID.name. What is "-" is not there. Pure.
 */
#ifndef SEKISHO_FEED_PARSE_SYSLOG_H
#define SEKISHO_FEED_PARSE_SYSLOG_H

#include "cardtools/feed/record.h"

MUST_CHECK enum error parse_syslog(const char *line, size_t len,
    struct record *ret_record, const char **ret_why);

#endif
