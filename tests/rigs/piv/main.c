/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtual-card - a smart card for tests: a real reader's driver (vsmartcard's
 * vpcd) at one end, and at the other a socket to insert it, take it out, and
 * make it do wrong.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <popt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/rigs/piv/badge.h"
#include "tests/rigs/piv/card.h"
#include "tests/rigs/piv/jpki.h"
#include "tests/rigs/piv/piv.h"

enum { WORDS_MAX = 8, REQUEST_MAX = 512 };

static char *host, *state_path, *kind, *control_path, *log_path, *fault_text;
static char *pin, *puk, *mgm, *mgm_alg, *sign_pin, *ca_path, *number;
static int port = 35963, create, insert, standard_only;

static const struct poptOption options[] = {
    {"state", 's', POPT_ARG_STRING, &state_path, 0, "the card's memory",
	"FILE"},
    {"create", 'c', POPT_ARG_NONE, &create, 0,
	"make a new card there and end, unless there is more to do", NULL},
    {"kind", 'k', POPT_ARG_STRING, &kind, 0,
	"of a new card: piv (the default), jpki or badge", "KIND"},
    {"pin", 0, POPT_ARG_STRING, &pin, 0, "of a new card (123456; jpki: 1234)",
	"PIN"},
    {"sign-pin", 0, POPT_ARG_STRING, &sign_pin, 0,
	"of a new jpki card, for signing (ABC123)", "PIN"},
    {"puk", 0, POPT_ARG_STRING, &puk, 0, "of a new card (12345678)", "PUK"},
    {"mgm", 0, POPT_ARG_STRING, &mgm, 0,
	"management key of a new card (the well-known one)", "HEX"},
    {"mgm-alg", 0, POPT_ARG_STRING, &mgm_alg, 0,
	"of that key: 3des (the default), aes128, aes192, aes256", "ALGORITHM"},
    {"number", 0, POPT_ARG_STRING, &number, 0,
	"of a new badge (012e4c119a0733f0)", "HEX"},
    {"standard-only", 0, POPT_ARG_NONE, &standard_only, 0,
	"a new card without the vendor's instructions", NULL},
    {"ca", 0, POPT_ARG_STRING, &ca_path, 0,
	"key and certificate, made if missing: issues a new jpki card's "
	"certificates, or certifies the attestation key of a new piv card",
	"FILE"},
    {"host", 0, POPT_ARG_STRING, &host, 0, "where vpcd listens (127.0.0.1)",
	"ADDRESS"},
    {"port", 'p', POPT_ARG_INT, &port, 0, "and its port (35963)", "PORT"},
    {"insert", 'i', POPT_ARG_NONE, &insert, 0, "insert it at once", NULL},
    {"control", 0, POPT_ARG_STRING, &control_path, 0,
	"listen for commands: insert [PORT], remove, fault ..., counters, "
	"quit",
	"SOCKET"},
    {"fault", 'f', POPT_ARG_STRING, &fault_text, 0,
	"a fault from the start: see 'fault help'", "WORDS"},
    {"apdu-log", 0, POPT_ARG_STRING, &log_path, 0,
	"write commands and answers down, without PINs and keys", "FILE"},
    POPT_AUTOHELP POPT_TABLEEND};

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	(void)fprintf(stderr, "virtual-card: %s: %s\n", what, why);
	exit(2);
}

static void
must(enum error err, const char *what)
{
	if (err != ERR_OK)
		die(what,
		    err == ERR_SYSTEM ? strerror(errno) : error_text(err));
}

static enum error
fault_words(struct card *card, char *text)
{
	const char *words[WORDS_MAX];
	char *rest, *word;
	size_t n = 0;

	for (word = strtok_r(text, " \n", &rest); word != NULL && n < WORDS_MAX;
	     word = strtok_r(NULL, " \n", &rest))
		words[n++] = word;
	return word == NULL ? fault_set(card_faults(card), words, n)
			    : ERR_INPUT;
}

/* One request, one answer; false to end. */
static bool
obey(struct card *card, char *request, char *answer, size_t cap)
{
	int to = port;
	char *counters;
	char more;

	(void)snprintf(answer, cap, "ok");
	if (strcmp(request, "insert") == 0) {
		card_insert(card, port);
	} else if (sscanf(request, "insert %d%c", &to, &more) == 1 && to > 0 &&
		   to < 65536) {
		card_insert(card, to);
	} else if (strcmp(request, "remove") == 0) {
		card_remove(card);
	} else if (strcmp(request, "counters") == 0) {
		counters = card_counters(card);
		(void)snprintf(answer, cap, "ok %s", counters ? counters : "");
		free(counters);
	} else if (strncmp(request, "fault ", 6) == 0) {
		if (fault_words(card, request + 6) != ERR_OK)
			(void)snprintf(
			    answer, cap, "error: fault: %s", fault_help);
	} else if (strcmp(request, "quit") == 0) {
		return false;
	} else {
		(void)snprintf(answer, cap,
		    "error: insert [PORT], remove, fault ..., counters, quit");
	}
	return true;
}

static int
listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof at.sun_path)
		die(path, "too long for a socket");
	memcpy(at.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	(void)unlink(path);
	(void)umask(0077);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
	    listen(fd, 8) != 0)
		die(path, strerror(errno));
	return fd;
}

