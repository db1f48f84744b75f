/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/card.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/base/hex.h"

enum { RETRY_MS = 50, PREFIX = 2, IN_MAX = PREFIX + APDU_MAX };

/* vpcd's messages of one octet */
enum { VPCD_OFF = 0, VPCD_ON = 1, VPCD_RESET = 2, VPCD_ATR = 4 };

struct card {
	struct applet applet;
	const char *host;
	FILE *log;
	struct faults faults;
	struct talk talk;
	int fd, port;
	bool wanted; /* in a reader, connected or not yet */
	bool powered;
	int64_t left_at;   /* ms; when it was last taken out, 0: never */
	int64_t retry_at;  /* ms; when to connect again */
	int64_t answer_at; /* ms; when a slow answer leaves; 0: none waits */
	size_t in_len, out_len;
	bool leave_after; /* the answer that waits */
	unsigned long commands, signatures, resets;
	uint8_t in[IN_MAX], out[IN_MAX];
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

enum error
card_new(const struct applet *applet, const char *host, FILE *log,
    struct card **ret_card)
{
	struct card *card = calloc(1, sizeof *card);

	if (card == NULL)
		return ERR_NOMEM;
	card->applet = *applet;
	card->host = host;
	card->log = log;
	card->fd = -1;
	talk_reset(&card->talk);
	*ret_card = card;
	return ERR_OK;
}

void
card_free(struct card **card)
{
	if (card == NULL || *card == NULL)
		return;
	card_remove(*card);
	(*card)->applet.free((*card)->applet.self);
	free(*card);
	*card = NULL;
}

static void
hang_up(struct card *card)
{
	if (card->fd >= 0)
		(void)close(card->fd);
	card->fd = -1;
	card->powered = false;
	card->in_len = card->out_len = 0;
	card->answer_at = 0;
	card->retry_at = now_ms() + RETRY_MS;
}

void
card_insert(struct card *card, int port)
{
	if (card->wanted && card->port != port)
		card_remove(card);
	card->port = port;
	card->wanted = true;
	if (card->fd < 0)
		card->retry_at = now_ms();
}

void
card_remove(struct card *card)
{
	if (card->wanted)
		card->left_at = now_ms();
	card->wanted = false;
	hang_up(card);
}

struct faults *
card_faults(struct card *card)
{
	return &card->faults;
}

char *
card_counters(struct card *card)
{
	json_t *o = json_object();
	char *text;

	(void)json_object_set_new(o, "kind", json_string(card->applet.kind));
	(void)json_object_set_new(o, "inserted", json_boolean(card->wanted));
	(void)json_object_set_new(o, "powered", json_boolean(card->powered));
	(void)json_object_set_new(o, "away_ms",
	    json_integer(card->wanted || card->left_at == 0
			     ? (json_int_t)-1
			     : (json_int_t)(now_ms() - card->left_at)));
	(void)json_object_set_new(
	    o, "apdus", json_integer((json_int_t)card->commands));
	(void)json_object_set_new(
	    o, "signatures", json_integer((json_int_t)card->signatures));
	(void)json_object_set_new(
	    o, "resets", json_integer((json_int_t)card->resets));
	card->applet.count(card->applet.self, o);
	text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(o);
	return text;
}

/*
 * vpcd writes length and message apart, and its TCP holds the second back
 * until the first is acknowledged: 40 ms a command if we take our time.
 */
static void
quick(const struct card *card)
{
	const int one = 1;

	(void)setsockopt(card->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
}

static void
try_connect(struct card *card)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)card->port)};
	const int one = 1;

	card->retry_at = now_ms() + RETRY_MS;
	if (inet_pton(AF_INET, card->host, &to.sin_addr) != 1)
		return;
	card->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (card->fd < 0)
		return;
	if (connect(card->fd, (struct sockaddr *)&to, sizeof to) != 0) {
		hang_up(card);
		return;
	}
	(void)setsockopt(card->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	quick(card);
}

/* Writes a command and its answer down, but not what it keeps secret. */
static void
write_down(struct card *card, const char *what, const uint8_t *bytes,
    size_t len, size_t shown)
{
	char hex[2 * APDU_DATA_MAX + 1];
	size_t n = len < shown ? len : shown;

	if (card->log == NULL)
		return;
	if (n > APDU_DATA_MAX)
		n = APDU_DATA_MAX;
	hex_encode(bytes, n, hex);
	(void)fprintf(card->log, "%s %s%s\n", what, hex, n < len ? "..." : "");
	(void)fflush(card->log);
}

static size_t
shown_of(const struct apdu *apdu)
{
	switch (apdu->ins) {
	case 0x20: /* PINs and management keys */
	case 0x24:
	case 0x2c:
	case 0xff:
		return 5;
	default:
		return SIZE_MAX;
	}
}

static bool
fault_sw(struct card *card, const struct apdu *apdu, uint16_t *ret_sw)
{
	struct fault_sw *f;

	for (f = card->faults.sw; f < card->faults.sw + FAULT_SW; f++) {
		if (f->left > 0 && f->ins == apdu->ins) {
			f->left--;
			*ret_sw = f->sw;
			return true;
		}
	}
	return false;
}

