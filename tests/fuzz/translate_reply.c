/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever authd answers: attributes of legal length, no text lost. */
#include <string.h>

#include "common/wire/message.h"
#include "radius-plugin/translate.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct reply reply;
	struct message m;
	size_t i, text = 0;

	if (arena == NULL)
		must(arena_new(MESSAGE_ARENA, &arena) == ERR_OK);
	if (message_decode(data, size, arena, &m) == ERR_OK &&
	    m.kind == MESSAGE_AUTH_REPLY &&
	    translate_reply(m.auth_reply, arena, &reply) == ERR_OK) {
		must(reply.n_attrs <= REPLY_ATTRS);
		for (i = 0; i < reply.n_attrs; i++) {
			must(reply.attrs[i].len >= 1);
			must(reply.attrs[i].len <= ATTR_MAX);
			if (reply.attrs[i].vendor != VENDOR_NONE ||
			    reply.attrs[i].number != ATTR_REPLY_MESSAGE)
				continue;
			must(
			    memcmp(m.auth_reply->text + text,
				reply.attrs[i].value, reply.attrs[i].len) == 0);
			text += reply.attrs[i].len;
		}
		if (reply.outcome == SEKISHO__OUTCOME__OUTCOME_SILENCE)
			must(reply.n_attrs == 0);
		else
			must(text == strlen(m.auth_reply->text));
	}
	arena_reset(arena);
	return 0;
}
