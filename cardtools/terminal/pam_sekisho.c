/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pam_sekisho.so - lets Sekisho decide who may use this terminal. It runs
 * inside login, sshd, sudo and display managers, so it does as little as can
 * be: it starts sekisho-login-helper, which knows the servers, their secret
 * and the card, and carries its questions to the application and the answers
 * back. pam_sekisho(8).
 */
#include <security/pam_modules.h>

#include <errno.h>
#include <security/pam_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "cardtools/terminal/frame.h"
#include "cardtools/terminal/spawn.h"

enum {
	SEND_MS = 5000,
	HELPER_MS = 120000, /* silence of the helper: it bounds itself lower */
	HELPER_START_S = 30,
	WATCH_MS = 8000,
	NAME_SIZE = 254,
	READER_SIZE = 128,
	KEY_SIZE = 65,
	CLASS_SIZE = 507, /* 253 octets in hexadecimal */
	PATH_SIZE = 256,
	TEXT_SIZE = PAM_MAX_MSG_SIZE,
	ENV_NAMES = 9,
};

#define DATA_LOGIN "sekisho_login"
#define DATA_SESSION "sekisho_session"

/* Whom this module has authenticated in this conversation, and how. */
struct proven {
	char user[NAME_SIZE];
	char reader[READER_SIZE]; /* "" if no card was used */
	char key_id[KEY_SIZE];
	char class_hex[CLASS_SIZE]; /* names the accept, for accounting */
};

struct options {
	char conf[PATH_SIZE];
	char helpers[PATH_SIZE];
	const char *language;
	const char *acknowledge; /* "yes", "no", or NULL: as it fits */
};

static bool
take_options(
    pam_handle_t *pamh, int argc, const char **argv, struct options *ret)
{
	int i, n = 1;

	(void)snprintf(
	    ret->conf, PATH_SIZE, "%s/pam_sekisho.conf", SEKISHO_SYSCONFDIR);
	(void)snprintf(ret->helpers, PATH_SIZE, "%s", SEKISHO_LIBEXECDIR);
	ret->language = NULL;
	ret->acknowledge = NULL;
	for (i = 0; i < argc && n > 0 && n < PATH_SIZE; i++) {
		if (strncmp(argv[i], "conf=/", 6) == 0) {
			n = snprintf(ret->conf, PATH_SIZE, "%s", argv[i] + 5);
		} else if (strncmp(argv[i], "helpers=/", 9) == 0) {
			n = snprintf(
			    ret->helpers, PATH_SIZE, "%s", argv[i] + 8);
		} else if (strncmp(argv[i], "lang=", 5) == 0) {
			ret->language = argv[i] + 5;
		} else if (strncmp(argv[i], "acknowledge=", 12) == 0 &&
			   (strcmp(argv[i] + 12, "yes") == 0 ||
			       strcmp(argv[i] + 12, "no") == 0)) {
			ret->acknowledge = argv[i] + 12;
		} else {
			pam_syslog(
			    pamh, LOG_ERR, "no such option: %s", argv[i]);
			return false;
		}
	}
	return n > 0 && n < PATH_SIZE;
}

static const char *
item(pam_handle_t *pamh, int which)
{
	const void *value = NULL;

	if (pam_get_item(pamh, which, &value) != PAM_SUCCESS || value == NULL)
		return "";
	return value;
}

/* As the session will speak, else as the application does. */
static const char *
language_of(pam_handle_t *pamh, const struct options *options)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	size_t i;

	if (options->language != NULL)
		return options->language;
	for (i = 0; i < 3; i++) {
		const char *value = pam_getenv(pamh, names[i]);

		if (value == NULL || value[0] == '\0')
			value = getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			return value;
	}
	return "";
}

/*
 * A display manager takes a last message off its screen when the module
 * returns, or never draws it: only a question makes sure that a refusal's
 * reference can be read. A terminal keeps its lines.
 */
static const char *
acknowledged(pam_handle_t *pamh, const struct options *options)
{
	if (options->acknowledge != NULL)
		return strcmp(options->acknowledge, "yes") == 0 ? "1" : "";
	return item(pamh, PAM_XDISPLAY)[0] != '\0' ||
		       item(pamh, PAM_TTY)[0] == ':'
		   ? "1"
		   : "";
}

static void
end_proven(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	free(data);
}