/* A whole command: the applet answers it, or a fault in its place. */
static void
perform(struct card *card, const struct apdu *apdu)
{
	struct talk *talk = &card->talk;
	struct reply *reply = &talk->reply;

	reply->data = (struct buf){reply->bytes, sizeof reply->bytes, 0, false};
	reply->has_signature = false;
	talk->given = 0;
	if (fault_sw(card, apdu, &talk->sw))
		return;
	talk->sw = card->applet.run(card->applet.self, apdu, reply);
	if (reply->data.failed) {
		reply->data.len = 0;
		talk->sw = SW_FAILURE;
	}
	if (!reply->has_signature || talk->sw != SW_OK)
		return;
	card->signatures++;
	if (card->faults.flips > 0) {
		card->faults.flips--;
		reply->bytes[reply->data.len - 1] ^= 1;
	}
}

/* Leaves the answer in out; true if the card goes without giving it. */
static bool
command(struct card *card, const uint8_t *bytes, size_t len)
{
	struct faults *faults = &card->faults;
	struct talk *talk = &card->talk;
	struct apdu part = {.le = 256}, whole;
	bool now = faults->remove_at == 1;
	uint16_t sw = SW_LENGTH;

	card->commands++;
	if (faults->remove_at > 0)
		faults->remove_at--;
	if (apdu_parse(bytes, len, &part) != ERR_OK) {
		talk->reply.data.len = talk->given = 0;
		talk->sw = SW_LENGTH;
		goto give;
	}
	write_down(card, ">", bytes, len, shown_of(&part));
	if (part.ins == 0xc0) { /* GET RESPONSE */
		/* also by a fault, which can say for ever that more follows */
		if (talk->given == talk->reply.data.len &&
		    !fault_sw(card, &part, &talk->sw))
			talk->sw = SW_CONDITIONS;
		goto give;
	}
	switch (talk_take(talk, &part, &whole, &sw)) {
	case ERR_OK:
		if (faults->remove_in_signature &&
		    card->applet.signs(card->applet.self, &whole)) {
			faults->remove_in_signature = false;
			return true;
		}
		perform(card, &whole);
		break;
	case ERR_BUSY:
		talk->reply.data.len = talk->given = 0;
		talk->sw = SW_OK;
		break;
	default:
		talk->reply.data.len = talk->given = 0;
		talk->sw = sw;
		break;
	}
give:
	card->out_len = talk_give(talk, part.le, card->out + PREFIX);
	write_down(card, "<", card->out + PREFIX, card->out_len, SIZE_MAX);
	card->leave_after = now && !faults->remove_before;
	return now && faults->remove_before;
}

static void
send_answer(struct card *card)
{
	size_t len = card->out_len;
	bool leave = card->leave_after;

	card->out[0] = (uint8_t)(len >> 8);
	card->out[1] = (uint8_t)len;
	card->answer_at = 0;
	card->out_len = 0;
	card->leave_after = false;
	if (send(card->fd, card->out, PREFIX + len, MSG_NOSIGNAL) !=
	    (ssize_t)(PREFIX + len))
		hang_up(card);
	else if (leave)
		card_remove(card);
}

static void
power(struct card *card, uint8_t what)
{
	switch (what) {
	case VPCD_ON:
	case VPCD_RESET:
		card->resets++;
		card->powered = true;
		talk_reset(&card->talk);
		card->applet.reset(card->applet.self);
		write_down(card, "reset", NULL, 0, 0);
		break;
	case VPCD_OFF:
		card->powered = false;
		talk_reset(&card->talk);
		card->applet.reset(card->applet.self);
		break;
	case VPCD_ATR:
		memcpy(
		    card->out + PREFIX, card->applet.atr, card->applet.atr_len);
		card->out_len = card->applet.atr_len;
		send_answer(card);
		break;
	default:
		break;
	}
}

static void
message(struct card *card, const uint8_t *bytes, size_t len)
{
	if (len == 1) {
		power(card, bytes[0]);
	} else if (len > 1) {
		if (command(card, bytes, len))
			card_remove(card);
		else if (card->faults.slow_ms > 0)
			card->answer_at = now_ms() + card->faults.slow_ms;
		else
			send_answer(card);
	}
}

int
card_fd(const struct card *card)
{
	return card->fd;
}

int
card_timeout(const struct card *card)
{
	int64_t at = card->fd >= 0 ? card->answer_at : card->retry_at;
	int64_t left = at - now_ms();

	if (card->fd < 0 ? !card->wanted : at == 0)
		return -1;
	return left < 0 ? 0 : (int)left;
}

void
card_work(struct card *card, bool readable)
{
	size_t len;
	ssize_t n;

	if (card->fd < 0) {
		if (card->wanted && now_ms() >= card->retry_at)
			try_connect(card);
		return;
	}
	if (card->answer_at != 0 && now_ms() >= card->answer_at)
		send_answer(card);
	if (!readable || card->fd < 0)
		return;
	n = recv(card->fd, card->in + card->in_len, IN_MAX - card->in_len,
	    MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* the reader is gone; the card still lies in it */
		hang_up(card);
		return;
	}
	quick(card);
	card->in_len += (size_t)n;
	while (card->fd >= 0 && card->in_len >= PREFIX) {
		len = (size_t)card->in[0] << 8 | card->in[1];
		if (card->in_len < PREFIX + len)
			break;
		message(card, card->in + PREFIX, len);
		if (card->fd < 0)
			break;
		card->in_len -= PREFIX + len;
		memmove(card->in, card->in + PREFIX + len, card->in_len);
	}
}
