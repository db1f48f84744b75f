/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/disconnect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cardtools/terminal/frame.h"
#include "cardtools/terminal/session_id.h"
#include "common/base/clock.h"
#include "common/base/escape.h"
#include "common/base/log.h"

enum { SEND_MS = 500, ENDED_MS = 6000, AT_AUTHENTICATOR = 4, LINE_MS = 1000 };

/* What the session's helper made of it. */
enum outcome { OUTCOME_ENDED, OUTCOME_FAILED, OUTCOME_NONE, OUTCOME_SILENT };

/* Anyone can send packets: at most a line a second. */
static void
drop(const char *why, const struct sockaddr_in6 *from)
{
	static int64_t last_ms;
	char address[INET6_ADDRSTRLEN];
	int64_t now = clock_ms();

	if (last_ms != 0 && now - last_ms < LINE_MS)
		return;
	last_ms = now;
	if (inet_ntop(AF_INET6, &from->sin6_addr, address, sizeof address) ==
	    NULL)
		(void)snprintf(address, sizeof address, "?");
	log_warn("a Disconnect was dropped", "why", why, "from", address);
}

/* IPv4 as mapped, as the socket has it. */
static bool
is_server(const struct settings *s, const struct in6_addr *from)
{
	size_t i;

	for (i = 0; i < s->n_servers; i++) {
		char text[SERVER_TEXT + 8];
		struct in6_addr address;

		(void)snprintf(text, sizeof text, "%s%s",
		    strchr(s->servers[i].host, ':') == NULL ? "::ffff:" : "",
		    s->servers[i].host);
		if (inet_pton(AF_INET6, text, &address) == 1 &&
		    memcmp(&address, from, sizeof address) == 0)
			return true;
	}
	return false;
}

/*
 * Whether a name that is not in it says anything: the folder is there, and
 * nobody but us makes or takes away its sockets.
 */
static bool
is_our_folder(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

/*
 * The socket that a session's helper listens at, for OUTCOME_ENDED alone. It
 * is OUTCOME_NONE only where the session is surely over: a helper takes its
 * socket away then. One that was killed, or is too busy, leaves a session
 * that may be open.
 */
static enum outcome
connect_session(const struct settings *s, const char *id, int *ret_fd)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	enum outcome outcome = OUTCOME_FAILED;
	int fd, n;

	n = snprintf(
	    sun.sun_path, sizeof sun.sun_path, "%s/%s", s->session_dir, id);
	if (n < 0 || (size_t)n >= sizeof sun.sun_path)
		return OUTCOME_FAILED;
	/* Nonblocking: where many wait already, nobody waits behind them. */
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sun, sizeof sun) == 0) {
		*ret_fd = fd;
		return OUTCOME_ENDED;
	}
	if (fd >= 0 && errno == ENOENT && is_our_folder(s->session_dir))
		outcome = OUTCOME_NONE;
	else
		log_error("a session's helper cannot be reached", "path",
		    sun.sun_path, "why", log_errno());
	if (fd >= 0)
		(void)close(fd);
	return outcome;
}

static enum outcome
end_session(const struct disconnect *d, const struct dynauth_request *request)
{
	char id[DYNAUTH_VALUE + 1], user[DYNAUTH_VALUE + 1];
	enum outcome outcome;
	struct frame frame;
	unsigned result;
	int fd = -1;

	memcpy(id, request->session, request->session_len);
	id[request->session_len] = '\0';
	memcpy(user, request->user, request->user_len);
	user[request->user_len] = '\0';
	/* It becomes a file's name: nothing but what we gave ourselves. */
	if (!session_id_valid(id, request->session_len) ||
	    strlen(user) != request->user_len)
		return OUTCOME_NONE;
	outcome = connect_session(d->settings, id, &fd);
	if (outcome != OUTCOME_ENDED)
		return outcome;
	outcome = OUTCOME_SILENT;
	frame_begin(&frame, FRAME_END);
	frame_put_text(&frame, user);
	if (frame_send(fd, &frame, SEND_MS) == ERR_OK &&
	    frame_receive(fd, ENDED_MS, &frame) == ERR_OK &&
	    frame.kind == FRAME_ENDED &&
	    frame_number(&frame, 0, 2, &result) == ERR_OK)
		outcome = result == 1	? OUTCOME_ENDED
			  : result == 0 ? OUTCOME_FAILED
					: OUTCOME_NONE;
	(void)close(fd);
	return outcome;
}

