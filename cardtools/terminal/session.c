/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/session.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/log.h"

enum {
	BACKOFF_MS = 2000,
	BACKOFF_MOST_MS = 60000,
	STOP_PATIENCE_MS = 3600000, /* the server may be away for a while */
	HURRY_MS = 10000,	    /* but who shuts down does not wait */
	HURRY_AGAIN_MS = 1000,
	END_MS = 1000, /* who connects says at once what for */
	LOCKED_MS = 5000,
	ORDERS_MOST = 999999,
	BACKLOG = 4,
	SESSIONS_MOST = 1024, /* entries of the folder that are looked at */
};

enum error
session_listen(struct session *s)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int n;

	n = snprintf(
	    s->path, sizeof s->path, "%s/%s", s->settings->session_dir, s->id);
	if (n < 0 || (size_t)n >= sizeof sun.sun_path)
		return ERR_CONFIG;
	memcpy(sun.sun_path, s->path, (size_t)n + 1);
	s->listen =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listen < 0)
		return ERR_SYSTEM;
	if (bind(s->listen, (struct sockaddr *)&sun, sizeof sun) == 0 &&
	    listen(s->listen, BACKLOG) == 0)
		return ERR_OK;
	(void)close(s->listen);
	s->listen = -1;
	return ERR_SYSTEM;
}

/* No Disconnect finds it from now on. */
static void
unlisten(struct session *s)
{
	if (s->listen < 0)
		return;
	(void)unlink(s->path);
	(void)close(s->listen);
	s->listen = -1;
}

/* ERR_OK: the server has it. at_ms (clock_ms): when it happened. */
static enum error
tell(struct session *s, enum account_status status, unsigned cause,
    int64_t at_ms)
{
	const int64_t now = clock_ms();
	struct account account = {.status = status,
	    .session = s->id,
	    .class_len = s->class_len,
	    .class_octets = s->class_octets,
	    .delay = (uint32_t)((now - at_ms) / 1000),
	    .seconds = (uint32_t)((at_ms - s->begun_ms) / 1000),
	    .cause = cause};
	const struct radius_request request = {.account = &account,
	    .user = s->user,
	    .nas_identifier = s->settings->nas_identifier,
	    .calling_station = s->rhost};
	struct radius_reply reply;
	enum error err;

	account.at = (uint32_t)(time(NULL) - (time_t)account.delay);
	err = radius_exchange(s->radius, &request, &reply);
	if (err != ERR_OK && err != ERR_TIMEOUT)
		log_error("accounting could not be sent", "why",
		    error_text(err), "detail", packet_fault());
	return err;
}

static void
wait_longer(struct session *s)
{
	s->backoff_ms = s->backoff_ms == 0 ? BACKOFF_MS : 2 * s->backoff_ms;
	if (s->backoff_ms > BACKOFF_MOST_MS)
		s->backoff_ms = BACKOFF_MOST_MS;
	s->next_ms = clock_ms() + s->backoff_ms;
}

/* The start until it is acknowledged, then interim updates; or the stop. */
static void
tell_progress(struct session *s)
{
	const int64_t interim_ms = (int64_t)s->settings->interim_s * 1000;
	const int64_t now = clock_ms();

	if (s->over || now < s->next_ms)
		return;
	if (s->ended) {
		s->over = tell(s, ACCOUNT_STOP, SESSION_CAUSE_ADMIN,
			      s->ended_ms) == ERR_OK;
		if (!s->over)
			wait_longer(s);
		return;
	}
	if (tell(s, s->started ? ACCOUNT_INTERIM : ACCOUNT_START, 0,
		s->started ? now : s->begun_ms) != ERR_OK) {
		wait_longer(s);
		return;
	}
	s->started = true;
	s->backoff_ms = 0;
	s->next_ms = interim_ms > 0 ? now + interim_ms : INT64_MAX;
}

/* Whether a signal to end comes within this time. */
static bool
is_told_to_end(struct session *s, int timeout_ms)
{
	struct pollfd p = {.fd = s->signals, .events = POLLIN};
	struct signalfd_siginfo info;

	return poll(&p, 1, timeout_ms) > 0 &&
	       read(s->signals, &info, sizeof info) == sizeof info;
}

