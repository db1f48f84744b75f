/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - one line an event on standard error: a text, then key=value pairs.
 * Under systemd each line begins with its priority (sd-daemon(3)); elsewhere
 * with the time. Values are quoted, control characters and what is not UTF-8
 * escaped, so that nothing a client sends can forge a line, or hide one (the
 * journal shows a line with such octets as a blob). Secrets have no way in
 * here.
 */
#ifndef SEKISHO_BASE_LOG_H
#define SEKISHO_BASE_LOG_H

#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* name is kept, not copied: "authd", "worker 3", "keyring". */
void log_open(const char *name, enum log_level max);

/*
 * Lines go to this function instead of standard error, without time, name
 * and newline: for helpers whose standard error nobody reads.
 */
void log_to(void (*to)(enum log_level level, const char *line));

/*
 * Pairs follow as (const char *key, const char *value), ended by NULL. A
 * NULL value is written as "-".
 */
void log_event(enum log_level level, const char *text, ...)
    __attribute__((sentinel));

#define log_error(...) log_event(LOG_LEVEL_ERROR, __VA_ARGS__, (char *)0)
#define log_warn(...) log_event(LOG_LEVEL_WARN, __VA_ARGS__, (char *)0)
#define log_info(...) log_event(LOG_LEVEL_INFO, __VA_ARGS__, (char *)0)
#define log_debug(...) log_event(LOG_LEVEL_DEBUG, __VA_ARGS__, (char *)0)

/* A number as text, in one of eight buffers used in turn. */
const char *log_num(int64_t number);

/* strerror(errno), for a pair. */
const char *log_errno(void);

#endif
