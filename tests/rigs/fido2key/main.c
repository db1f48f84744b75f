/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fido2key - a FIDO2 key for tests: at one end a socket that libfido2 speaks
 * CTAPHID to, at the other one to touch it, pull it out, and make it do wrong.
 */
#include <errno.h>
#include <popt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/hex.h"
#include "tests/rigs/fido2key/hid.h"

enum { WORDS_MAX = 8, REQUEST_MAX = 512, ANSWER_MAX = 1400, COSE_MAX = 128 };

static char *socket_path, *state_path, *control_path, *touch, *fault_text;
static char *uv, *pin, *alg, *attestation, *aaguid, *protocols, *ca_path;
static int touch_ms, id_len, syncable, no_counter, create, absent;

static const struct poptOption options[] = {
    {"socket", 's', POPT_ARG_STRING, &socket_path, 0,
	"where libfido2 finds the key", "PATH"},
    {"state", 0, POPT_ARG_STRING, &state_path, 0,
	"the key's memory; a new key if there is none", "FILE"},
    {"create", 'c', POPT_ARG_NONE, &create, 0, "make a new key there and end",
	NULL},
    {"uv", 0, POPT_ARG_STRING, &uv, 0,
	"of a new key, how it knows its user: pin (the default), "
	"fingerprint (and PIN) or none",
	"KIND"},
    {"pin", 0, POPT_ARG_STRING, &pin, 0, "of a new key (none is set)", "PIN"},
    {"alg", 0, POPT_ARG_STRING, &alg, 0, "of a new key: es256 or eddsa (both)",
	"ALGORITHM"},
    {"attestation", 0, POPT_ARG_STRING, &attestation, 0,
	"of a new key: self (the default), x5c (with --ca) or none", "KIND"},
    {"ca", 0, POPT_ARG_STRING, &ca_path, 0,
	"the maker's key and certificate, made if missing", "FILE"},
    {"aaguid", 0, POPT_ARG_STRING, &aaguid, 0, "of a new key", "HEX"},
    {"pin-protocols", 0, POPT_ARG_STRING, &protocols, 0,
	"of a new key, in the order of its liking (21)", "DIGITS"},
    {"id-length", 0, POPT_ARG_INT, &id_len, 0,
	"octets of a new key's credential ids (64)", "N"},
    {"syncable", 0, POPT_ARG_NONE, &syncable, 0,
	"a new key whose credentials can be copied (BE, BS)", NULL},
    {"no-counter", 0, POPT_ARG_NONE, &no_counter, 0,
	"a new key whose counter stays at zero", NULL},
    {"touch-ms", 0, POPT_ARG_INT, &touch_ms, 0,
	"it is touched so long after it began to blink (0)", "MS"},
    {"touch", 0, POPT_ARG_STRING, &touch, 0,
	"\"never\": only when the control socket says so", "WHEN"},
    {"absent", 0, POPT_ARG_NONE, &absent, 0, "not plugged in yet", NULL},
    {"control", 0, POPT_ARG_STRING, &control_path, 0,
	"listen for commands: insert, remove, touch [MS|never], fault ..., "
	"credential RP USER, counters, quit",
	"SOCKET"},
    {"fault", 'f', POPT_ARG_STRING, &fault_text, 0,
	"a fault from the start: NAME or NAME=N; see 'fault help'", "FAULT"},
    POPT_AUTOHELP POPT_TABLEEND};

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	(void)fprintf(stderr, "fido2key: %s: %s\n", what, why);
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
fault_words(struct key *key, char *text)
{
	const char *words[WORDS_MAX];
	char *rest, *word;
	size_t n = 0;
	enum error err;

	for (word = strtok_r(text, " =\n", &rest);
	     word != NULL && n < WORDS_MAX;
	     word = strtok_r(NULL, " =\n", &rest))
		words[n++] = word;
	if (n == 1 && strcmp(words[0], "blocked") == 0) {
		err = state_put_number(key->state, "pin", "retries", 0);
		return err == ERR_OK ? state_save(key->state) : err;
	}
	return fault_set(&key->faults, words, n);
}