/* The last word, repeated until the server has it. */
static void
tell_stop(struct session *s, bool hurry)
{
	const unsigned cause = s->ended ? SESSION_CAUSE_ADMIN
			       : hurry	? SESSION_CAUSE_REBOOT
					: SESSION_CAUSE_USER;
	const int64_t now = clock_ms(), at = s->ended ? s->ended_ms : now;
	int64_t until = now + (hurry ? HURRY_MS : STOP_PATIENCE_MS);

	s->backoff_ms = 0;
	while (!s->over && clock_ms() < until) {
		if (tell(s, ACCOUNT_STOP, cause, at) == ERR_OK) {
			s->over = true;
			return;
		}
		wait_longer(s);
		if (hurry)
			s->backoff_ms = HURRY_AGAIN_MS;
		if (is_told_to_end(s, s->backoff_ms) && !hurry) {
			hurry = true;
			until = clock_ms() + HURRY_MS;
		}
	}
	if (!s->over)
		log_error("the server was not told of a session's end",
		    "session", s->id);
}

static void
lose_watcher(struct session *s)
{
	log_error("the watcher of a session has ended", "user", s->user);
	(void)close(s->watch);
	s->watch = -1;
}

/* The screen is locked: for the server that is the session's end. */
static void
has_ended(struct session *s)
{
	s->ended = true;
	s->ended_ms = clock_ms();
	s->next_ms = s->backoff_ms = 0;
}

/*
 * One answer of the watcher's; it may be late, and to an older order. What
 * was locked before somebody logged in anew does not count. ERR_CLOSED and
 * the like: the watcher is lost.
 */
static enum error
hear_watcher(struct session *s, int timeout_ms, unsigned *ret_number)
{
	unsigned done, number;
	struct frame frame;
	enum error err;

	err = frame_receive(s->watch, timeout_ms, &frame);
	if (err == ERR_OK &&
	    (frame.kind != FRAME_LOCKED ||
		frame_number(&frame, 0, 1, &done) != ERR_OK ||
		frame_number(&frame, 1, ORDERS_MOST, &number) != ERR_OK))
		err = ERR_INPUT;
	if (err == ERR_OK) {
		*ret_number = number;
		if (done == 1 && !s->ended && number >= s->first_order &&
		    number <= s->order)
			has_ended(s);
	} else if (err != ERR_TIMEOUT) {
		lose_watcher(s);
	}
	return err;
}

/* What the watcher has said meanwhile. */
static void
hear_all(struct session *s)
{
	unsigned number;

	while (s->watch >= 0 && hear_watcher(s, 0, &number) == ERR_OK)
		log_info("a late answer of the watcher", "session", s->id);
}

/* By the watcher, as the session's user. */
static bool
lock(struct session *s)
{
	const int64_t until = clock_ms() + LOCKED_MS;
	char text[12];
	struct frame frame;
	unsigned number = 0;

	hear_all(s);
	if (s->ended)
		return true;
	if (s->watch < 0 || s->order == ORDERS_MOST)
		return false;
	(void)snprintf(text, sizeof text, "%u", ++s->order);
	frame_begin(&frame, FRAME_LOCK);
	frame_put_text(&frame, text);
	if (frame_send(s->watch, &frame, END_MS) != ERR_OK)
		return false;
	while (!s->ended && number != s->order) {
		int64_t left = until - clock_ms();

		if (left <= 0 || hear_watcher(s, (int)left, &number) != ERR_OK)
			break;
	}
	return s->ended;
}

/* Who may connect is decided by the folder; here it is made sure of. */
static bool
is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

/* "1": ended; "0": it could not be; "2": not this one, or not any more. */
static const char *
end(struct session *s, const struct frame *frame)
{
	char user[PACKET_STRING];
	const char *answer = "2";

	if (!s->ended && frame_text(frame, 0, user, sizeof user) == ERR_OK &&
	    (user[0] == '\0' || strcmp(user, s->user) == 0))
		answer = lock(s) ? "1" : "0";
	log_info("disconnect", "user", s->user, "session", s->id, "result",
	    answer[0] == '2'   ? "not this one"
	    : answer[0] == '1' ? "ended"
			       : "could not be ended");
	return answer;
}

static void
tell_again(struct session *s)
{
	struct frame order;

	frame_begin(&order, FRAME_AGAIN);
	if (s->watch >= 0 && frame_send(s->watch, &order, END_MS) != ERR_OK)
		log_warn("the watcher does not listen");
}

/*
 * Whoever unlocks a session that the server has ended was accepted anew: for
 * the server it is another session, carried by that accept.
 */
