/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sekisho-card-helper - what the login helper and the watcher ask about the
 * card. Each question is answered by a child of its own, the only process in
 * which the vendor's module is ever loaded: if it hangs, crashes or lies, the
 * question has failed and nothing else has. Standard input is the socket to
 * whoever asks.
 */
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cardtools/badge_reader.h"
#include "cardtools/terminal/frame.h"
#include "cardtools/terminal/module.h"
#include "cardtools/terminal/reader.h"
#include "cardtools/terminal/renew_card.h"
#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/wire/signed.h"

enum {
	SEND_MS = 2000,
	CLEAN_MS = 3000, /* for a module to let the card go */
	WAIT_MAX_MS = 60000,
	GONE_MS = 700,
	PIN_SIZE = 64,
	DAY_S = 86400,
	EVENTS_MAX = 65535,
};

static struct settings settings;

static void
put_number(struct frame *frame, unsigned number)
{
	char text[16];

	(void)snprintf(text, sizeof text, "%u", number);
	frame_put_text(frame, text);
}

static enum frame_kind
answer_of(enum frame_kind question)
{
	switch (question) {
	case FRAME_SIGN:
		return FRAME_SIGNED;
	case FRAME_PROVE:
		return FRAME_PROVEN;
	case FRAME_WRITE:
		return FRAME_WRITTEN;
	default:
		return FRAME_CARD;
	}
}

/* The answer to a question that went wrong before there was any. */
static void
begin_failure(struct frame *frame, enum frame_kind question, const char *why)
{
	bool signs = question == FRAME_SIGN;

	if (question == FRAME_PROVE || question == FRAME_WRITE) {
		renew_failure(frame, answer_of(question), CARD_FAILED, why);
		return;
	}

	frame_begin(frame, signs ? FRAME_SIGNED : FRAME_CARD);
	put_number(frame, CARD_FAILED);
	if (!signs) {
		frame_put_text(frame, "");
		frame_put_text(frame, "");
	}
	put_number(frame, TRIES_UNKNOWN);
	frame_put_text(frame, "");
	if (signs) {
		frame_put_text(frame, "");
		frame_put_text(frame, "");
	}
	frame_put_text(frame, why);
	if (!signs) {
		frame_put_text(frame, "");
		put_number(frame, 0);
	}
}

/* The number of a card that has no key; "" if it has none either. */
static void
look_badge(const char *reader, char ret_hex[BADGE_HEX])
{
	unsigned char number[BADGE_MAX];
	size_t len;

	ret_hex[0] = '\0';
	if (settings.badge && badge_read(reader, number, &len) == ERR_OK)
		hex_encode(number, len, ret_hex);
}

/* pcscd may notice it a moment later than the module did. */
static bool
is_gone(const char *reader)
{
	int64_t until = clock_ms() + GONE_MS;

	do {
		if (reader_present(reader) == ERR_NOTFOUND)
			return true;
		(void)poll(NULL, 0, 50);
	} while (clock_ms() < until);
	return false;
}

/*
 * Modules say "general error" of a card that is not there any more, or find
 * nothing on it. In the second case they have let it go, and it can be asked.
 */
static bool
has_left(enum card_outcome outcome, const char *reader)
{
	unsigned tries;

	if (outcome == CARD_KEYLESS)
		return reader_reset(reader, &tries) == ERR_NOTFOUND;
	return outcome == CARD_FAILED && is_gone(reader);
}

/* Which card is there, and whose does it say it is? */
static void
look(const struct frame *question, struct frame *ret_answer,
    struct module **ret_token)
{
	struct cardcert certificate = {.spki_len = 0};
	unsigned wait_ms = 0, whole = 1, tries = TRIES_UNKNOWN;
	enum card_outcome outcome = CARD_NONE;
	char key_id[CARD_KEY_HEX] = "", badge[BADGE_HEX] = "";
	struct readers readers;
	const char *why = "";
	size_t i;

