/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any question, from either peer, has an answer that fits into a message. */
#include "authd/keyring.h"

#include "authd/totp.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keys.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t octets[MESSAGE_MAX];
	static struct arena *arena;
	static struct keys *keys;
	Sekisho__KeyringReply reply;
	struct message m;
	size_t len;

	if (arena == NULL)
		must(arena_new(MESSAGE_ARENA, &arena) == ERR_OK &&
		     totp_open() == ERR_OK && fuzz_keys(&keys) == ERR_OK);
	if (size > 0 &&
	    message_decode(data + 1, size - 1, arena, &m) == ERR_OK &&
	    m.kind == MESSAGE_KEYRING_REQUEST) {
		enum keyring_peer peer =
		    data[0] % 2 == 0 ? KEYRING_PEER_WORKER : KEYRING_PEER_CLERK;

		keyring_answer(keys, peer, m.keyring_request, arena, &reply);
		must(reply.id == m.keyring_request->id);
		must(peer == KEYRING_PEER_CLERK || reply.box == NULL);
		m.kind = MESSAGE_KEYRING_REPLY;
		m.keyring_reply = &reply;
		must(message_encode(&m, octets, &len) == ERR_OK);
	}
	arena_reset(arena);
	return 0;
}