static void
begin_again(struct session *s, const struct frame *frame)
{
	char user[PACKET_STRING], class_hex[2 * PACKET_CLASS + 1];
	unsigned char class_octets[PACKET_CLASS];
	size_t class_len;

	if (frame_text(frame, 0, user, sizeof user) != ERR_OK ||
	    frame_text(frame, 1, class_hex, sizeof class_hex) != ERR_OK ||
	    strcmp(user, s->user) != 0 ||
	    hex_decode(class_hex, strlen(class_hex), class_octets,
		sizeof class_octets, &class_len) != ERR_OK)
		return;
	hear_all(s);
	/* What is locked by an order from before may be open by now. */
	if (s->ended || s->first_order <= s->order)
		tell_again(s);
	s->first_order = s->order + 1;
	if (!s->ended)
		return;
	memcpy(s->class_octets, class_octets, class_len);
	s->class_len = class_len;
	unlisten(s);
	session_id_make(s->id);
	if (session_listen(s) != ERR_OK)
		log_error("no socket for Disconnects", "path", s->path, "why",
		    log_errno());
	s->begun_ms = clock_ms();
	s->started = s->over = s->ended = false;
	s->next_ms = s->backoff_ms = 0;
	log_info("unlocked by a new login", "user", s->user, "session", s->id);
}

/*
 * The server ends the session. It is over for the server when it is locked:
 * whoever unlocks it logs in anew.
 */
static void
take_order(struct session *s)
{
	int fd = accept4(s->listen, NULL, NULL, SOCK_CLOEXEC);
	struct frame frame;
	const char *answer;

	if (fd < 0)
		return;
	if (!is_ours(fd) || frame_receive(fd, END_MS, &frame) != ERR_OK)
		goto out;
	if (frame.kind == FRAME_AGAIN)
		begin_again(s, &frame);
	if (frame.kind != FRAME_END)
		goto out;
	answer = end(s, &frame);
	frame_begin(&frame, FRAME_ENDED);
	frame_put_text(&frame, answer);
	if (frame_send(fd, &frame, END_MS) != ERR_OK)
		log_warn("nobody waits for a Disconnect's answer");
out:
	(void)close(fd);
}

void
session_again(
    const struct settings *settings, const char *user, const char *class_hex)
{
	DIR *folder =
	    settings->accounting ? opendir(settings->session_dir) : NULL;
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const struct dirent *entry;
	struct frame frame;
	int left = SESSIONS_MOST, fd, n;

	while (
	    folder != NULL && left-- > 0 && (entry = readdir(folder)) != NULL) {
		if (!session_id_valid(entry->d_name, strlen(entry->d_name)))
			continue;
		n = snprintf(sun.sun_path, sizeof sun.sun_path, "%s/%s",
		    settings->session_dir, entry->d_name);
		fd = socket(
		    AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd < 0)
			break;
		frame_begin(&frame, FRAME_AGAIN);
		frame_put_text(&frame, user);
		frame_put_text(&frame, class_hex);
		if (n > 0 && (size_t)n < sizeof sun.sun_path &&
		    connect(fd, (struct sockaddr *)&sun, sizeof sun) == 0 &&
		    frame_send(fd, &frame, 0) != ERR_OK)
			log_warn("a session was not told of a new login");
		(void)close(fd);
	}
	if (folder != NULL)
		(void)closedir(folder);
}

void
session_dismiss(struct session *s)
{
	struct frame frame;

	if (s->watch < 0)
		return;
	frame_begin(&frame, FRAME_OVER);
	if (frame_send(s->watch, &frame, END_MS) != ERR_OK)
		log_warn("the watcher does not listen");
	(void)close(s->watch);
	s->watch = -1;
}

/* Waits for something to do, at most until it is time to tell. */
static bool
wait_for_it(struct session *s, struct pollfd p[4])
{
	int64_t left = s->over ? INT32_MAX : s->next_ms - clock_ms();

	if (left > INT32_MAX)
		left = INT32_MAX;
	p[0] = (struct pollfd){.fd = s->pam, .events = POLLIN | POLLRDHUP};
	p[1] = (struct pollfd){.fd = s->watch, .events = POLLIN | POLLRDHUP};
	p[2] = (struct pollfd){.fd = s->listen, .events = POLLIN};
	p[3] = (struct pollfd){.fd = s->signals, .events = POLLIN};
	return poll(p, 4, left > 0 ? (int)left : 0) >= 0 || errno == EINTR;
}

void
session_run(struct session *s)
{
	bool orderly = false, told = false;
	struct pollfd p[4];

	s->over = !s->settings->accounting;
	while (!orderly && !told && wait_for_it(s, p)) {
		/* It says nothing: what there is to read is its end. */
		orderly = p[0].revents != 0;
		told = p[3].revents != 0;
		if (orderly || told)
			break;
		if (p[1].revents != 0)
			hear_all(s);
		if (p[2].revents != 0)
			take_order(s);
		tell_progress(s);
	}
	unlisten(s);
	/*
	 * Who is told to end while the session is open leaves it to nobody:
	 * the watcher sees no end that was said, and locks it.
	 */
	if (orderly)
		session_dismiss(s);
	else if (s->watch >= 0)
		(void)close(s->watch);
	s->watch = -1;
	tell_stop(s, told && !orderly);
}