static struct disconnect_seen *
find_seen(struct disconnect *d, const uint8_t *octets)
{
	size_t i;

	for (i = 0; i < DISCONNECT_SEEN; i++) {
		if (memcmp(d->seen[i].authenticator, octets + AT_AUTHENTICATOR,
			DISCONNECT_AUTHENTICATOR) == 0)
			return &d->seen[i];
	}
	return NULL;
}

/* Kept before it has any effect: what is sent again has none. */
static struct disconnect_seen *
remember(struct disconnect *d, const uint8_t *octets)
{
	struct disconnect_seen *seen = &d->seen[d->next++ % DISCONNECT_SEEN];

	memcpy(seen->authenticator, octets + AT_AUTHENTICATOR,
	    DISCONNECT_AUTHENTICATOR);
	seen->answer_len = 0;
	return seen;
}

static struct dynauth_answer
answer_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_ENDED:
		return (struct dynauth_answer){true, 0};
	case OUTCOME_FAILED:
		return (struct dynauth_answer){false, DYNAUTH_NOT_REMOVABLE};
	case OUTCOME_NONE:
	case OUTCOME_SILENT:
		break;
	}
	return (struct dynauth_answer){false, DYNAUTH_NO_SESSION};
}

void
disconnect_take(struct disconnect *d, const struct sockaddr_in6 *from,
    const uint8_t *octets, size_t len, int64_t now,
    uint8_t ret_answer[DYNAUTH_MAX], size_t *ret_len)
{
	static const char *const words[] = {
	    "ended", "could not be ended", "no such session", "no answer"};
	char shown[4 * DYNAUTH_VALUE + 1];
	struct dynauth_request request;
	struct dynauth_answer answer;
	struct disconnect_seen *seen;
	enum outcome outcome;
	enum error err;

	*ret_len = 0;
	if (!is_server(d->settings, &from->sin6_addr)) {
		drop("not one of the servers", from);
		return;
	}
	err = dynauth_decode(octets, len, d->secret, &request);
	if (err != ERR_OK) {
		drop(err == ERR_CRYPTO
			 ? "it is not proven to be the server's"
			 : "it is no Disconnect-Request, or is malformed",
		    from);
		return;
	}
	/* RFC 5176 6.3: what is of another time is silently dropped. */
	if (request.event_time == 0 ||
	    request.event_time < now - DYNAUTH_REPLAY_S ||
	    request.event_time > now + DYNAUTH_REPLAY_S) {
		drop("its Event-Timestamp is missing, or of another time; "
		     "look at the clocks",
		    from);
		return;
	}
	seen = find_seen(d, octets);
	if (seen != NULL) {
		memcpy(ret_answer, seen->answer, seen->answer_len);
		*ret_len = seen->answer_len;
		return;
	}
	seen = remember(d, octets);
	outcome = end_session(d, &request);
	escape_octets(request.session, request.session_len, shown);
	log_info("disconnect", "session", shown, "result", words[outcome]);
	if (outcome == OUTCOME_SILENT)
		return;
	answer = answer_of(outcome);
	if (dynauth_encode_answer(
		&answer, octets, d->secret, ret_answer, ret_len) != ERR_OK) {
		*ret_len = 0;
		return;
	}
	memcpy(seen->answer, ret_answer, *ret_len);
	seen->answer_len = *ret_len;
}