static void
count(const struct key *key, const struct hid *hid, char *answer, size_t cap)
{
	(void)snprintf(answer, cap,
	    "ok {\"inserted\": %s, \"blinks\": %s, \"signatures\": %lu, "
	    "\"touches\": %lu, \"pins\": %lu, \"retries\": %d, "
	    "\"cancels\": %lu, \"messages\": %lu}",
	    hid_inserted(hid) ? "true" : "false",
	    hid_blinks(hid) ? "true" : "false", key->signatures, key->touches,
	    key->pins, state_number(key->state, "pin", "retries", 8),
	    hid_cancels(hid), hid_messages(hid));
}

/* A credential without a ceremony, for tests that begin after one. */
static enum error
enrol(struct key *key, const char *words, char *answer, size_t cap)
{
	struct credential c = {.alg = ALG_ES256};
	uint8_t cose[COSE_MAX];
	struct buf buf = {cose, sizeof cose, 0, false};
	char user[2 * sizeof c.user + 1], id[2 * KEY_ID_MAX + 1];
	char hex[2 * COSE_MAX + 1];
	const char *alg_of = state_text(key->state, "key", "alg");
	EVP_PKEY *pair = NULL;
	enum error err = ERR_CRYPTO;

	if (alg_of != NULL && strcmp(alg_of, "eddsa") == 0)
		c.alg = ALG_EDDSA;
	if (sscanf(words, "%255s %128s", c.rp, user) != 2 ||
	    hex_decode(user, strlen(user), c.user, sizeof c.user,
		&c.user_len) != ERR_OK)
		return ERR_INPUT;
	c.syncable = state_number(key->state, "key", "syncable", 0) != 0;
	if (credential_new(key, &c, &pair) == CTAP_OK &&
	    credential_public(c.alg, pair, &buf) == CTAP_OK) {
		hex_encode(c.id, c.id_len, id);
		hex_encode(buf.bytes, buf.len, hex);
		(void)snprintf(answer, cap,
		    "ok {\"id\": \"%s\", \"alg\": %d, \"cose\": \"%s\"}", id,
		    c.alg, hex);
		err = ERR_OK;
	}
	EVP_PKEY_free(pair);
	return err;
}

/* One request, one answer; false to end. */
static bool
obey(struct hid *hid, struct key *key, char *request, char *answer, size_t cap)
{
	int ms;
	char more;

	(void)snprintf(answer, cap, "ok");
	if (strcmp(request, "insert") == 0) {
		if (hid_insert(hid) != ERR_OK)
			(void)snprintf(
			    answer, cap, "error: %s", strerror(errno));
	} else if (strcmp(request, "remove") == 0) {
		hid_remove(hid);
	} else if (strcmp(request, "touch") == 0) {
		hid_touch(hid);
	} else if (strcmp(request, "touch never") == 0) {
		hid_touch_after(hid, -1);
	} else if (sscanf(request, "touch %d%c", &ms, &more) == 1 && ms >= 0) {
		hid_touch_after(hid, ms);
	} else if (strncmp(request, "credential ", 11) == 0) {
		if (enrol(key, request + 11, answer, cap) != ERR_OK)
			(void)snprintf(
			    answer, cap, "error: credential RP USER");
	} else if (strcmp(request, "counters") == 0) {
		count(key, hid, answer, cap);
	} else if (strncmp(request, "fault ", 6) == 0) {
		if (fault_words(key, request + 6) != ERR_OK)
			(void)snprintf(
			    answer, cap, "error: fault: %s", fault_help());
	} else if (strcmp(request, "quit") == 0) {
		return false;
	} else {
		(void)snprintf(answer, cap,
		    "error: insert, remove, touch [MS|never], fault ..., "
		    "credential RP USER, counters, quit");
	}
	return true;
}

static int
listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	mode_t before = umask(0077);
	int fd;

	if (strlen(path) >= sizeof at.sun_path)
		die(path, "too long for a socket");
	(void)stpcpy(at.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	(void)unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
	    listen(fd, 8) != 0)
		die(path, strerror(errno));
	(void)umask(before);
	return fd;
}

