/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/offline.h"

#include <sodium.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/wire/entry.h"

enum { REFRESH_MS = 600000 };

static enum error
ask_page(struct reader *r, const unsigned char *after, struct keylist *list,
    bool *ret_last)
{
	static struct radius_reply reply;
	const struct radius_request request = {.user = r->names->to,
	    .called_station = r->names->to,
	    .call_check = true,
	    .nas_identifier = r->conf->radius.nas_identifier,
	    .calling_station = "",
	    .purpose = ENTRY_KEYS_PURPOSE,
	    .after = after};
	enum error err;

	err = radius_exchange(&r->radius, &request, &reply);
	if (err == ERR_OK && reply.code != RADIUS_REJECT)
		err = ERR_INPUT;
	else if (err == ERR_OK && reply.keys_len == 0)
		err = ERR_DENIED; /* proven to be the server's word */
	return err != ERR_OK ? err
			     : keylist_add(list, reply.keys, reply.keys_len,
				   clock_ms(), ret_last);
}

void
offline_forget(struct reader *r)
{
	if (r->list.n > 0)
		log_warn("the list is given up: the server refuses it",
		    "reader", r->names->to);
	keylist_clear(&r->list);
	r->list_at = 0;
}

void
offline_refresh(struct reader *r)
{
	struct keylist list = {.n = 0};
	unsigned char after[ENTRY_KEY];
	bool last = false;
	enum error err;

	if (!r->conf->lists || clock_ms() < r->list_at)
		return;
	err = ask_page(r, NULL, &list, &last);
	while (err == ERR_OK && !last) {
		memcpy(after, list.key[list.n - 1], ENTRY_KEY);
		err = ask_page(r, after, &list, &last);
	}
	/* a list in part would be no list; the old one ends by itself */
	if (err == ERR_DENIED)
		offline_forget(r);
	if (err != ERR_OK) {
		log_warn("no new list", "reader", r->names->to, "why",
		    error_text(err));
		keylist_clear(&list);
		return;
	}
	keylist_clear(&r->list);
	r->list = list;
	r->list_at = clock_ms() + REFRESH_MS;
	log_debug(
	    "list", "reader", r->names->to, "keys", log_num((int64_t)list.n));
}

enum error
offline_judge(struct reader *r, struct doorcard *card)
{
	const struct settings *s = &r->conf->radius;
	unsigned char challenge[SIGNED_CHALLENGE];
	const struct signed_fields fields = {.purpose = ENTRY_PURPOSE,
	    .server_id = s->server_id[0] != '\0' ? s->server_id : "-",
	    .client_id = s->client_id,
	    .login = r->names->to,
	    .challenge = challenge};
	struct signature signature;
	enum error err;

	if (!r->conf->lists)
		return ERR_DENIED;
	if (!keylist_has(&r->list, card->key_id, clock_ms())) {
		card->why = "it is not in the list, or there is none";
		return ERR_DENIED;
	}
	randombytes_buf(challenge, sizeof challenge);
	err = doorcard_sign(card, &fields, &signature);
	if (err == ERR_OK)
		history_add(&r->history, card->key_id, clock_ms());
	return err;
}