	readers.n = 0;
	if (frame_number(question, 0, WAIT_MAX_MS, &wait_ms) != ERR_OK ||
	    frame_number(question, 1, 1, &whole) != ERR_OK ||
	    readers_find((int)wait_ms, &readers) != ERR_OK) {
		begin_failure(ret_answer, FRAME_LOOK, "there is no pcscd");
		return;
	}
	for (i = 0; i < readers.n; i++) {
		enum error err = reader_reset(readers.name[i], &tries);

		if (err != ERR_OK) {
			why = "the card cannot be had";
			if (err != ERR_NOTFOUND)
				outcome = CARD_KEYLESS;
			continue;
		}
		outcome = CARD_OK;
		if (whole || tries == TRIES_UNKNOWN)
			outcome = module_open(&settings, readers.name[i],
			    ret_token, &certificate);
		why = outcome == CARD_OK ? "" : module_fault();
		if (outcome == CARD_OK && tries == TRIES_UNKNOWN)
			tries = module_tries(*ret_token);
		if (has_left(outcome, readers.name[i]))
			outcome = CARD_NONE;
		if (outcome == CARD_KEYLESS && whole && badge[0] == '\0') {
			module_close(ret_token);
			look_badge(readers.name[i], badge);
		}
		if (outcome == CARD_OK || outcome == CARD_FAILED)
			break;
	}
	if (certificate.spki_len > 0)
		hex_encode(
		    certificate.key_id, sizeof certificate.key_id, key_id);
	frame_begin(ret_answer, FRAME_CARD);
	put_number(ret_answer, outcome);
	frame_put_text(ret_answer, i < readers.n ? readers.name[i] : "");
	frame_put_text(ret_answer, certificate.login);
	put_number(ret_answer, tries);
	frame_put_text(ret_answer, key_id);
	frame_put_text(ret_answer, why);
	frame_put_text(ret_answer, outcome == CARD_KEYLESS ? badge : "");
	put_number(ret_answer, i < readers.n ? readers.events[i] : 0);
}

struct job {
	char reader[CARD_READER];
	struct secret *pin;
	char server_id[PACKET_STRING], client_id[PACKET_STRING];
	char purpose[PACKET_STRING], login[PACKET_STRING];
	char key_id[CARD_KEY_HEX]; /* of the card that was seen; "": unknown */
	unsigned events;	   /* then: how often cards came and went */
	struct to_sign what;
};

static enum error
take_job(const struct frame *q, struct job *ret)
{
	struct signed_fields fields = {ret->purpose, ret->server_id,
	    ret->client_id, ret->login, q->field[6].bytes};
	enum error err = ERR_INPUT;

	/* Without a PIN nothing is signed, unless the settings say so. */
	if (q->n != 9 || q->field[6].len != SIGNED_CHALLENGE ||
	    (q->field[1].len > 0) != settings.card_pin ||
	    q->field[1].len > PIN_SIZE ||
	    frame_text(q, 0, ret->reader, sizeof ret->reader) != ERR_OK ||
	    frame_text(q, 2, ret->server_id, PACKET_STRING) != ERR_OK ||
	    frame_text(q, 3, ret->client_id, PACKET_STRING) != ERR_OK ||
	    frame_text(q, 4, ret->purpose, PACKET_STRING) != ERR_OK ||
	    frame_text(q, 5, ret->login, PACKET_STRING) != ERR_OK ||
	    frame_text(q, 7, ret->key_id, sizeof ret->key_id) != ERR_OK ||
	    frame_number(q, 8, EVENTS_MAX, &ret->events) != ERR_OK)
		return err;
	err = signed_digest(&fields, ret->what.digest);
	if (err == ERR_OK)
		err = signed_octets(&fields, ret->what.octets, &ret->what.len);
	if (err == ERR_OK && q->field[1].len > 0)
		err =
		    secret_copy(q->field[1].bytes, q->field[1].len, &ret->pin);
	return err;
}

/*
 * Is it the card that was seen when the PIN was asked for? Somebody else's
 * would lose a try for it.
 */
