/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/frame.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { HEAD = 4, VERSION = 1 };

static long long
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Ready for events before until (-1: whenever). */
static enum error
await(int fd, short events, long long until)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		long long left = until < 0 ? -1 : until - now_ms();
		int n;

		if (until >= 0 && left < 0)
			left = 0;
		n = poll(&p, 1, (int)left);
		if (n > 0)
			return ERR_OK;
		if (n == 0)
			return ERR_TIMEOUT;
		if (errno != EINTR)
			return ERR_SYSTEM;
	}
}

void
frame_begin(struct frame *frame, enum frame_kind kind)
{
	frame->kind = kind;
	frame->n = 0;
	frame->octets[0] = 'S';
	frame->octets[1] = 'T';
	frame->octets[2] = VERSION;
	frame->octets[3] = (unsigned char)kind;
	frame->len = HEAD;
}

void
frame_put(struct frame *frame, const void *bytes, size_t len)
{
	unsigned char *to = frame->octets + frame->len;

	if (frame->len > FRAME_MAX || frame->n == FRAME_FIELDS ||
	    len > FRAME_MAX - HEAD - 2 || frame->len + 2 + len > FRAME_MAX) {
		frame->len = FRAME_MAX + 1; /* frame_send will say so */
		return;
	}
	to[0] = (unsigned char)(len >> 8);
	to[1] = (unsigned char)(len & 0xff);
	if (len > 0)
		memcpy(to + 2, bytes, len);
	frame->len += 2 + len;
	frame->n++;
}

void
frame_put_text(struct frame *frame, const char *text)
{
	frame_put(frame, text, strlen(text));
}

enum error
frame_send(int fd, struct frame *frame, int timeout_ms)
{
	long long until = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	enum error err = frame->len > FRAME_MAX ? ERR_INPUT : ERR_OK;

	while (err == ERR_OK) {
		ssize_t n = send(
		    fd, frame->octets, frame->len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			break;
		if (errno == EAGAIN)
			err = await(fd, POLLOUT, until);
		else if (errno == EPIPE || errno == ECONNRESET)
			err = ERR_CLOSED;
		else if (errno != EINTR)
			err = ERR_SYSTEM;
	}
	frame_wipe(frame);
	return err;
}

enum error
frame_decode(struct frame *frame, size_t len)
{
	const unsigned char *octets = frame->octets;
	size_t at = HEAD;

	frame->n = 0;
	if (len < HEAD || len > FRAME_MAX || octets[0] != 'S' ||
	    octets[1] != 'T' || octets[2] != VERSION)
		return ERR_INPUT;
	while (at < len) {
		size_t size;

		if (len - at < 2 || frame->n == FRAME_FIELDS)
			return ERR_INPUT;
		size = (size_t)(octets[at] << 8 | octets[at + 1]);
		at += 2;
		if (size > len - at)
			return ERR_INPUT;
		frame->field[frame->n++] = (struct field){size, octets + at};
		at += size;
	}
	frame->kind = (enum frame_kind)octets[3];
	frame->len = len;
	return ERR_OK;
}

enum error
frame_receive(int fd, int timeout_ms, struct frame *ret_frame)
{
	long long until = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	enum error err;
	ssize_t n;

	for (;;) {
		err = await(fd, POLLIN, until);
		if (err != ERR_OK)
			return err;
		/* MSG_TRUNC: the real length, also of one that did not fit. */
		n = recv(
		    fd, ret_frame->octets, FRAME_MAX, MSG_DONTWAIT | MSG_TRUNC);
		if (n >= 0)
			break;
		if (errno == ECONNRESET)
			return ERR_CLOSED;
		if (errno != EINTR && errno != EAGAIN)
			return ERR_SYSTEM;
	}
	if (n == 0)
		return ERR_CLOSED;
	ret_frame->len = (size_t)n < FRAME_MAX ? (size_t)n : FRAME_MAX;
	return frame_decode(ret_frame, (size_t)n);
}

enum error
frame_text(const struct frame *frame, size_t i, char *ret_text, size_t size)
{
	const struct field *f = &frame->field[i];

	if (i >= frame->n) {
		ret_text[0] = '\0';
		return ERR_OK;
	}
	if (f->len >= size || memchr(f->bytes, '\0', f->len) != NULL)
		return ERR_INPUT;
	memcpy(ret_text, f->bytes, f->len);
	ret_text[f->len] = '\0';
	return ERR_OK;
}

enum error
frame_number(
    const struct frame *frame, size_t i, unsigned max, unsigned *ret_number)
{
	const struct field *f = &frame->field[i];
	unsigned number = 0;
	size_t at;

	if (i >= frame->n || f->len == 0 || f->len > 6)
		return ERR_INPUT;
	for (at = 0; at < f->len; at++) {
		if (f->bytes[at] < '0' || f->bytes[at] > '9')
			return ERR_INPUT;
		number = number * 10 + (unsigned)(f->bytes[at] - '0');
	}
	if (number > max)
		return ERR_INPUT;
	*ret_number = number;
	return ERR_OK;
}

void
frame_wipe(struct frame *frame)
{
	size_t len = frame->len < FRAME_MAX ? frame->len : FRAME_MAX;

	explicit_bzero(frame->octets, len);
	frame->n = 0;
}