static bool
serve(struct hid *hid, struct key *key, int control)
{
	static const struct timeval second = {.tv_sec = 1};
	char request[REQUEST_MAX], answer[ANSWER_MAX];
	int fd = accept4(control, NULL, NULL, SOCK_CLOEXEC);
	bool on = true;
	ssize_t n;

	if (fd < 0)
		return true;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
	n = recv(fd, request, sizeof request - 1, 0);
	if (n > 0) {
		request[n] = '\0';
		on = obey(hid, key, request, answer, sizeof answer);
		(void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	}
	(void)close(fd);
	return on;
}

static void
loop(struct hid *hid, struct key *key, int control)
{
	struct pollfd fds[1 + HID_POLLS];
	bool on = true;
	size_t n;

	while (on) {
		fds[0] = (struct pollfd){.fd = control, .events = POLLIN};
		n = hid_polls(hid, fds + 1);
		if (poll(fds, 1 + n, hid_timeout(hid)) < 0) {
			if (errno == EINTR)
				continue;
			die("poll", strerror(errno));
		}
		hid_work(hid, fds + 1, n);
		if (fds[0].revents != 0)
			on = serve(hid, key, control);
	}
}

static void
check_words(void)
{
	if (uv != NULL && strcmp(uv, "pin") != 0 &&
	    strcmp(uv, "fingerprint") != 0 && strcmp(uv, "none") != 0)
		die(uv, "no such kind (pin, fingerprint or none)");
	if (alg != NULL && strcmp(alg, "es256") != 0 &&
	    strcmp(alg, "eddsa") != 0)
		die(alg, "no such algorithm (es256 or eddsa)");
	if (attestation != NULL && strcmp(attestation, "self") != 0 &&
	    strcmp(attestation, "x5c") != 0 && strcmp(attestation, "none") != 0)
		die(attestation, "no such kind (self, x5c or none)");
	if (protocols != NULL &&
	    (protocols[0] == '\0' || strlen(protocols) > 2 ||
		protocols[strspn(protocols, "12")] != '\0'))
		die(protocols, "not of the digits 1 and 2");
	if (touch != NULL && strcmp(touch, "never") != 0)
		die(touch, "not understood");
	if (state_path == NULL)
		die("--state", "missing");
	if (socket_path == NULL && !create)
		die("--socket", "missing");
}

int
main(int argc, const char **argv)
{
	poptContext popt = poptGetContext("fido2key", argc, argv, options, 0);
	struct hid *hid = NULL;
	struct key key;
	int rc, control = -1;

	rc = poptGetNextOpt(popt);
	if (rc < -1)
		die(poptBadOption(popt, 0), poptStrerror(rc));
	if (poptPeekArg(popt) != NULL)
		die(poptPeekArg(popt), "not understood");
	check_words();
	if (create && access(state_path, F_OK) == 0)
		die(state_path, "there is a key already");
	if (access(state_path, F_OK) != 0)
		must(
		    key_create(state_path, &(const struct key_options){.uv = uv,
					       .pin = pin,
					       .alg = alg,
					       .attestation = attestation,
					       .aaguid = aaguid,
					       .protocols = protocols,
					       .id_len = id_len,
					       .syncable = syncable != 0,
					       .no_counter = no_counter != 0}),
		    "a key of these options");
	(void)poptFreeContext(popt);
	if (create)
		return 0;
	must(key_open(state_path, &key), state_path);
	key.attestation_ca = ca_path;
	if (fault_text != NULL && fault_words(&key, fault_text) != ERR_OK)
		die("--fault", fault_help());
	(void)signal(SIGPIPE, SIG_IGN);
	must(hid_new(socket_path, &key, touch != NULL ? -1 : touch_ms, &hid),
	    "key");
	if (!absent)
		must(hid_insert(hid), socket_path);
	if (control_path != NULL)
		control = listen_at(control_path);
	loop(hid, &key, control);
	if (control >= 0)
		(void)unlink(control_path);
	hid_free(&hid);
	key_close(&key);
	return 0;
}
