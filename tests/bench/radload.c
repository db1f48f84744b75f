/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * radload - a RADIUS load that believes nothing: every answer's two
 * authenticators are checked, both rounds are done as a terminal does them,
 * and no socket has more than 16 requests outstanding, because identifiers
 * used again too soon make a server look worse or better than it is.
 */
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/secret.h"
#include "tests/bench/cards.h"
#include "tests/bench/gesture.h"
#include "tests/bench/latency.h"
#include "tests/bench/people.h"
#include "tests/bench/radius.h"

enum { SOCKETS = 64, OUTSTANDING = 16, IDS = 256 };

enum mode {
	MODE_LOGIN,
	MODE_APPEND,
	MODE_SECOND,
	MODE_PASSWORD,
	MODE_WRONG,
	MODE_CARD,
	MODE_FIDO2,
	MODE_START, /* accounting */
	MODE_INTERIM
};

/* A request that waits for its answer. */
struct pending {
	const struct someone *who; /* NULL: this identifier is free */
	bool second;
	int64_t started; /* of the login */
	int64_t sent;
	uint8_t authenticator[RADIUS_AUTHENTICATOR];
};

struct line {
	uint8_t next;
	int outstanding;
	struct pending pending[IDS];
};

struct tally {
	unsigned long started, done, requests;
	unsigned long accept, challenge, reject, silent, other;
	unsigned long bad, not_first, stray;
	unsigned long in_time; /* done between warm-up and end */
	struct latency login, request;
};

struct load {
	enum mode mode;
	struct radius *radius;
	struct people *people;
	size_t next;
	int64_t begin, counted, end; /* ns; end 0: by count */
	struct pollfd polls[SOCKETS];
	struct line line[SOCKETS];
	struct tally tally;
};

static char *server, *from, *secret_path, *people_path, *mode_name;
static int n_sockets = 4, n_outstanding = OUTSTANDING, count, offset;
static int timeout_ms = 10000, plain;
static double seconds, warmup, rate;

static const struct poptOption options[] = {
    {"server", 's', POPT_ARG_STRING, &server, 0, "RADIUS server on loopback",
	"HOST:PORT"},
    {"from", 'f', POPT_ARG_STRING, &from, 0,
	"the address of our own to send from: which client we are", "HOST"},
    {"secret-file", 'S', POPT_ARG_STRING, &secret_path, 0,
	"first line: the shared secret", "FILE"},
    {"people", 'u', POPT_ARG_STRING, &people_path, 0,
	"lines LOGIN PASSWORD SEED; with --mode second LOGIN STATE SEED",
	"FILE"},
    {"mode", 'm', POPT_ARG_STRING, &mode_name, 0,
	"login (both rounds), card, fido2 (both rounds, signed), append "
	"(password and "
	"code in one), second "
	"(second rounds only), password or wrong (first rounds only, people "
	"again and again), start, interim (accounting; the last again and "
	"again)",
	"MODE"},
    {"sockets", 'k', POPT_ARG_INT, &n_sockets, 0, "how many (default 4)", "N"},
    {"outstanding", 'o', POPT_ARG_INT, &n_outstanding, 0,
	"requests on the way per socket, at most and by default 16", "N"},
    {"count", 'n', POPT_ARG_INT, &count, 0, "how many logins", "N"},
    {"seconds", 't', POPT_ARG_DOUBLE, &seconds, 0, "or for how long", "S"},
    {"warmup", 'w', POPT_ARG_DOUBLE, &warmup, 0,
	"of which the first S do not count", "S"},
    {"rate", 'r', POPT_ARG_DOUBLE, &rate, 0,
	"start so many a second (default: as fast as answers come)", "N"},
    {"offset", 'O', POPT_ARG_INT, &offset, 0,
	"use the code of the step before (-1) or after (1) now's", "N"},
    {"timeout", 'T', POPT_ARG_INT, &timeout_ms, 0,
	"count as unanswered after MS (default 10000)", "MS"},
    {"plain", 0, POPT_ARG_NONE, &plain, 0,
	"do not demand Message-Authenticator of the server", NULL},
    POPT_AUTOHELP POPT_TABLEEND};

static int64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
die(const char *what)
{
	(void)fprintf(stderr, "radload: %s\n", what);
	exit(2);
}

static void
must(enum error err, const char *what)
{
	if (err == ERR_OK)
		return;
	(void)fprintf(stderr, "radload: %s: %s\n", what, error_text(err));
	exit(2);
}

