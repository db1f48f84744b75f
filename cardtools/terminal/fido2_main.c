/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sekisho-fido2-helper - what the login helper asks about FIDO2 keys. Each
 * question is answered by a child of its own, and each key is spoken to by one
 * more: if a key hangs, or makes libfido2 crash, the question has failed and
 * nothing else has. Standard input is the socket to whoever asks.
 */
#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cardtools/fido2_device.h"
#include "cardtools/terminal/crew.h"
#include "cardtools/terminal/fido2_key.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	SEND_MS = 2000,
	LIST_MS = 4000,
	LOOK_MS = 8000,
	EXTRA_MS = 6000, /* besides the touch: to open, to try a PIN */
	END_MS = 3000,	 /* for a child to have its keys stop blinking */
	STEP_MS = 20,
	PIN_SIZE = 63, /* CTAP 2.1, 6.5.1 */
	SEEN_HEAD = 3,
	ASSERT_HEAD = 7,
	ASSERT_KEY = 3,
};

static struct settings settings;
static struct frame answers[CREW_MAX];
static bool has[CREW_MAX];

static bool
never_final(const struct frame *answer)
{
	(void)answer;
	return false;
}

static enum key_outcome
outcome_of(const struct frame *answer)
{
	unsigned outcome;

	if (frame_number(answer, 0, KEY_OUTCOME_MAX, &outcome) != ERR_OK)
		return KEY_FAILED;
	return (enum key_outcome)outcome;
}

/*
 * Whether somebody did something at the key that answers so; the other outcomes
 * leave the others' keys to be touched. The later here, the more it says.
 */
static int
weight(enum key_outcome outcome)
{
	switch (outcome) {
	case KEY_NONE:
	case KEY_FOREIGN:
	case KEY_OTHER_CLIENT:
		return 0;
	case KEY_FAILED:
		return 1;
	case KEY_GONE:
		return 2;
	case KEY_UNTOUCHED:
		return 3;
	case KEY_PIN_WRONG:
	case KEY_PIN_PULL:
	case KEY_PIN_BLOCKED:
	case KEY_FINGER_WRONG:
	case KEY_FINGER_BLOCKED:
		return 4;
	case KEY_OK:
		return 5;
	}
	return 0;
}

static bool
is_final(const struct frame *answer)
{
	return weight(outcome_of(answer)) >= 4;
}

/* Which answer says most; n if there is none. */
static size_t
best(size_t n)
{
	size_t i, found = n;

	for (i = 0; i < n; i++) {
		if (has[i] &&
		    (found == n || weight(outcome_of(&answers[i])) >
				       weight(outcome_of(&answers[found]))))
			found = i;
	}
	return found;
}

static void
list(const void *what, size_t i, struct frame *ret_answer)
{
	static const char *const usb[] = {"usb"};
	const char *const *devices = usb;
	struct fido2_devices found = {.n = 0};
	size_t n = 1;

	(void)what;
	(void)i;
	if (settings.fido2_devices.n > 0) {
		devices = (const char *const *)settings.fido2_devices.text;
		n = settings.fido2_devices.n;
	}
	if (fido2_device_list(devices, n, &found) != ERR_OK) {
		key_failure(ret_answer, FRAME_KEY_SEEN, KEY_FAILED,
		    fido2_device_fault());
		return;
	}
	frame_begin(ret_answer, FRAME_KEY_SEEN);
	for (i = 0; i < found.n; i++)
		frame_put_text(ret_answer, found.device[i].path);
}

/* The keys that are there; also udev is not believed to answer in time. */
static enum error
find_keys(struct key_question *q)
{
	size_t i;

	crew_run(list, NULL, 1, LIST_MS, never_final, answers, has);
	if (!has[0] || answers[0].n > KEYS_PLUGGED)
		return ERR_SYSTEM;
	for (i = 0; i < answers[0].n; i++) {
		if (frame_text(&answers[0], i, q->key[i].path, KEY_PATH) !=
		    ERR_OK)
			return ERR_INPUT;
	}
	q->n = answers[0].n;
	return ERR_OK;
}