static bool
is_same(const struct job *job, const struct cardcert *certificate)
{
	char key_id[CARD_KEY_HEX];

	if (job->key_id[0] == '\0')
		return true;
	hex_encode(certificate->key_id, sizeof certificate->key_id, key_id);
	return strcmp(key_id, job->key_id) == 0;
}

static enum card_outcome
sign_with(const struct job *job, struct signature *s, unsigned *ret_tries,
    unsigned *ret_last_day, struct module **ret_token)
{
	struct cardcert certificate;
	enum card_outcome outcome;
	unsigned by_module = TRIES_UNKNOWN;
	enum error err;

	/* Nothing is signed for another terminal, whoever may ask for it. */
	if (strcmp(job->client_id, settings.client_id) != 0 ||
	    strcmp(job->purpose, "login") != 0)
		return CARD_FOREIGN;
	if (job->key_id[0] == '\0' &&
	    reader_unchanged(job->reader, job->events) != ERR_OK)
		return CARD_GONE;
	/* A PIN that somebody gave the card before does not count. */
	err = reader_reset(job->reader, ret_tries);
	if (err != ERR_OK)
		return err == ERR_NOTFOUND ? CARD_GONE : CARD_FAILED;
	if (*ret_tries == 0 && job->pin != NULL)
		return CARD_PIN_BLOCKED;
	outcome = module_open(&settings, job->reader, ret_token, &certificate);
	if (outcome != CARD_OK)
		return has_left(outcome, job->reader) ? CARD_GONE : outcome;
	if (!is_same(job, &certificate))
		return CARD_GONE;
	outcome = module_sign(
	    *ret_token, &certificate, job->pin, &job->what, s, &by_module);
	memcpy(s->key_id, certificate.key_id, sizeof s->key_id);
	if (certificate.not_after > 0)
		*ret_last_day = (unsigned)(certificate.not_after / DAY_S);
	if (outcome == CARD_PIN_WRONG) {
		/* The card itself says it best; it must be let go for that. */
		module_close(ret_token);
		if (reader_reset(job->reader, ret_tries) != ERR_OK ||
		    *ret_tries == TRIES_UNKNOWN)
			*ret_tries = by_module;
	}
	/* "No key" with the module still open: it was read a moment ago. */
	if (outcome == CARD_KEYLESS)
		module_close(ret_token);
	return has_left(outcome, job->reader) ? CARD_GONE : outcome;
}

static void
sign(const struct frame *question, struct frame *ret_answer,
    struct module **ret_token)
{
	unsigned last_day = 0;
	unsigned tries = TRIES_UNKNOWN;
	struct signature s = {.len = 0};
	enum card_outcome outcome;
	struct job job = {.pin = NULL};

	if (take_job(question, &job) != ERR_OK) {
		begin_failure(ret_answer, FRAME_SIGN, "the question is wrong");
		return;
	}
	outcome = sign_with(&job, &s, &tries, &last_day, ret_token);
	secret_free(&job.pin);
	frame_begin(ret_answer, FRAME_SIGNED);
	put_number(ret_answer, outcome);
	put_number(ret_answer, tries);
	frame_put(ret_answer, s.key_id, sizeof s.key_id);
	frame_put_text(ret_answer, s.scheme);
	frame_put(ret_answer, s.bytes, outcome == CARD_OK ? s.len : 0);
	frame_put_text(ret_answer, outcome == CARD_OK ? ""
				   : outcome == CARD_FOREIGN
				       ? "the challenge is not for this client"
				       : module_fault());
	put_number(ret_answer, last_day);
}

/* In the child: one answer, then the card is let go. */
static _Noreturn void
answer(int fd, const struct frame *question)
{
	struct module *token = NULL;
	struct frame frame;

	switch (question->kind) {
	case FRAME_SIGN:
		sign(question, &frame, &token);
		break;
	case FRAME_PROVE:
		renew_prove(&settings, question, &frame);
		break;
	case FRAME_WRITE:
		renew_write(question, &frame);
		break;
	default:
		look(question, &frame, &token);
		break;
	}
	if (frame_send(fd, &frame, SEND_MS) != ERR_OK)
		_exit(1);
	module_close(&token);
	_exit(0);
}