/* What this person types now. */
static void
credential(const struct load *l, const struct someone *who, bool second,
    char ret_text[RADIUS_PASSWORD_MAX + 1])
{
	char code[PEOPLE_CODE] = "";
	int n;

	if (second || l->mode == MODE_APPEND)
		must(people_code(who, time(NULL), offset, code), "code");
	if (second)
		n = snprintf(ret_text, RADIUS_PASSWORD_MAX + 1, "%s", code);
	else if (l->mode == MODE_WRONG)
		n = snprintf(ret_text, RADIUS_PASSWORD_MAX + 1, "no-%zu-%s",
		    l->next, who->word);
	else
		n = snprintf(
		    ret_text, RADIUS_PASSWORD_MAX + 1, "%s%s", who->word, code);
	if (n > RADIUS_PASSWORD_MAX)
		die("a password is too long");
}

static bool
signs(const struct load *l)
{
	return l->mode == MODE_CARD || l->mode == MODE_FIDO2;
}

static bool
accounts(const struct load *l)
{
	return l->mode == MODE_START || l->mode == MODE_INTERIM;
}

/* A session has the name of its person; what it counts only grows. */
static void
account(struct load *l, struct radius_request *request, uint8_t *packet,
    size_t *ret_len)
{
	const struct radius_account a = {.id = request->id,
	    .user_name = request->user_name,
	    .session = request->user_name,
	    .status = l->mode == MODE_START ? 1 : 3,
	    .seconds = (uint32_t)(l->next / l->people->n) * 60 + 60,
	    .octets = (uint32_t)l->next};

	must(radius_encode_account(
		 l->radius, &a, packet, ret_len, request->authenticator),
	    "accounting");
}

static void
send_request(struct load *l, int socket, const struct someone *who, bool second,
    const void *state, size_t state_len, int64_t started,
    const struct radius_reply *challenge)
{
	struct line *line = &l->line[socket];
	char text[RADIUS_PASSWORD_MAX + 1];
	struct radius_request request = {.user_name = who->login,
	    .password = text,
	    .state = state,
	    .state_len = state_len};
	uint8_t extra[512];
	uint8_t packet[RADIUS_MAX];
	struct pending *p;
	size_t len;

	while (line->pending[line->next].who != NULL)
		line->next++;
	request.id = line->next++;
	if (signs(l)) {
		request.password = NULL;
		request.extra = extra;
		request.extra_len = l->mode == MODE_CARD
					? gesture_card(who, challenge, extra)
					: gesture_key(who, challenge, extra);
	} else if (!accounts(l)) {
		credential(l, who, second, text);
	}
	if (getrandom(request.authenticator, sizeof request.authenticator, 0) !=
	    sizeof request.authenticator)
		die("no randomness");
	if (accounts(l))
		account(l, &request, packet, &len);
	else
		must(radius_encode(l->radius, &request, packet, &len),
		    "request");
	p = &line->pending[request.id];
	p->who = who;
	p->second = second;
	p->sent = now_ns();
	p->started = started != 0 ? started : p->sent;
	memcpy(
	    p->authenticator, request.authenticator, sizeof p->authenticator);
	line->outstanding++;
	l->tally.requests++;
	if (send(l->polls[socket].fd, packet, len, 0) < 0 && errno != EAGAIN &&
	    errno != ENOBUFS)
		die("the server cannot be reached");
}

/* The next person, or NULL when everyone had a turn. */
static const struct someone *
next_person(struct load *l)
{
	bool again = l->mode == MODE_PASSWORD || l->mode == MODE_WRONG ||
		     l->mode == MODE_INTERIM;

	if (l->next >= l->people->n && !again)
		return NULL;
	return &l->people->someone[l->next++ % l->people->n];
}

/* When the next login may start; INT64_MAX: none any more. */
static int64_t
next_start(const struct load *l, int64_t now)
{
	bool again = l->mode == MODE_PASSWORD || l->mode == MODE_WRONG ||
		     l->mode == MODE_INTERIM;

	if ((l->end != 0 && now >= l->end) ||
	    (l->end == 0 && l->tally.started >= (unsigned long)count) ||
	    (l->next >= l->people->n && !again))
		return INT64_MAX;
	if (rate <= 0)
		return now;
	return l->begin + (int64_t)((double)l->tally.started * 1e9 / rate);
}

/* Starts what is due, evenly over the sockets. */
static void
start_due(struct load *l)
{
	int socket, full = 0;

	for (socket = 0; full < n_sockets; socket = (socket + 1) % n_sockets) {
		const struct someone *who;
		int64_t now = now_ns();

		if (l->line[socket].outstanding >= n_outstanding) {
			full++;
			continue;
		}
		full = 0;
		if (next_start(l, now) > now)
			return;
		who = next_person(l);
		if (who == NULL)
			return;
		l->tally.started++;
		if (l->mode == MODE_SECOND)
			send_request(l, socket, who, true, who->word,
			    strlen(who->word), 0, NULL);
		else
			send_request(l, socket, who, false, NULL, 0, 0, NULL);
	}
}

