/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sekisho-card-watch - acts when the card that somebody logged in with is
 * taken away, when the same card comes back, and when the server ends the
 * session. sekisho-session-helper starts it for a session, as the session's
 * user; standard input is a socket. An end that is said there ends it; one that
 * is not makes it lock the session first.
 */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "cardtools/terminal/frame.h"
#include "cardtools/terminal/reader.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	START_MS = 5000,
	WORDS_MAX = 16,
	COMMAND_MAX = 256,
	LOCK_MS = 2000, /* a command that still runs then is locking */
	LOCK_LOOK_MS = 20,
	ORDER_TEXT = 8,
};

struct watch {
	struct settings settings;
	const char *conf;
	char user[CARD_LOGIN];
	char reader[CARD_READER];
	char key_id[CARD_KEY_HEX];
	bool told; /* that the session is over */
	bool over; /* the server has ended it: a card opens it no more */
};

/* The session has no standard error that anybody reads. */
static void
log_line(enum log_level level, const char *line)
{
	static const int levels[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

	syslog(levels[level], "%s", line);
}

/* Split at blanks, without a shell: a path and its arguments. */
static bool
split_words(char *text, char *words[WORDS_MAX + 1])
{
	size_t n = 0;

	while (*text != '\0') {
		while (isblank((unsigned char)*text))
			*text++ = '\0';
		if (*text == '\0')
			break;
		if (n == WORDS_MAX)
			return false;
		words[n++] = text;
		while (*text != '\0' && !isblank((unsigned char)*text))
			text++;
	}
	words[n] = NULL;
	return n > 0 && words[0][0] == '/';
}

/* Starts a command and does not wait for its end; -1: it was not. */
static pid_t
run(const struct watch *w, const char *what, const char *command)
{
	char text[COMMAND_MAX], *words[WORDS_MAX + 1];
	pid_t pid;

	if (command[0] == '\0')
		return -1;
	(void)snprintf(text, sizeof text, "%s", command);
	if (!split_words(text, words)) {
		log_error("not a command", "setting", what, "value", command);
		return -1;
	}
	log_info("watch", "event", what, "user", w->user, "reader", w->reader,
	    "command", words[0]);
	pid = fork();
	if (pid == 0) {
		(void)close(STDIN_FILENO);
		if (setenv("SEKISHO_USER", w->user, 1) == 0 &&
		    setenv("SEKISHO_READER", w->reader, 1) == 0)
			(void)execve(words[0], words, environ);
		_exit(127);
	}
	if (pid < 0)
		log_error("not run", "setting", what, "why", log_errno());
	return pid;
}

/* Those that ended meanwhile. */
static void
bury(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* Why the command has not done what it is for, and is not at it; or NULL. */
static const char *
await_lock(pid_t pid)
{
	const int64_t until = clock_ms() + LOCK_MS;
	bool stopped = false;
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info,
			WEXITED | WSTOPPED | WCONTINUED | WNOHANG) != 0)
			return log_errno();
		if (info.si_pid == 0 && clock_ms() >= until)
			return stopped ? "it is stopped" : NULL;
		if (info.si_pid == 0)
			(void)poll(NULL, 0, LOCK_LOOK_MS);
		else if (info.si_code == CLD_STOPPED)
			stopped = true;
		else if (info.si_code == CLD_CONTINUED)
			stopped = false;
		else
			break;
	}
	return info.si_code == CLD_EXITED && info.si_status == 0 ? NULL
								 : "it failed";
}

/*
 * "loginctl lock-session" succeeds wherever there is a session, but only a
 * graphical one has something that hears of it: ssh and consoles go on.
 */
static bool
would_do_nothing(const char *command)
{
	const char *type = getenv("XDG_SESSION_TYPE");
	char text[COMMAND_MAX], *words[WORDS_MAX + 1], *base;

	if (type != NULL &&
	    (strcmp(type, "x11") == 0 || strcmp(type, "wayland") == 0))
		return false;
	(void)snprintf(text, sizeof text, "%s", command);
	if (!split_words(text, words))
		return false;
	base = strrchr(words[0], '/') + 1;
	return strcmp(base, "loginctl") == 0 && words[1] != NULL &&
	       strcmp(words[1], "lock-session") == 0;
}

static bool
lock(struct watch *w)
{
	const bool own = w->settings.on_end[0] != '\0';
	const char *command = own ? w->settings.on_end : w->settings.on_removal;
	const char *why = NULL;
	pid_t pid;

	bury();
	if (would_do_nothing(command)) {
		why = "a session that is not graphical cannot be locked";
	} else {
		pid = run(w, own ? "on_end" : "on_removal", command);
		if (pid < 0)
			return false;
		why = await_lock(pid);
	}
	if (why != NULL)
		log_error("the session could not be ended", "command", command,
		    "why", why);
	return why == NULL;
}

