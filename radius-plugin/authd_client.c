/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/authd_client.h"

#include <unistd.h>

#include "common/base/clock.h"
#include "common/wire/packet.h"

static int
left(int64_t deadline)
{
	int64_t ms = deadline - clock_ms();

	return ms > 0 ? (int)ms : 0;
}

enum error
authd_ask(const char *socket, const struct authd_limits *limits,
    const struct message *question, enum message_kind expected,
    struct arena *arena, struct message *ret_answer)
{
	int64_t deadline = clock_ms() + limits->total_ms;
	struct message answer;
	enum error err;
	int fd;

	err = packet_connect(socket,
	    limits->connect_ms < limits->total_ms ? limits->connect_ms
						  : limits->total_ms,
	    &fd);
	if (err != ERR_OK)
		return err;
	err = packet_send(fd, question, left(deadline));
	if (err == ERR_OK)
		err = packet_receive(fd, left(deadline), arena, &answer);
	(void)close(fd);
	if (err == ERR_OK && answer.kind != expected)
		err = ERR_INPUT;
	if (err == ERR_OK)
		*ret_answer = answer;
	return err;
}
