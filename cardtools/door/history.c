/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/history.h"

#include <sodium.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/log.h"

void
history_add(
    struct history *history, const unsigned char key[ENTRY_KEY], int64_t at)
{
	unsigned char random[(HISTORY_SESSION - 1) / 2];

	if (history->n == HISTORY_MAX) {
		log_error("an entry by the list will not be told: too many");
		return;
	}
	randombytes_buf(random, sizeof random);
	hex_encode(random, sizeof random, history->entry[history->n].session);
	hex_encode(key, ENTRY_KEY, history->entry[history->n].key);
	history->entry[history->n++].at = at;
}

void
history_tell(struct history *history, struct radius *radius,
    const char *nas_identifier, const char *reader)
{
	static struct radius_reply reply;
	size_t told = 0;

	while (told < history->n) {
		const struct account account = {.status = ACCOUNT_START,
		    .session = history->entry[told].session,
		    .delay = (unsigned)((clock_ms() - history->entry[told].at) /
					1000)};
		const struct radius_request request = {.user = "",
		    .account = &account,
		    .nas_identifier = nas_identifier,
		    .called_station = reader,
		    .calling_station = history->entry[told].key};

		if (radius_exchange(radius, &request, &reply) != ERR_OK)
			break;
		told++;
	}
	if (told == 0)
		return;
	log_info("entries by the list were told", "reader", reader, "count",
	    log_num((int64_t)told));
	history->n -= told;
	memmove(history->entry, history->entry + told,
	    history->n * sizeof history->entry[0]);
}
