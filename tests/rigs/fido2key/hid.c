/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/fido2key/hid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/clock.h"

enum {
	REPORT = 64,
	HEAD = 7, /* of the first packet; the next have 5 */
	NEXT = 5,
	KEEPALIVE_MS = 100,
	PATIENCE_MS = 30000, /* for a touch (CTAP 2.1, 6.1.2: at least 10 s) */
	SEQUENCES = 128,
};

#define BROADCAST 0xffffffffU

/* CTAP 2.1, 11.2.9 */
enum hid_command {
	CMD_PING = 0x01,
	CMD_MSG = 0x03,
	CMD_INIT = 0x06,
	CMD_WINK = 0x08,
	CMD_CBOR = 0x10,
	CMD_CANCEL = 0x11,
	CMD_KEEPALIVE = 0x3b,
	CMD_ERROR = 0x3f,
	FIRST = 0x80,
};

enum hid_error {
	BAD_COMMAND = 0x01,
	BAD_LENGTH = 0x03,
	BAD_SEQUENCE = 0x04,
	BUSY = 0x06,
	BAD_CHANNEL = 0x0b,
};

enum { PROCESSING = 1, NEEDS_TOUCH = 2 };

enum { CAN_WINK = 1, CAN_CBOR = 4, NO_MSG = 8 };

struct line {
	int fd; /* -1: free */
	/* a message that is coming */
	bool coming;
	uint32_t channel;
	uint8_t command, sequence;
	size_t len, have;
	uint8_t bytes[HID_MAX];
};

/* The one thing that the key is at. */
struct job {
	bool on, touch; /* waits for a finger; else for its own slowness */
	int fd;
	uint32_t channel;
	int64_t due, until, alive;
	size_t len;
	uint8_t request[KEY_MESSAGE + 1];
};

struct hid {
	const char *path;
	struct key *key;
	int fd, touch_ms;
	uint32_t channels;
	unsigned long cancels, messages;
	struct line line[HID_CONNECTIONS];
	struct job job;
};

enum error
hid_new(const char *path, struct key *key, int touch_ms, struct hid **ret_hid)
{
	struct hid *hid = calloc(1, sizeof *hid);
	size_t i;

	if (hid == NULL)
		return ERR_NOMEM;
	hid->path = path;
	hid->key = key;
	hid->touch_ms = touch_ms;
	hid->fd = -1;
	for (i = 0; i < HID_CONNECTIONS; i++)
		hid->line[i].fd = -1;
	*ret_hid = hid;
	return ERR_OK;
}

void
hid_free(struct hid **hid)
{
	if (*hid == NULL)
		return;
	hid_remove(*hid);
	free(*hid);
	*hid = NULL;
}

enum error
hid_insert(struct hid *hid)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	enum error err;

	if (hid->fd >= 0)
		return ERR_OK;
	if (strlen(hid->path) >= sizeof at.sun_path)
		return ERR_INPUT;
	(void)stpcpy(at.sun_path, hid->path);
	err = key_power(hid->key);
	if (err != ERR_OK)
		return err;
	hid->fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)unlink(hid->path);
	if (hid->fd < 0 ||
	    bind(hid->fd, (struct sockaddr *)&at, sizeof at) != 0 ||
	    chmod(hid->path, 0666) != 0 ||
	    listen(hid->fd, HID_CONNECTIONS) != 0) {
		hid_remove(hid);
		return ERR_SYSTEM;
	}
	return ERR_OK;
}

static void
hang_up(struct hid *hid, struct line *line)
{
	if (line->fd < 0)
		return;
	if (hid->job.on && hid->job.fd == line->fd)
		hid->job.on = false;
	(void)close(line->fd);
	line->fd = -1;
	line->coming = false;
}

void
hid_remove(struct hid *hid)
{
	size_t i;

	if (hid->fd >= 0) {
		(void)close(hid->fd);
		(void)unlink(hid->path);
	}
	hid->fd = -1;
	for (i = 0; i < HID_CONNECTIONS; i++)
		hang_up(hid, &hid->line[i]);
	hid->job.on = false;
}

bool
hid_inserted(const struct hid *hid)
{
	return hid->fd >= 0;
}

bool
hid_blinks(const struct hid *hid)
{
	return hid->job.on && hid->job.touch;
}

unsigned long
hid_cancels(const struct hid *hid)
{
	return hid->cancels;
}

unsigned long
hid_messages(const struct hid *hid)
{
	return hid->messages;
}

static void
put_channel(uint8_t *to, uint32_t channel)
{
	to[0] = (uint8_t)(channel >> 24);
	to[1] = (uint8_t)(channel >> 16);
	to[2] = (uint8_t)(channel >> 8);
	to[3] = (uint8_t)channel;
}

