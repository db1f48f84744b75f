/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/sensor.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/door/command.h"
#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/log.h"

enum {
	QUEUE = 64, /* events that wait for a server */
	AGAIN_MS = 500,
	SESSION = 33,
};

struct event {
	bool opened;
	size_t reader;
	int64_t at; /* clock_ms */
	char session[SESSION];
};

struct sensor {
	const struct doorconf *conf;
	struct radius *radius;
	pid_t pid;
	int fd;
	char line[SENSOR_LINE];
	size_t len;
	bool too_long;
	/* Start and Stop of one opening have one name. */
	char session[DOOR_READERS_MAX][SESSION];
	struct event queue[QUEUE];
	size_t n;
};

/* A name that nobody else makes, and no earlier start of ours. */
static void
name_session(char ret_session[SESSION])
{
	unsigned char random[(SESSION - 1) / 2];

	randombytes_buf(random, sizeof random);
	hex_encode(random, sizeof random, ret_session);
}

static void
take_line(struct sensor *s)
{
	struct event *e;
	size_t reader;
	bool opened;

	if (s->too_long ||
	    sensor_line(s->conf, s->line, &opened, &reader) != ERR_OK) {
		log_warn(
		    "the sensor's line is not understood", "line", s->line);
		return;
	}
	if (opened || s->session[reader][0] == '\0')
		name_session(s->session[reader]);
	if (s->n == QUEUE) {
		log_error("an event of the door is lost: no server took any",
		    "reader", s->conf->readers.pair[s->queue[0].reader].to);
		memmove(s->queue, s->queue + 1, --s->n * sizeof s->queue[0]);
	}
	e = &s->queue[s->n++];
	e->opened = opened;
	e->reader = reader;
	e->at = clock_ms();
	memcpy(e->session, s->session[reader], SESSION);
	if (!opened)
		s->session[reader][0] = '\0';
}

/* ERR_CLOSED: the command has ended. */
static enum error
read_lines(struct sensor *s)
{
	char octets[SENSOR_LINE];
	ssize_t n = read(s->fd, octets, sizeof octets), i;

	if (n < 0)
		return errno == EINTR ? ERR_OK : ERR_CLOSED;
	if (n == 0)
		return ERR_CLOSED;
	for (i = 0; i < n; i++) {
		if (octets[i] == '\n') {
			s->line[s->len] = '\0';
			take_line(s);
			s->len = 0;
			s->too_long = false;
		} else if (s->len == SENSOR_LINE - 1 || octets[i] == '\0') {
			s->too_long = true;
		} else {
			s->line[s->len++] = octets[i];
		}
	}
	return ERR_OK;
}

/* The oldest event, until a server has taken it. */
static bool
send_first(struct sensor *s)
{
	static struct radius_reply reply;
	const struct event *e = &s->queue[0];
	const char *name = s->conf->readers.pair[e->reader].to;
	const struct account account = {
	    .status = e->opened ? ACCOUNT_START : ACCOUNT_STOP,
	    .session = e->session,
	    .delay = (unsigned)((clock_ms() - e->at) / 1000)};
	const struct radius_request request = {.user = "",
	    .calling_station = "",
	    .account = &account,
	    .nas_identifier = s->conf->radius.nas_identifier,
	    .called_station = name};

	if (radius_exchange(s->radius, &request, &reply) != ERR_OK)
		return false;
	log_info(e->opened ? "opened" : "closed", "reader", name,
	    "told_after_ms", log_num(clock_ms() - e->at));
	memmove(s->queue, s->queue + 1, --s->n * sizeof s->queue[0]);
	return true;
}

void
sensor_serve(const struct doorconf *conf, struct radius *radius)
{
	static struct sensor s;
	int64_t again_at = 0;

	s.conf = conf;
	s.radius = radius;
	s.pid = -1;
	s.fd = -1;
	for (;;) {
		struct pollfd p = {.events = POLLIN};
		int wait = -1;

		if (s.fd < 0 &&
		    command_start(&conf->sensor, &s.pid, &s.fd) != ERR_OK)
			wait = AGAIN_MS;
		p.fd = s.fd;
		if (s.n > 0)
			wait = again_at > clock_ms() ? AGAIN_MS : 0;
		if (poll(&p, 1, wait) > 0 && read_lines(&s) != ERR_OK) {
			/* who opens now is not seen: it is not an event */
			log_error("the sensor's command has ended and is "
				  "started again");
			command_end(&s.pid, &s.fd);
			s.len = 0;
			s.too_long = false;
			(void)poll(NULL, 0, AGAIN_MS);
			continue;
		}
		if (s.n > 0 && clock_ms() >= again_at && !send_first(&s))
			again_at = clock_ms() + AGAIN_MS;
	}
}