/* Closing the pair is the end of the session. */
static void
end_session(pam_handle_t *pamh, void *data, int status)
{
	int *fd = data;

	(void)pamh;
	/* In a forked copy of the handle this closes a copy: no harm done. */
	(void)status;
	(void)close(*fd);
	free(fd);
}

static int
start(pam_handle_t *pamh, const struct options *o, const char *program,
    char *const *env, int *ret_fd)
{
	static char option[] = "-c";
	char path[PATH_SIZE * 2], name[64], conf[PATH_SIZE];
	char *argv[] = {name, option, conf, NULL};
	struct helper helper = {
	    .path = path, .argv = argv, .env = env, .limit = HELPER_START_S};

	(void)snprintf(path, sizeof path, "%s/%s", o->helpers, program);
	(void)snprintf(name, sizeof name, "%s", program);
	(void)snprintf(conf, sizeof conf, "%s", o->conf);
	if (access(path, X_OK) != 0 ||
	    spawn_detached(&helper, ret_fd) != ERR_OK) {
		pam_syslog(pamh, LOG_ERR, "%s cannot be started", path);
		return PAM_AUTHINFO_UNAVAIL;
	}
	return PAM_SUCCESS;
}

static bool
send_start(
    pam_handle_t *pamh, int fd, const struct options *options, bool change)
{
	char flags[3];

	const char *user = item(pamh, PAM_USER);
	struct frame frame;

	frame_begin(&frame, FRAME_START);
	frame_put_text(&frame, item(pamh, PAM_SERVICE));
	frame_put_text(&frame, user);
	frame_put_text(&frame, item(pamh, PAM_RHOST));
	frame_put_text(&frame, language_of(pamh, options));
	(void)snprintf(flags, sizeof flags, "%s%s", acknowledged(pamh, options),
	    change ? "c" : "");
	frame_put_text(&frame, flags);
	return frame_send(fd, &frame, SEND_MS) == ERR_OK;
}

/* Asks, and sends the answer on. */
static bool
relay_question(pam_handle_t *pamh, int fd, const struct frame *frame)
{
	char text[TEXT_SIZE];
	struct frame reply;
	char *answer = NULL;
	unsigned echo;
	int rc;

	if (frame_number(frame, 0, 1, &echo) != ERR_OK ||
	    frame_text(frame, 1, text, sizeof text) != ERR_OK)
		return false;
	rc = pam_prompt(pamh, echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF,
	    &answer, "%s", text);
	if (rc == PAM_SUCCESS && answer != NULL) {
		frame_begin(&reply, FRAME_ANSWER);
		frame_put_text(&reply, answer);
	} else {
		frame_begin(&reply, FRAME_NOANSWER);
	}
	if (answer != NULL)
		explicit_bzero(answer, strlen(answer));
	free(answer);
	return frame_send(fd, &reply, SEND_MS) == ERR_OK;
}

static bool
relay_user(pam_handle_t *pamh, int fd)
{
	const char *user = NULL;
	struct frame reply;

	/* An empty name is one to libpam, which would not ask. */
	if (item(pamh, PAM_USER)[0] == '\0')
		(void)pam_set_item(pamh, PAM_USER, NULL);
	if (pam_get_user(pamh, &user, NULL) == PAM_SUCCESS && user != NULL &&
	    user[0] != '\0') {
		frame_begin(&reply, FRAME_ANSWER);
		frame_put_text(&reply, user);
	} else {
		frame_begin(&reply, FRAME_NOANSWER);
	}
	return frame_send(fd, &reply, SEND_MS) == ERR_OK;
}

static bool
relay_text(pam_handle_t *pamh, const struct frame *frame, bool silent)
{
	char text[TEXT_SIZE];

	if (frame_text(frame, 0, text, sizeof text) != ERR_OK)
		return false;
	if (frame->kind == FRAME_ERROR)
		return pam_error(pamh, "%s", text) == PAM_SUCCESS;
	return silent || pam_info(pamh, "%s", text) == PAM_SUCCESS;
}

static bool
relay_log(pam_handle_t *pamh, const struct frame *frame)
{
	static const int levels[] = {LOG_ERR, LOG_WARNING, LOG_INFO};
	char text[2048];
	unsigned level;

	if (frame_number(frame, 0, 2, &level) != ERR_OK ||
	    frame_text(frame, 1, text, sizeof text) != ERR_OK)
		return false;
	pam_syslog(pamh, levels[level], "%s", text);
	return true;
}

