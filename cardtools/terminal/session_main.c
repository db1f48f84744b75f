/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sekisho-session-helper - what pam_sekisho starts for a session: it has the
 * card watched, tells the server of the session, and takes the server's wish
 * to end it. Standard input is its socket to pam_sekisho; its closing is the
 * end of the session.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "cardtools/terminal/rights.h"
#include "cardtools/terminal/session.h"
#include "cardtools/terminal/spawn.h"
#include "common/base/clock.h"
#include "common/base/hex.h"

enum {
	START_MS = 5000,
	WATCH_MS = 4000,
	WATCH_START_S = 30,
	TELL_MS = 1500, /* a Disconnect should not have to wait for long */
	PATH_SIZE = 512,
};

/* pam_sekisho has gone on: there is nobody to pass lines to. */
static void
log_line(enum log_level level, const char *line)
{
	static const int levels[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

	syslog(levels[level], "%s", line);
}

static enum error
take_start(struct session *s)
{
	char class_hex[2 * PACKET_CLASS + 1];
	struct frame frame;
	enum error err;

	err = frame_receive(STDIN_FILENO, START_MS, &frame);
	if (err != ERR_OK)
		return err;
	if (frame.kind != FRAME_SESSION ||
	    frame_text(&frame, 0, s->user, sizeof s->user) != ERR_OK ||
	    frame_text(&frame, 1, s->reader, sizeof s->reader) != ERR_OK ||
	    frame_text(&frame, 2, s->key_id, sizeof s->key_id) != ERR_OK ||
	    frame_text(&frame, 3, class_hex, sizeof class_hex) != ERR_OK ||
	    frame_text(&frame, 4, s->rhost, sizeof s->rhost) != ERR_OK)
		return ERR_INPUT;
	return hex_decode(class_hex, strlen(class_hex), s->class_octets,
	    sizeof s->class_octets, &s->class_len);
}

/* Spawned programs get none of it: spawn.c clears masks. */
static enum error
take_signals(struct session *s)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return ERR_SYSTEM;
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? ERR_SYSTEM : ERR_OK;
}

/* As the session's user, with what a command like loginctl needs. */
static enum error
start_watcher(struct session *s, const char *conf)
{
	static char option[] = "-c", name[] = "sekisho-card-watch";
	char path[PATH_SIZE], file[PATH_SIZE];
	char *argv[] = {name, conf != NULL ? option : NULL, file, NULL};
	struct helper helper = {.path = path,
	    .argv = argv,
	    .env = environ,
	    .limit = WATCH_START_S,
	    .outlives = true};
	struct frame frame;
	enum error err;
	pid_t pid;

	(void)snprintf(
	    path, sizeof path, "%s/sekisho-card-watch", s->settings->helpers);
	(void)snprintf(file, sizeof file, "%s", conf != NULL ? conf : "");
	if (geteuid() == 0) {
		helper.change = true;
		err = settings_user(s->user, &helper.uid, &helper.gid);
		if (err != ERR_OK)
			return err;
	}
	err = spawn_child(&helper, &pid, &s->watch);
	if (err != ERR_OK)
		return err;
	frame_begin(&frame, FRAME_WATCH);
	frame_put_text(&frame, s->user);
	frame_put_text(&frame, s->reader);
	frame_put_text(&frame, s->key_id);
	err = frame_send(s->watch, &frame, START_MS);
	if (err == ERR_OK)
		err = frame_receive(s->watch, WATCH_MS, &frame);
	return err == ERR_OK && frame.kind != FRAME_WATCHING ? ERR_INPUT : err;
}

/* Where sockets of sessions stand; nobody else may look into it. */
static enum error
make_folder(const struct settings *s)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	struct stat st;

	if (uid == 0 && settings_user(s->user, &uid, &gid) != ERR_OK)
		return ERR_CONFIG;
	if (mkdir(s->session_dir, 0700) == 0 && geteuid() == 0 &&
	    chown(s->session_dir, uid, gid) != 0)
		return ERR_SYSTEM;
	if (lstat(s->session_dir, &st) != 0)
		return ERR_SYSTEM;
	return S_ISDIR(st.st_mode) && st.st_uid == uid &&
		       (st.st_mode & 077) == 0
		   ? ERR_OK
		   : ERR_DENIED;
}