/* Is it the card that went away? Asked of the card helper, as at login. */
static bool
is_same(const struct watch *w)
{
	struct card_seen seen;
	struct card card;

	if (card_open(&w->settings, w->conf, NULL, &card) != ERR_OK)
		return false;
	card_look(&card, 0, true, &seen);
	card_close(&card);
	return seen.outcome == CARD_OK && strcmp(seen.key_id, w->key_id) == 0 &&
	       strcmp(seen.reader, w->reader) == 0;
}

static enum error
take_start(struct watch *w)
{
	struct frame frame;
	enum error err;

	err = frame_receive(STDIN_FILENO, START_MS, &frame);
	if (err != ERR_OK)
		return err;
	if (frame.kind != FRAME_WATCH ||
	    frame_text(&frame, 0, w->user, sizeof w->user) != ERR_OK ||
	    frame_text(&frame, 1, w->reader, sizeof w->reader) != ERR_OK ||
	    frame_text(&frame, 2, w->key_id, sizeof w->key_id) != ERR_OK)
		return ERR_INPUT;
	frame_begin(&frame, FRAME_WATCHING);
	return frame_send(STDIN_FILENO, &frame, START_MS);
}

/* What the session helper says: lock, or nothing any more. */
static enum error
take_order(struct watch *w)
{
	char number[ORDER_TEXT];
	struct frame frame;
	enum error err;

	err = frame_receive(STDIN_FILENO, -1, &frame);
	if (err != ERR_OK)
		return err;
	if (frame.kind == FRAME_AGAIN) {
		w->over = false; /* unlocked by somebody who logged in */
		return ERR_OK;
	}
	if (frame.kind == FRAME_OVER) {
		w->told = true;
		return ERR_CLOSED;
	}
	if (frame.kind != FRAME_LOCK ||
	    frame_text(&frame, 0, number, sizeof number) != ERR_OK)
		return ERR_INPUT;
	w->over = lock(w) || w->over;
	frame_begin(&frame, FRAME_LOCKED);
	frame_put_text(&frame, w->over ? "1" : "0");
	frame_put_text(&frame, number);
	return frame_send(STDIN_FILENO, &frame, START_MS);
}

/* Away, back, away: until the session ends. */
static enum error
watch(struct watch *w)
{
	bool away = false, changed = false;
	enum error err = ERR_OK;

	while (err == ERR_OK) {
		if (w->reader[0] != '\0')
			err = reader_watch(
			    w->reader, away, STDIN_FILENO, &changed);
		bury();
		if (err != ERR_OK)
			return err;
		if (!changed) {
			err = take_order(w);
			continue;
		}
		away = !away;
		if (away)
			(void)run(w, "on_removal", w->settings.on_removal);
		else if (!w->over && w->settings.on_insert[0] != '\0' &&
			 is_same(w))
			(void)run(w, "on_insert", w->settings.on_insert);
	}
	return err;
}

/*
 * Who is left alone without a word has nobody who could end the session from
 * afar, or tell of it: its helper was killed. So it is not left open.
 */
static enum error
end(struct watch *w, enum error err)
{
	if (w->told)
		return ERR_OK;
	log_error("the session's helper is gone: the session is locked", "user",
	    w->user, "why", error_text(err));
	return lock(w) ? ERR_OK : ERR_SYSTEM;
}

int
main(int argc, char *argv[])
{
	char message[CONF_MESSAGE];
	struct watch w = {.conf = NULL};
	struct stat st;
	enum error err;
	int option;

	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c')
			return 2;
		w.conf = optarg;
	}
	if (fstat(STDIN_FILENO, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		(void)fputs("sekisho-card-watch is started by "
			    "sekisho-session-helper when a session is opened\n",
		    stderr);
		return 2;
	}
	(void)alarm(0); /* its parent set one, for the start alone */
	/* The session's other programs are the same user's. */
	secret_harden_process();
	openlog("sekisho-card-watch", LOG_PID, LOG_AUTHPRIV);
	log_open("watch", LOG_LEVEL_INFO);
	log_to(log_line);
	err = settings_read(w.conf, &w.settings, message);
	if (err != ERR_OK) {
		log_error("not set up", "why", message);
		goto out;
	}
	if (w.settings.pcsc_socket[0] != '\0' &&
	    setenv("PCSCLITE_CSOCK_NAME", w.settings.pcsc_socket, 1) != 0)
		goto out;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		goto out;
	err = take_start(&w);
	if (err == ERR_OK)
		err = end(&w, watch(&w));
out:
	settings_clear(&w.settings);
	return err != ERR_OK;
}
