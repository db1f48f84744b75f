/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/keyring_client.h"

#include <sodium.h>

#include "common/base/clock.h"
#include "common/wire/packet.h"

enum error
keyring_ask(int fd, Sekisho__KeyringRequest *request, struct arena *arena,
    const Sekisho__KeyringReply **ret_reply)
{
	int64_t deadline = clock_ms() + KEYRING_TIMEOUT_MS;
	struct message m = {.kind = MESSAGE_KEYRING_REQUEST};
	enum error err;

	randombytes_buf(&request->id, sizeof request->id);
	m.keyring_request = request;
	err = packet_send(fd, &m, KEYRING_TIMEOUT_MS);
	while (err == ERR_OK) {
		int64_t left = deadline - clock_ms();

		err = packet_receive(fd, left > 0 ? (int)left : 0, arena, &m);
		if (err != ERR_OK || m.kind != MESSAGE_KEYRING_REPLY ||
		    m.keyring_reply->id != request->id)
			continue; /* an answer to a question given up */
		if (m.keyring_reply->result ==
		    SEKISHO__KEYRING_REPLY__RESULT__FAULT)
			return ERR_CRYPTO;
		*ret_reply = m.keyring_reply;
		return ERR_OK;
	}
	return err;
}