/*
 * The accepted name is the one the session gets. It may differ from what was
 * typed here ("SATO"), not from what the application has settled on: it may
 * go on with that, which might be somebody else's account.
 */
static int
accept_user(pam_handle_t *pamh, bool settled, struct proven *proven)
{
	int rc;

	if (proven->user[0] == '\0')
		return PAM_AUTHINFO_UNAVAIL;
	if (strcmp(proven->user, item(pamh, PAM_USER)) != 0) {
		if (settled) {
			pam_syslog(pamh, LOG_ERR,
			    "the server accepted %s, but %s was asked for",
			    proven->user, item(pamh, PAM_USER));
			return PAM_AUTH_ERR;
		}
		rc = pam_set_item(pamh, PAM_USER, proven->user);
		if (rc != PAM_SUCCESS)
			return rc;
	}
	return pam_set_data(pamh, DATA_LOGIN, proven, end_proven);
}

static int
finish(pam_handle_t *pamh, const struct frame *frame, bool settled)
{
	struct proven *proven;
	unsigned result;
	int rc;

	if (frame_number(frame, 0, RESULT_MAX, &result) != ERR_OK)
		return PAM_AUTHINFO_UNAVAIL;
	switch ((enum frame_result)result) {
	case RESULT_ACCEPT:
		break;
	case RESULT_REFUSED:
		return PAM_AUTH_ERR;
	case RESULT_UNAVAILABLE:
	case RESULT_NONE:
		return PAM_AUTHINFO_UNAVAIL;
	case RESULT_ABANDONED:
		return PAM_CONV_ERR;
	}
	proven = calloc(1, sizeof *proven);
	if (proven == NULL)
		return PAM_BUF_ERR;
	if (frame_text(frame, 1, proven->user, NAME_SIZE) != ERR_OK ||
	    frame_text(frame, 2, proven->reader, READER_SIZE) != ERR_OK ||
	    frame_text(frame, 3, proven->key_id, KEY_SIZE) != ERR_OK ||
	    frame_text(frame, 4, proven->class_hex, CLASS_SIZE) != ERR_OK)
		rc = PAM_AUTHINFO_UNAVAIL;
	else
		rc = accept_user(pamh, settled, proven);
	if (rc != PAM_SUCCESS)
		free(proven);
	return rc;
}

/* Until the helper is done, or does not behave. */
static int
converse(pam_handle_t *pamh, int fd, bool silent, bool settled)
{
	struct frame frame;
	enum error err;
	bool good = true;

	while (good) {
		err = frame_receive(fd, HELPER_MS, &frame);
		if (err != ERR_OK) {
			pam_syslog(pamh, LOG_ERR, "the login helper %s",
			    err == ERR_TIMEOUT	? "hangs"
			    : err == ERR_CLOSED ? "has ended without a result"
						: "cannot be understood");
			break;
		}
		if (frame.kind == FRAME_DONE) {
			int rc = finish(pamh, &frame, settled);

			frame_wipe(&frame);
			return rc;
		}
		if (frame.kind == FRAME_ASK)
			good = relay_question(pamh, fd, &frame);
		else if (frame.kind == FRAME_ASK_USER)
			good = relay_user(pamh, fd);
		else if (frame.kind == FRAME_INFO || frame.kind == FRAME_ERROR)
			good = relay_text(pamh, &frame, silent);
		else if (frame.kind == FRAME_LOG)
			good = relay_log(pamh, &frame);
		else
			good = frame.kind == FRAME_ALIVE;
	}
	if (!good)
		pam_syslog(pamh, LOG_ERR,
		    "the login helper is gone, or cannot be understood");
	return PAM_AUTHINFO_UNAVAIL;
}

/* A login, or one that ends with a new password. */
static int
run(pam_handle_t *pamh, int flags, int argc, const char **argv, bool change)
{
	static char path[] = "PATH=/usr/bin:/bin";
	char *env[] = {path, NULL};
	struct options options;
	bool settled;
	int fd, rc;

	if (!take_options(pamh, argc, argv, &options))
		return PAM_AUTHINFO_UNAVAIL;
	/* What an earlier conversation proved is not proven for this one. */
	(void)pam_set_data(pamh, DATA_LOGIN, NULL, NULL);
	settled = item(pamh, PAM_USER)[0] != '\0';
	rc = start(pamh, &options, "sekisho-login-helper", env, &fd);
	if (rc != PAM_SUCCESS)
		return rc;
	if (send_start(pamh, fd, &options, change))
		rc = converse(
		    pamh, fd, ((unsigned)flags & PAM_SILENT) != 0, settled);
	else
		rc = PAM_AUTHINFO_UNAVAIL;
	(void)close(fd);
	return rc;
}

PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return run(pamh, flags, argc, argv, false);
}

/*
 * passwd(1): both factors first, then the new password, to the server and to
 * nobody else. What was proven for it is no login.
 */
PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	int rc;

	if (((unsigned)flags & PAM_PRELIM_CHECK) != 0)
		return PAM_SUCCESS;
	rc = run(pamh, flags, argc, argv, true);
	(void)pam_set_data(pamh, DATA_LOGIN, NULL, NULL);
	return rc == PAM_SUCCESS || rc == PAM_CONV_ERR ? rc : PAM_AUTHTOK_ERR;
}

static const struct proven *
proven_here(pam_handle_t *pamh)
{
	const void *data = NULL;
	const struct proven *proven;

	if (pam_get_data(pamh, DATA_LOGIN, &data) != PAM_SUCCESS ||
	    data == NULL)
		return NULL;
	proven = data;
	return strcmp(proven->user, item(pamh, PAM_USER)) == 0 ? proven : NULL;
}

/* The server has looked at the account; it says nothing of other logins. */
PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	(void)argc;
	(void)argv;
	return proven_here(pamh) != NULL ? PAM_SUCCESS : PAM_IGNORE;
}

/* There are none. sshd calls this where the conversation was not. */
PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

/* The few words that a command like loginctl needs of the session. */
static size_t
session_env(pam_handle_t *pamh, char text[ENV_NAMES][300], char *env[])
{
	static const char *const names[ENV_NAMES] = {"XDG_SESSION_ID",
	    "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY", "XDG_SEAT",
	    "XDG_SEAT_PATH", "XDG_SESSION_PATH", "XDG_SESSION_TYPE",
	    "XAUTHORITY"};
	static char path[] = "PATH=/usr/bin:/bin";
	size_t i, n = 0;

	env[n++] = path;
	for (i = 0; i < ENV_NAMES; i++) {
		const char *value = pam_getenv(pamh, names[i]);

		if (value == NULL || strlen(value) > 256)
			continue;
		(void)snprintf(
		    text[n - 1], sizeof text[0], "%s=%s", names[i], value);
		env[n] = text[n - 1];
		n++;
	}
	env[n] = NULL;
	return n;
}

/*
 * The server is told of the session and may end it, and who logged in with a
 * card is watched for taking it away: all by sekisho-session-helper.
 */
PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const struct proven *proven = proven_here(pamh);
	char text[ENV_NAMES][300], *env[ENV_NAMES + 2];
	struct options options;
	struct frame frame;
	int rc, fd = -1, *kept;

	(void)flags;
	if (proven == NULL)
		return PAM_SUCCESS;
	if (!take_options(pamh, argc, argv, &options))
		return PAM_SESSION_ERR;
	(void)session_env(pamh, text, env);
	rc = start(pamh, &options, "sekisho-session-helper", env, &fd);
	kept = rc == PAM_SUCCESS ? malloc(sizeof *kept) : NULL;
	if (kept == NULL)
		goto out;
	frame_begin(&frame, FRAME_SESSION);
	frame_put_text(&frame, proven->user);
	frame_put_text(&frame, proven->reader);
	frame_put_text(&frame, proven->key_id);
	frame_put_text(&frame, proven->class_hex);
	frame_put_text(&frame, item(pamh, PAM_RHOST));
	/* No session under a watcher that does not watch. */
	if (frame_send(fd, &frame, SEND_MS) != ERR_OK ||
	    frame_receive(fd, WATCH_MS, &frame) != ERR_OK ||
	    frame.kind != FRAME_WATCHING) {
		pam_syslog(pamh, LOG_ERR,
		    "the session is not watched: sekisho-session-helper "
		    "failed");
		goto out;
	}
	*kept = fd;
	rc = pam_set_data(pamh, DATA_SESSION, kept, end_session);
	if (rc == PAM_SUCCESS)
		return PAM_SUCCESS;
out:
	free(kept);
	if (fd >= 0)
		(void)close(fd);
	return PAM_SESSION_ERR;
}

PAM_EXTERN __attribute__((visibility("default"))) int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	(void)argc;
	(void)argv;
	(void)pam_set_data(pamh, DATA_SESSION, NULL, NULL);
	return PAM_SUCCESS;
}