static enum error
prepare_accounting(struct session *s, char message[CONF_MESSAGE],
    struct secret **ret_secret, struct radsec **ret_radsec)
{
	enum error err;

	err = radius_secrets(s->settings, ret_secret, ret_radsec, message);
	if (err == ERR_OK && packet_init(s->settings->dictionary) != ERR_OK) {
		(void)snprintf(message, CONF_MESSAGE, "dictionary %s: %s",
		    s->settings->dictionary, packet_fault());
		err = ERR_CONFIG;
	}
	return err;
}

/* ERR_OK: the session is under way, and what it must be told has been. */
static enum error
begin(struct session *s, const char *conf)
{
	bool folder;
	struct frame frame;
	enum error err;

	session_id_make(s->id);
	s->begun_ms = clock_ms();
	folder = s->settings->accounting && make_folder(s->settings) == ERR_OK;
	if (s->settings->accounting && !folder)
		log_error("sessions cannot be ended from afar: the folder is "
			  "missing, or not the user's alone",
		    "session_dir", s->settings->session_dir, "user",
		    s->settings->user);
	/* No session under a watcher that does not watch. */
	err = start_watcher(s, conf);
	if (err == ERR_NOTFOUND && s->reader[0] == '\0') {
		log_warn("a session cannot be ended from afar: there is no "
			 "such account",
		    "user", s->user);
		err = ERR_OK;
	}
	if (err != ERR_OK) {
		log_error("sekisho-card-watch failed", "user", s->user, "why",
		    error_text(err));
		return err;
	}
	err = rights_drop(s->settings);
	if (err != ERR_OK)
		return err;
	/* In a folder of somebody else's he would say what ends it. */
	if (folder && session_listen(s) != ERR_OK)
		log_error("no socket for Disconnects", "path", s->path, "why",
		    log_errno());
	frame_begin(&frame, FRAME_WATCHING);
	return frame_send(STDIN_FILENO, &frame, START_MS);
}

int
main(int argc, char *argv[])
{
	char message[CONF_MESSAGE] = "";
	struct settings settings = {0};
	struct session s = {.settings = &settings,
	    .pam = STDIN_FILENO,
	    .watch = -1,
	    .listen = -1,
	    .signals = -1};
	struct radius radius = {.settings = &settings, .watched = -1};
	struct secret *secret = NULL;
	struct radsec *radsec = NULL;
	const char *conf = NULL;
	struct stat st;
	enum error err;
	int option;

	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c')
			return 2;
		conf = optarg;
	}
	if (fstat(STDIN_FILENO, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		(void)fputs("sekisho-session-helper is started by "
			    "pam_sekisho(8) when a session is opened\n",
		    stderr);
		return 2;
	}
	(void)alarm(0); /* pam_sekisho set one, for the start alone */
	secret_harden_process();
	openlog("sekisho-session", LOG_PID, LOG_AUTHPRIV);
	log_open("session", LOG_LEVEL_INFO);
	log_to(log_line);
	err = settings_read(conf, &settings, message);
	if (err == ERR_OK) {
		log_open("session", rights_log_level(&settings));
		log_to(log_line);
		err = take_start(&s);
	}
	if (err == ERR_OK && settings.accounting)
		err = prepare_accounting(&s, message, &secret, &radsec);
	if (err != ERR_OK) {
		log_error("not set up", "why",
		    message[0] != '\0' ? message : error_text(err));
		goto out;
	}
	settings.tries = 1;
	if (settings.timeout_ms > TELL_MS)
		settings.timeout_ms = TELL_MS;
	radius.secret = secret;
	radius.radsec = radsec;
	s.radius = &radius;
	err = take_signals(&s);
	if (err == ERR_OK)
		err = begin(&s, conf);
	if (err == ERR_OK)
		session_run(&s);
	/* Nobody waits for the watcher: what it still does, it does alone. */
	session_dismiss(&s);
out:
	radsec_free(&radsec);
	secret_free(&secret);
	settings_clear(&settings);
	return err != ERR_OK;
}