/* Who does not read in time is gone; libfido2 reads before it writes. */
static void
say(struct hid *hid, int fd, uint32_t channel, uint8_t command,
    const uint8_t *bytes, size_t len)
{
	uint8_t report[REPORT] = {0};
	size_t done = len < REPORT - HEAD ? len : REPORT - HEAD, n;
	int sequence;

	put_channel(report, channel);
	report[4] = FIRST | command;
	report[5] = (uint8_t)(len >> 8);
	report[6] = (uint8_t)len;
	if (done > 0)
		memcpy(report + HEAD, bytes, done);
	(void)send(fd, report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
	for (sequence = 0; done < len && sequence < SEQUENCES; sequence++) {
		n = len - done < REPORT - NEXT ? len - done : REPORT - NEXT;
		memset(report, 0, sizeof report);
		put_channel(report, channel);
		report[4] = (uint8_t)sequence;
		if (fault_now(&hid->key->faults.sequence))
			report[4] ^= 5;
		memcpy(report + NEXT, bytes + done, n);
		(void)send(
		    fd, report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
		done += n;
	}
}

static void
say_octet(struct hid *hid, int fd, uint32_t channel, uint8_t command, int octet)
{
	const uint8_t byte = (uint8_t)octet;

	say(hid, fd, channel, command, &byte, 1);
}

/* The answer, or what a fault makes of it. */
static void
finish(struct hid *hid, enum ctap_status status, const struct buf *answer)
{
	struct job *job = &hid->job;
	struct faults *faults = &hid->key->faults;
	uint8_t out[KEY_MESSAGE + 1] = {(uint8_t)status};
	size_t len = 1, i;

	job->on = false;
	if (fault_now(&faults->silent))
		return;
	if (status == CTAP_OK && answer->len > 0) {
		memcpy(out + 1, answer->bytes, answer->len);
		len += answer->len;
	}
	if (fault_now(&faults->truncated))
		len -= len / 2;
	if (fault_now(&faults->garbage)) {
		for (i = 1; i < sizeof out; i++)
			out[i] = (uint8_t)(i * 167 + 11);
		len = 600;
		out[0] = CTAP_OK;
	}
	say(hid, job->fd, job->channel, CMD_CBOR, out, len);
}

/* Does what was asked, or begins to wait. */
static void
perform(struct hid *hid, bool touched)
{
	static uint8_t bytes[KEY_MESSAGE];
	struct buf answer = {bytes, sizeof bytes, 0, false};
	struct job *job = &hid->job;
	enum ctap_status status;
	int64_t now = clock_ms();

	status = key_answer(hid->key, job->request, job->len, touched, &answer);
	if (status != CTAP_TOUCH) {
		finish(hid, answer.failed ? CTAP_OTHER : status, &answer);
		return;
	}
	if (fault_now(&hid->key->faults.removed)) {
		hid_remove(hid);
		return;
	}
	job->touch = true;
	job->until = now + PATIENCE_MS;
	job->alive = now + KEEPALIVE_MS;
	job->due = hid->touch_ms < 0 ? INT64_MAX : now + hid->touch_ms;
	say_octet(hid, job->fd, job->channel, CMD_KEEPALIVE, NEEDS_TOUCH);
}

void
hid_touch(struct hid *hid)
{
	if (hid_blinks(hid))
		perform(hid, true);
}

void
hid_touch_after(struct hid *hid, int touch_ms)
{
	hid->touch_ms = touch_ms;
	if (hid_blinks(hid))
		hid->job.due = touch_ms < 0 ? INT64_MAX : clock_ms() + touch_ms;
}

static void
begin(struct hid *hid, const struct line *line)
{
	struct job *job = &hid->job;
	int64_t now = clock_ms();

	if (job->on) {
		say_octet(hid, line->fd, line->channel, CMD_ERROR, BUSY);
		return;
	}
	if (line->len > KEY_MESSAGE) {
		say_octet(hid, line->fd, line->channel, CMD_ERROR, BAD_LENGTH);
		return;
	}
	*job = (struct job){.on = true,
	    .fd = line->fd,
	    .channel = line->channel,
	    .alive = now + KEEPALIVE_MS,
	    .due = now + hid->key->faults.slow_ms,
	    .until = INT64_MAX};
	memcpy(job->request, line->bytes, line->len);
	job->len = line->len;
	if (hid->key->faults.slow_ms == 0)
		perform(hid, false);
}

static void
cancel(struct hid *hid, int fd, uint32_t channel)
{
	struct buf none = {NULL, 0, 0, false};

	if (!hid->job.on || !hid->job.touch || hid->job.fd != fd ||
	    hid->job.channel != channel)
		return;
	hid->cancels++;
	finish(hid, CTAP_KEEPALIVE_CANCEL, &none);
}

static void
init(struct hid *hid, const struct line *line)
{
	uint8_t out[17] = {0};
	uint32_t channel = line->channel;

	if (line->len != 8) {
		say_octet(hid, line->fd, line->channel, CMD_ERROR, BAD_LENGTH);
		return;
	}
	if (channel == BROADCAST)
		channel = ++hid->channels;
	else if (hid->job.on && hid->job.channel == channel)
		hid->job.on = false;
	memcpy(out, line->bytes, 8);
	put_channel(out + 8, channel);
	out[12] = 2; /* of CTAPHID */
	out[13] = 1; /* of this key: 1.0.0 */
	out[16] = CAN_WINK | CAN_CBOR | NO_MSG;
	say(hid, line->fd, line->channel, CMD_INIT, out, sizeof out);
}

static void
obey(struct hid *hid, struct line *line)
{
	hid->messages++;
	switch (line->command) {
	case CMD_INIT:
		init(hid, line);
		return;
	case CMD_PING:
		say(hid, line->fd, line->channel, CMD_PING, line->bytes,
		    line->len);
		return;
	case CMD_WINK:
		say(hid, line->fd, line->channel, CMD_WINK, NULL, 0);
		return;
	case CMD_CANCEL:
		cancel(hid, line->fd, line->channel);
		return;
	case CMD_CBOR:
		begin(hid, line);
		return;
	default:
		say_octet(hid, line->fd, line->channel, CMD_ERROR, BAD_COMMAND);
		return;
	}
}

static void
take(struct hid *hid, struct line *line, const uint8_t *report)
{
	uint32_t channel = (uint32_t)report[0] << 24 |
			   (uint32_t)report[1] << 16 |
			   (uint32_t)report[2] << 8 | report[3];
	size_t n, head = HEAD;

	if ((report[4] & FIRST) != 0) {
		uint8_t command = report[4] & 0x7f;

		if (line->coming && channel != line->channel) {
			say_octet(hid, line->fd, channel, CMD_ERROR, BUSY);
			return;
		}
		if (channel == 0 ||
		    (channel == BROADCAST) !=
			(command == CMD_INIT && channel == BROADCAST) ||
		    (channel != BROADCAST && channel > hid->channels)) {
			say_octet(
			    hid, line->fd, channel, CMD_ERROR, BAD_CHANNEL);
			return;
		}
		line->channel = channel;
		line->command = command;
		line->len = (size_t)(report[5] << 8 | report[6]);
		line->have = 0;
		line->sequence = 0;
		if (line->len > HID_MAX) {
			say_octet(
			    hid, line->fd, channel, CMD_ERROR, BAD_LENGTH);
			return;
		}
	} else {
		if (!line->coming || channel != line->channel)
			return;
		if (report[4] != line->sequence) {
			line->coming = false;
			say_octet(
			    hid, line->fd, channel, CMD_ERROR, BAD_SEQUENCE);
			return;
		}
		line->sequence++;
		head = NEXT;
	}
	n = line->len - line->have;
	if (n > REPORT - head)
		n = REPORT - head;
	memcpy(line->bytes + line->have, report + head, n);
	line->have += n;
	line->coming = line->have < line->len;
	if (!line->coming)
		obey(hid, line);
}

size_t
hid_polls(const struct hid *hid, struct pollfd polls[HID_POLLS])
{
	size_t i;

	polls[0] = (struct pollfd){.fd = hid->fd, .events = POLLIN};
	for (i = 0; i < HID_CONNECTIONS; i++)
		polls[i + 1] =
		    (struct pollfd){.fd = hid->line[i].fd, .events = POLLIN};
	return HID_POLLS;
}

int
hid_timeout(const struct hid *hid)
{
	const struct job *job = &hid->job;
	int64_t now = clock_ms(), at;

	if (!job->on)
		return -1;
	at = job->due < job->alive ? job->due : job->alive;
	if (job->until < at)
		at = job->until;
	return at > now ? (int)(at - now) : 0;
}

static void
accept_line(struct hid *hid)
{
	int fd = accept4(hid->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	size_t i;

	if (fd < 0)
		return;
	for (i = 0; i < HID_CONNECTIONS; i++) {
		if (hid->line[i].fd < 0) {
			hid->line[i].fd = fd;
			hid->line[i].coming = false;
			return;
		}
	}
	(void)close(fd);
}

static void
tick(struct hid *hid)
{
	struct buf none = {NULL, 0, 0, false};
	struct job *job = &hid->job;
	int64_t now = clock_ms();

	if (!job->on)
		return;
	if (now >= job->due) {
		perform(hid, job->touch);
	} else if (now >= job->until) {
		finish(hid, CTAP_USER_ACTION_TIMEOUT, &none);
	} else if (now >= job->alive) {
		job->alive = now + KEEPALIVE_MS;
		say_octet(hid, job->fd, job->channel, CMD_KEEPALIVE,
		    job->touch ? NEEDS_TOUCH : PROCESSING);
	}
}

void
hid_work(struct hid *hid, const struct pollfd *polls, size_t n)
{
	uint8_t report[REPORT];
	size_t i;

	for (i = 1; i < n; i++) {
		struct line *line = &hid->line[i - 1];
		ssize_t got;

		if (polls[i].revents == 0 || line->fd != polls[i].fd ||
		    line->fd < 0)
			continue;
		got = recv(line->fd, report, sizeof report, MSG_TRUNC);
		if (got == REPORT)
			take(hid, line, report);
		else if (got >= 0 || (errno != EAGAIN && errno != EINTR))
			hang_up(hid, line);
	}
	if (polls[0].revents != 0 && hid->fd >= 0 && polls[0].fd == hid->fd)
		accept_line(hid);
	tick(hid);
}