static void
finish(struct load *l, const struct pending *p, int64_t now)
{
	l->tally.done++;
	if (now < l->counted || (l->end != 0 && now > l->end))
		return;
	l->tally.in_time++;
	must(latency_add(&l->tally.login, now - p->started), "memory");
}

static void
take_reply(struct load *l, int socket, const uint8_t *packet, size_t len)
{
	struct line *line = &l->line[socket];
	struct tally *t = &l->tally;
	struct radius_reply reply;
	struct pending p;
	int64_t now = now_ns();

	if (len < 2 || line->pending[packet[1]].who == NULL) {
		t->stray++;
		return;
	}
	p = line->pending[packet[1]];
	if (radius_decode(l->radius, p.authenticator, packet, len, &reply) !=
		ERR_OK ||
	    !reply.authentic || (reply.ma_present && !reply.ma_authentic)) {
		t->bad++; /* as a client does: dropped, still waiting */
		return;
	}
	t->bad += !plain && !reply.ma_present;
	t->not_first += !plain && !reply.ma_first;
	line->pending[packet[1]].who = NULL;
	line->outstanding--;
	if (now >= l->counted && (l->end == 0 || now <= l->end))
		must(latency_add(&t->request, now - p.sent), "memory");
	switch (reply.code) {
	case RADIUS_ACCESS_ACCEPT:
	case RADIUS_ACCOUNTING_RESPONSE:
		t->accept++;
		break;
	case RADIUS_ACCESS_REJECT:
		t->reject++;
		break;
	case RADIUS_ACCESS_CHALLENGE:
		t->challenge++;
		if ((l->mode == MODE_LOGIN || signs(l)) && !p.second) {
			send_request(l, socket, p.who, true, reply.state,
			    reply.state_len, p.started, &reply);
			return;
		}
		break;
	default:
		t->other++;
		break;
	}
	finish(l, &p, now);
}

static void
receive_all(struct load *l, int socket)
{
	uint8_t packet[RADIUS_MAX];
	ssize_t n;

	while ((n = recv(l->polls[socket].fd, packet, sizeof packet,
		    MSG_DONTWAIT)) >= 0)
		take_reply(l, socket, packet, (size_t)n);
	if (errno == ECONNREFUSED)
		die("nobody listens there");
}

/* Gives up what was not answered. How many are still outstanding? */
static int
expire(struct load *l, int64_t now)
{
	int socket, id, left = 0;

	for (socket = 0; socket < n_sockets; socket++) {
		struct line *line = &l->line[socket];

		for (id = 0; id < IDS && line->outstanding > 0; id++) {
			struct pending *p = &line->pending[id];

			if (p->who == NULL ||
			    now - p->sent < (int64_t)timeout_ms * 1000000)
				continue;
			p->who = NULL;
			line->outstanding--;
			l->tally.silent++;
			l->tally.done++;
		}
		left += line->outstanding;
	}
	return left;
}

static void
run(struct load *l)
{
	int64_t now = now_ns(), checked = now;
	int left = 0, i;

	l->begin = now;
	l->counted = now + (int64_t)(warmup * 1e9);
	l->end = seconds > 0 ? now + (int64_t)(seconds * 1e9) : 0;
	do {
		struct timespec pause = {0, 20000000};
		int64_t due;

		start_due(l);
		now = now_ns();
		due = next_start(l, now);
		if (due > now && due - now < pause.tv_nsec)
			pause.tv_nsec = (long)(due - now);
		if (ppoll(l->polls, (nfds_t)n_sockets, &pause, NULL) > 0) {
			for (i = 0; i < n_sockets; i++) {
				if (l->polls[i].revents != 0)
					receive_all(l, i);
			}
		}
		now = now_ns();
		if (now - checked > 50000000) {
			left = expire(l, now);
			checked = now;
		} else {
			for (left = i = 0; i < n_sockets; i++)
				left += l->line[i].outstanding;
		}
	} while (left > 0 || next_start(l, now) != INT64_MAX);
	if (l->end == 0)
		l->end = now;
}

static void
print_times(const char *name, struct latency *times)
{
	(void)printf("\"%s_ms\": {\"p50\": %.3f, \"p95\": %.3f, \"p99\": %.3f, "
		     "\"max\": %.3f}, ",
	    name, latency_percentile(times, 50), latency_percentile(times, 95),
	    latency_percentile(times, 99), latency_percentile(times, 100));
}