static bool
serve(struct card *card, int control)
{
	static const struct timeval second = {.tv_sec = 1};
	char request[REQUEST_MAX], answer[REQUEST_MAX];
	int fd = accept4(control, NULL, NULL, SOCK_CLOEXEC);
	bool on = true;
	ssize_t n;

	if (fd < 0)
		return true;
	/* who connects and says nothing must not hold the card up */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
	n = recv(fd, request, sizeof request - 1, 0);
	if (n > 0) {
		request[n] = '\0';
		on = obey(card, request, answer, sizeof answer);
		(void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	}
	(void)close(fd);
	return on;
}

static void
loop(struct card *card, int control)
{
	struct pollfd fds[2];
	bool on = true;

	while (on) {
		fds[0] = (struct pollfd){.fd = control, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = card_fd(card), .events = POLLIN};
		if (poll(fds, 2, card_timeout(card)) < 0 && errno != EINTR)
			die("poll", strerror(errno));
		card_work(card, fds[1].revents != 0);
		if (fds[0].revents != 0)
			on = serve(card, control);
	}
}

/* False: none is wanted. */
static bool
open_ca(bool needed, struct authority *ret_ca)
{
	enum error err = ERR_NOTFOUND;

	if (ca_path == NULL && !needed)
		return false;
	if (ca_path != NULL)
		err = authority_load(ca_path, ret_ca);
	if (err == ERR_NOTFOUND) {
		must(authority_new("Virtual card CA", ret_ca), "CA");
		err =
		    ca_path != NULL ? authority_save(ret_ca, ca_path) : ERR_OK;
	}
	must(err, ca_path);
	return true;
}

static uint8_t
algorithm(void)
{
	static const struct {
		const char *name;
		uint8_t alg;
	} known[] = {{"3des", KEY_3DES}, {"aes128", KEY_AES128},
	    {"aes192", KEY_AES192}, {"aes256", KEY_AES256}};
	size_t i;

	if (mgm_alg == NULL)
		return KEY_3DES;
	for (i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(known[i].name, mgm_alg) == 0)
			return known[i].alg;
	}
	die(mgm_alg, "no such algorithm");
}

static enum error
make(struct state *state)
{
	bool jpki = kind != NULL && strcmp(kind, "jpki") == 0;
	struct authority ca = {0};
	bool has_ca;
	enum error err;

	if (kind != NULL && strcmp(kind, "badge") == 0) {
		err = state_put_text(state, "card", "kind", kind);
		if (err == ERR_OK)
			err = badge_create(state, number);
		return err == ERR_OK ? state_save(state) : err;
	}
	if (kind != NULL && !jpki && strcmp(kind, "piv") != 0)
		die(kind, "no such kind of card (piv, jpki or badge)");
	has_ca = open_ca(jpki, &ca);
	err = state_put_text(state, "card", "kind", jpki ? "jpki" : "piv");
	if (err == ERR_OK && jpki)
		err = jpki_create(
		    state, &(const struct jpki_options){
			       .pin = pin, .sign_pin = sign_pin, .ca = &ca});
	else if (err == ERR_OK)
		err =
		    piv_create(state, &(const struct piv_options){.pin = pin,
					  .puk = puk,
					  .mgm = mgm,
					  .mgm_alg = algorithm(),
					  .extensions = !standard_only,
					  .attestation = has_ca ? &ca : NULL});
	authority_clear(&ca);
	return err == ERR_OK ? state_save(state) : err;
}

static enum error
open_applet(struct state *state, struct applet *ret_applet)
{
	const char *is = state_text(state, "card", "kind");

	if (is != NULL && strcmp(is, "piv") == 0)
		return piv_open(state, ret_applet);
	if (is != NULL && strcmp(is, "jpki") == 0)
		return jpki_open(state, ret_applet);
	if (is != NULL && strcmp(is, "badge") == 0)
		return badge_open(state, ret_applet);
	return ERR_INPUT;
}

int
main(int argc, const char **argv)
{
	poptContext popt =
	    poptGetContext("virtual-card", argc, argv, options, 0);
	struct state *state = NULL;
	struct card *card = NULL;
	struct applet applet;
	FILE *log = NULL;
	int rc, control = -1;

	rc = poptGetNextOpt(popt);
	if (rc < -1)
		die(poptBadOption(popt, 0), poptStrerror(rc));
	if (poptPeekArg(popt) != NULL)
		die(poptPeekArg(popt), "not understood");
	if (state_path == NULL)
		die("--state", "missing");
	if (port < 1 || port > 65535)
		die("--port", "from 1 to 65535");
	if (host != NULL && inet_pton(AF_INET, host, &(struct in_addr){0}) != 1)
		die("--host", "not an IPv4 address");
	if (create && access(state_path, F_OK) == 0)
		die(state_path, "there is a card already");
	if (create) {
		must(state_new(state_path, &state), "state");
		must(make(state), "a card of these options");
	} else {
		must(state_load(state_path, &state), state_path);
	}
	must(open_applet(state, &applet), state_path);
	if (log_path != NULL && (log = fopen(log_path, "ae")) == NULL)
		die(log_path, strerror(errno));
	must(card_new(&applet, host ? host : "127.0.0.1", log, &card), "card");
	if (fault_text != NULL && fault_words(card, fault_text) != ERR_OK)
		die("--fault", fault_help);
	(void)signal(SIGPIPE, SIG_IGN);
	if (insert)
		card_insert(card, port);
	if (control_path != NULL)
		control = listen_at(control_path);
	if (insert || control >= 0)
		loop(card, control);
	if (control >= 0)
		(void)unlink(control_path);
	card_free(&card);
	state_free(&state);
	if (log != NULL)
		(void)fclose(log);
	(void)poptFreeContext(popt);
	return 0;
}
