/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stamp.h - a controller's word for a time becomes seconds since the epoch.
 * Pure but for the one zone of the process.
 */
#ifndef SEKISHO_FEED_STAMP_H
#define SEKISHO_FEED_STAMP_H

#include "common/base/error.h"

/*
 * The zone of times that name none: "UTC", an offset as "+09:00", or a name
 * of the time zone database as "Asia/Tokyo". Once, before the first
 * stamp_parse. ERR_CONFIG if there is none of this name.
 */
MUST_CHECK enum error stamp_zone(const char *zone);

/*
 * format: "epoch", "epoch_ms", "iso8601" (RFC 3339, and without its offset),
 * or a pattern of strptime(3); digits behind a point at its end are fractions
 * of a second. ERR_INPUT for what does not fit it to the last character.
 */
MUST_CHECK enum error stamp_parse(
    const char *format, const char *text, double *ret_at);

/* Whether it is one of the above. */
MUST_CHECK enum error stamp_format_check(const char *format);

#endif