static void
look_at(const void *what, size_t i, struct frame *ret_answer)
{
	key_look(what, i, ret_answer);
}

static void
choose_one(const void *what, size_t i, struct frame *ret_answer)
{
	key_choose(what, i, ret_answer);
}

static void
assert_one(const void *what, size_t i, struct frame *ret_answer)
{
	key_assert(what, i, ret_answer);
}

static void
copy_fields(struct frame *to, const struct frame *from, size_t first)
{
	size_t i;

	for (i = first; i < from->n; i++)
		frame_put(to, from->field[i].bytes, from->field[i].len);
}

static void
look(const struct frame *question, struct key_question *q,
    struct frame *ret_answer)
{
	enum key_outcome outcome;
	char plugged[8], why[256] = "";
	size_t i, n = 0;

	if (question->n != 2 ||
	    frame_text(question, 0, q->rp_id, sizeof q->rp_id) != ERR_OK ||
	    (question->field[1].len > 0 &&
		credentials_read(question->field[1].bytes,
		    question->field[1].len, q->credential,
		    &q->n_credentials) != ERR_OK)) {
		key_failure(ret_answer, FRAME_KEY_SEEN, KEY_FAILED,
		    "the question is wrong");
		return;
	}
	if (find_keys(q) != ERR_OK) {
		key_failure(ret_answer, FRAME_KEY_SEEN, KEY_FAILED,
		    "the keys that are plugged in cannot be listed");
		return;
	}
	outcome = q->n > 0 ? KEY_OK : KEY_NONE;
	if (q->n > 0 && q->n_credentials > 0) {
		crew_run(look_at, q, q->n, LOOK_MS, never_final, answers, has);
		i = best(q->n);
		outcome = i < q->n ? outcome_of(&answers[i]) : KEY_FAILED;
		if (i == q->n)
			(void)stpcpy(why, "the key does not answer in time");
		else if (frame_text(&answers[i], 2, why, sizeof why) != ERR_OK)
			why[0] = '\0';
	}
	(void)snprintf(plugged, sizeof plugged, "%zu", q->n);
	frame_begin(ret_answer, FRAME_KEY_SEEN);
	frame_put_text(ret_answer, log_num(outcome));
	frame_put_text(ret_answer, plugged);
	frame_put_text(ret_answer, why);
	for (i = 0; i < q->n && outcome == KEY_OK && n < KEYS_MAX; i++) {
		if (q->n_credentials == 0 || !has[i] ||
		    outcome_of(&answers[i]) != KEY_OK)
			continue;
		copy_fields(ret_answer, &answers[i], SEEN_HEAD);
		n++;
	}
}

/* Both end with the first key that somebody touched. */
static void
run_touched(crew_work *work, const struct key_question *q, enum frame_kind kind,
    struct frame *ret_answer)
{
	size_t i;

	crew_run(work, q, q->n, q->touch_ms + EXTRA_MS, is_final, answers, has);
	i = best(q->n);
	if (i == q->n || answers[i].kind != kind) {
		key_failure(ret_answer, kind, KEY_FAILED,
		    "the key does not answer in time, or its process ended");
		return;
	}
	frame_begin(ret_answer, kind);
	if (kind == FRAME_KEY_CHOSEN) {
		frame_put_text(ret_answer, log_num(outcome_of(&answers[i])));
		frame_put_text(ret_answer, log_num((int64_t)i));
		copy_fields(ret_answer, &answers[i], 2);
	} else {
		copy_fields(ret_answer, &answers[i], 0);
	}
}

static void
choose(const struct frame *question, struct key_question *q,
    struct frame *ret_answer)
{
	size_t i;