/* Until the process ends; kills it when the time is over. */
static void
finish(pid_t pid, int timeout_ms)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int64_t until = clock_ms() + timeout_ms;
	int64_t left = timeout_ms;

	while (left > 0 && p.revents == 0) {
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			break;
		left = until - clock_ms();
	}
	if (p.revents == 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		(void)close(pidfd);
}

/* What the child says within the time, or why it says nothing. */
static const char *
wait_for(int fd, int timeout_ms, struct frame *ret_answer, bool *ret_gone)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLIN},
	    {.fd = STDIN_FILENO, .events = POLLRDHUP}};
	int64_t until = clock_ms() + timeout_ms;
	enum error err;
	int n;

	do {
		int64_t left = until - clock_ms();

		n = poll(p, 2, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	*ret_gone = n > 0 && p[1].revents != 0;
	if (*ret_gone || n < 0)
		return "nobody waits for it";
	if (n == 0)
		return "the module hangs; its process was ended";
	err = frame_receive(fd, 0, ret_answer);
	if (err == ERR_CLOSED)
		return "the module has ended its process";
	return err == ERR_OK ? NULL : "the module has spoilt the answer";
}

/* The card is reset once more, whatever the module left it in. */
static void
reset_after(const char *reader)
{
	unsigned tries;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(reader_reset(reader, &tries) != ERR_OK);
	if (pid > 0)
		finish(pid, CLEAN_MS);
}

/* One question. false when nobody is left to ask the next. */
static bool
serve(struct frame *question)
{
	const enum frame_kind kind = question->kind;
	bool signs = kind != FRAME_LOOK, gone = false;
	enum frame_kind expected = answer_of(kind);
	char reader[CARD_READER] = "";
	unsigned wait_ms = 0;
	struct frame reply;
	const char *why;
	int pair[2];
	pid_t pid;

	if (signs && frame_text(question, 0, reader, sizeof reader) != ERR_OK)
		return false;
	if (!signs &&
	    frame_number(question, 0, WAIT_MAX_MS, &wait_ms) != ERR_OK)
		return false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
		(void)close(STDIN_FILENO);
		(void)close(pair[0]);
		answer(pair[1], question);
	}
	frame_wipe(question);
	(void)close(pair[1]);
	if (pid < 0) {
		(void)close(pair[0]);
		return false;
	}
	why = wait_for(
	    pair[0], settings.card_timeout_ms + (int)wait_ms, &reply, &gone);
	if (why == NULL && reply.kind != expected)
		why = "the module has spoilt the answer";
	finish(pid, why == NULL ? CLEAN_MS : 0);
	(void)close(pair[0]);
	if (signs)
		reset_after(reader);
	if (gone)
		return false;
	if (why != NULL)
		begin_failure(&reply, kind, why);
	return frame_send(STDIN_FILENO, &reply, SEND_MS) == ERR_OK;
}

int
main(int argc, char *argv[])
{
	char message[CONF_MESSAGE];
	const char *conf = NULL;
	struct frame question;
	struct stat st;
	int option;

	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c')
			return 2;
		conf = optarg;
	}
	if (fstat(STDIN_FILENO, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		(void)fputs("sekisho-card-helper is started by "
			    "sekisho-login-helper and sekisho-card-watch\n",
		    stderr);
		return 2;
	}
	secret_harden_process();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 ||
	    settings_read(conf, &settings, message) != ERR_OK ||
	    signature_init() != ERR_OK)
		return 1;
	while (frame_receive(STDIN_FILENO, -1, &question) == ERR_OK) {
		if (question.kind != FRAME_LOOK &&
		    question.kind != FRAME_SIGN &&
		    question.kind != FRAME_PROVE &&
		    question.kind != FRAME_WRITE)
			break;
		if (!serve(&question))
			break;
	}
	settings_clear(&settings);
	return 0;
}