static void
print(struct load *l)
{
	struct tally *t = &l->tally;
	double span = (double)(l->end - l->counted) / 1e9;

	(void)printf("{\"mode\": \"%s\", \"seconds\": %.3f, \"started\": %lu, "
		     "\"done\": %lu, \"requests\": %lu, \"counted\": %lu, "
		     "\"per_second\": %.2f, ",
	    mode_name, span, t->started, t->done, t->requests, t->in_time,
	    span > 0 ? (double)t->in_time / span : 0);
	print_times("latency", &t->login);
	print_times("request", &t->request);
	(void)printf("\"outcomes\": {\"accept\": %lu, \"challenge\": %lu, "
		     "\"reject\": %lu, \"silent\": %lu, \"other\": %lu}, "
		     "\"bad_authenticators\": %lu, \"not_first\": %lu, "
		     "\"stray\": %lu}\n",
	    t->accept, t->challenge, t->reject, t->silent, t->other, t->bad,
	    t->not_first, t->stray);
}

static void
bind_to(int fd, const struct addrinfo *hints)
{
	struct addrinfo *found = NULL;

	if (getaddrinfo(from, NULL, hints, &found) != 0 ||
	    bind(fd, found->ai_addr, found->ai_addrlen) != 0)
		die("--from HOST, being an address of this machine");
	freeaddrinfo(found);
}

static int
connected(void)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
	const int size = 1 << 20;
	struct addrinfo *found = NULL;
	char host[64] = "", *port = strrchr(server, ':');
	int fd;

	if (port == NULL || (size_t)(port - server) >= sizeof host)
		die("--server HOST:PORT, HOST being an address");
	memcpy(host, server, (size_t)(port - server));
	if (getaddrinfo(host, port + 1, &hints, &found) != 0)
		die("--server HOST:PORT, HOST being an address");
	fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && from != NULL)
		bind_to(fd, &hints);
	if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0)
		die("cannot open a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	freeaddrinfo(found);
	return fd;
}

static enum mode
mode_from_text(const char *text)
{
	static const char *const names[] = {"login", "append", "second",
	    "password", "wrong", "card", "fido2", "start", "interim"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(names[i], text) == 0)
			return (enum mode)i;
	}
	die("--mode: see --help");
	return MODE_LOGIN;
}

static void
load_secret(struct load *l)
{
	struct secret *secret = NULL;

	must(secret_read_file(secret_path, 256, &secret), secret_path);
	while (secret->len > 0 && secret->bytes[secret->len - 1] == '\n')
		secret->len--;
	must(radius_new(secret->bytes, secret->len, &l->radius), "secret");
	secret_free(&secret);
}

int
main(int argc, const char **argv)
{
	static struct load l;
	poptContext popt = poptGetContext(NULL, argc, argv, options, 0);
	int rc = poptGetNextOpt(popt), i;
	bool sound;
	size_t at;

	(void)poptFreeContext(popt);
	if (rc < -1 || server == NULL || secret_path == NULL ||
	    people_path == NULL || mode_name == NULL)
		die("see --help");
	if (n_sockets < 1 || n_sockets > SOCKETS || n_outstanding < 1 ||
	    n_outstanding > OUTSTANDING || timeout_ms < 1)
		die("--sockets 1 to 64, --outstanding 1 to 16 per socket");
	if ((count > 0) == (seconds > 0) || seconds < 0 || seconds > 600 ||
	    !isfinite(rate) || warmup < 0 || (seconds > 0 && warmup >= seconds))
		die("either --count or --seconds (up to 600)");
	l.mode = mode_from_text(mode_name);
	load_secret(&l);
	must(people_read(people_path, &l.people), people_path);
	/* Cards are in people's pockets before the load begins. */
	for (at = 0; signs(&l) && at < l.people->n; at++)
		must(card_new(l.people->someone[at].login,
			 (struct card **)&l.people->someone[at].card),
		    "card");
	for (i = 0; i < n_sockets; i++)
		l.polls[i] = (struct pollfd){
		    .fd = connected(), .events = POLLIN, .revents = 0};
	run(&l);
	print(&l);
	sound = l.tally.bad == 0 && l.tally.not_first == 0;
	for (i = 0; i < n_sockets; i++)
		(void)close(l.polls[i].fd);
	latency_clear(&l.tally.login);
	latency_clear(&l.tally.request);
	for (at = 0; signs(&l) && at < l.people->n; at++)
		card_free((struct card **)&l.people->someone[at].card);
	people_free(&l.people);
	radius_free(&l.radius);
	free(server);
	free(secret_path);
	free(people_path);
	free(mode_name);
	return sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