	for (i = 0; i < question->n && i < KEYS_MAX; i++) {
		if (frame_text(question, i, q->key[i].path, KEY_PATH) != ERR_OK)
			break;
	}
	if (i == 0 || i != question->n) {
		key_failure(ret_answer, FRAME_KEY_CHOSEN, KEY_FAILED,
		    "the question is wrong");
		return;
	}
	q->n = i;
	run_touched(choose_one, q, FRAME_KEY_CHOSEN, ret_answer);
}

/* The keys of ASSERT. A PIN goes to one key only: it is no other's. */
static enum error
take_keys(const struct frame *f, struct key_question *q)
{
	size_t at, with_pin = 0;
	unsigned by;

	for (at = ASSERT_HEAD; at + ASSERT_KEY <= f->n; at += ASSERT_KEY) {
		struct key *key = &q->key[q->n];

		if (q->n == KEYS_MAX ||
		    frame_text(f, at, key->path, KEY_PATH) != ERR_OK ||
		    f->field[at + 1].len < CREDENTIAL_MIN ||
		    f->field[at + 1].len > CREDENTIAL_MAX ||
		    frame_number(f, at + 2, KEY_VERIFIES_MAX, &by) != ERR_OK)
			return ERR_INPUT;
		key->id_len = f->field[at + 1].len;
		memcpy(key->id, f->field[at + 1].bytes, key->id_len);
		key->verifies = (enum key_verifies)by;
		with_pin += key->verifies == KEY_BY_PIN;
		q->n++;
	}
	if (at != f->n || q->n == 0 || (with_pin > 0) != (q->pin != NULL) ||
	    (with_pin > 0 && q->n != 1))
		return ERR_INPUT;
	return ERR_OK;
}

/* ERR_DENIED: it is for another client, or for something else than a login. */
static enum error
take_job(const struct frame *f, struct key_question *q)
{
	char server_id[PACKET_STRING], client_id[PACKET_STRING];
	char purpose[PACKET_STRING], login[PACKET_STRING];
	struct signed_fields fields = {
	    purpose, server_id, client_id, login, NULL};
	enum error err = ERR_OK;

	if (f->n < ASSERT_HEAD || f->field[4].len != SIGNED_CHALLENGE ||
	    f->field[6].len > PIN_SIZE ||
	    memchr(f->field[6].bytes, '\0', f->field[6].len) != NULL ||
	    frame_text(f, 0, server_id, sizeof server_id) != ERR_OK ||
	    frame_text(f, 1, client_id, sizeof client_id) != ERR_OK ||
	    frame_text(f, 2, purpose, sizeof purpose) != ERR_OK ||
	    frame_text(f, 3, login, sizeof login) != ERR_OK ||
	    frame_text(f, 5, q->rp_id, sizeof q->rp_id) != ERR_OK ||
	    q->rp_id[0] == '\0')
		return ERR_INPUT;
	fields.challenge = f->field[4].bytes;
	if (f->field[6].len > 0)
		err = secret_copy(f->field[6].bytes, f->field[6].len, &q->pin);
	if (err == ERR_OK)
		err = take_keys(f, q);
	if (err == ERR_OK)
		err = signed_digest(&fields, q->digest);
	/* Nothing is signed for another terminal, whoever may ask for it. */
	if (err == ERR_OK && (strcmp(client_id, settings.client_id) != 0 ||
				 strcmp(purpose, "login") != 0))
		err = ERR_DENIED;
	return err;
}

static void
sign(const struct frame *question, struct key_question *q,
    struct frame *ret_answer)
{
	enum error err = take_job(question, q);

	if (err == ERR_DENIED)
		key_failure(ret_answer, FRAME_KEY_SIGNED, KEY_OTHER_CLIENT,
		    "the challenge is not for this client");
	else if (err != ERR_OK)
		key_failure(ret_answer, FRAME_KEY_SIGNED, KEY_FAILED,
		    "the question is wrong");
	else
		run_touched(assert_one, q, FRAME_KEY_SIGNED, ret_answer);
	secret_free(&q->pin);
}

/* In the child: one answer. */
static _Noreturn void
answer(int fd, struct frame *question)
{
	static struct key_question q;
	static struct frame frame;

	q.touch_ms = settings.fido2_touch_s * 1000;
	q.interrupts = crew_mask();
	q.stopped = crew_stopped();
	if (question->kind == FRAME_KEY_ASSERT)
		sign(question, &q, &frame);
	else if (question->kind == FRAME_KEY_CHOOSE)
		choose(question, &q, &frame);
	else
		look(question, &q, &frame);
	frame_wipe(question);
	_exit(frame_send(fd, &frame, SEND_MS) != ERR_OK);
}

/* What the child says within the time, or why it says nothing. */
static const char *
wait_for(int fd, int timeout_ms, struct frame *ret_answer, bool *ret_gone)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLIN},
	    {.fd = STDIN_FILENO, .events = POLLRDHUP}};
	int64_t until = clock_ms() + timeout_ms;
	int n;

	do {
		int64_t left = until - clock_ms();

		n = poll(p, 2, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	*ret_gone = n > 0 && p[1].revents != 0;
	if (*ret_gone || n < 0)
		return "nobody waits for it";
	if (n == 0)
		return "the key hangs; its process was ended";
	return frame_receive(fd, 0, ret_answer) == ERR_OK
		   ? NULL
		   : "the process that speaks to the key has ended";
}

/* Tells it to end, so that no key blinks for nobody; then makes it end. */
static void
finish(pid_t pid, bool at_once)
{
	int64_t until = clock_ms() + END_MS;
	pid_t got;

	if (at_once)
		(void)kill(pid, SIGTERM);
	for (;;) {
		got = waitpid(pid, NULL, WNOHANG);
		if (got != 0 && (got > 0 || errno != EINTR))
			return;
		if (clock_ms() >= until)
			(void)kill(pid, SIGKILL);
		(void)poll(NULL, 0, STEP_MS);
	}
}

/* One question. false when nobody is left to ask the next. */
static bool
serve(struct frame *question)
{
	const enum frame_kind kind = key_answer_of(question->kind);
	int timeout_ms = LIST_MS + LOOK_MS, pair[2];
	static struct frame reply;
	const char *why;
	bool gone;
	pid_t pid, parent = getpid();

	if (question->kind != FRAME_KEY_LOOK)
		timeout_ms = settings.fido2_touch_s * 1000 + EXTRA_MS;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, (long)SIGTERM, 0L, 0L, 0L);
		if (getppid() != parent)
			_exit(1);
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
	why = wait_for(pair[0], timeout_ms + END_MS, &reply, &gone);
	if (why == NULL && reply.kind != kind)
		why =
		    "the process that speaks to the key has spoilt the answer";
	finish(pid, why != NULL);
	(void)close(pair[0]);
	if (gone)
		return false;
	if (why != NULL)
		key_failure(&reply, kind, KEY_FAILED, why);
	return frame_send(STDIN_FILENO, &reply, SEND_MS) == ERR_OK;
}

int
main(int argc, char *argv[])
{
	static struct frame question;
	char message[CONF_MESSAGE];
	const char *conf = NULL;
	struct stat st;
	int option;

	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c')
			return 2;
		conf = optarg;
	}
	if (fstat(STDIN_FILENO, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		(void)fputs("sekisho-fido2-helper is started by "
			    "sekisho-login-helper\n",
		    stderr);
		return 2;
	}
	secret_harden_process();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 ||
	    sodium_init() < 0 || crew_init() != ERR_OK ||
	    settings_read(conf, &settings, message) != ERR_OK)
		return 1;
	while (frame_receive(STDIN_FILENO, -1, &question) == ERR_OK) {
		if (question.kind != FRAME_KEY_LOOK &&
		    question.kind != FRAME_KEY_CHOOSE &&
		    question.kind != FRAME_KEY_ASSERT)
			break;
		if (!serve(&question))
			break;
	}
	settings_clear(&settings);
	return 0;
}
