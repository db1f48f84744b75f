/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/ask.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "cardtools/output.h"
#include "cardtools/text.h"

static const int stopping[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP};
enum { STOPPING = sizeof stopping / sizeof stopping[0] };

static volatile sig_atomic_t stopped_by;

static void
note_signal(int number)
{
	stopped_by = number;
}

bool
ask_interactive(void)
{
	return isatty(STDIN_FILENO) == 1;
}

/* A line from the terminal; a signal ends it, so that echo comes back. */
static enum error
read_terminal(struct secret **ret_line)
{
	struct secret *line = NULL;
	enum error err;
	size_t len = 0;
	char c;

	err = secret_new(ASK_MAX, &line);
	while (err == ERR_OK) {
		ssize_t n = read(STDIN_FILENO, &c, 1);

		if (stopped_by != 0 || n == 0)
			err = ERR_CLOSED;
		else if (n < 0 && errno != EINTR)
			err = ERR_SYSTEM;
		else if (n == 1 && c == '\n')
			break;
		else if (n == 1 && len == ASK_MAX)
			err = ERR_INPUT;
		else if (n == 1)
			line->bytes[len++] = (unsigned char)c;
	}
	if (err == ERR_OK)
		err = secret_copy(line->bytes, len, ret_line);
	if (err == ERR_INPUT)
		(void)tcflush(STDIN_FILENO, TCIFLUSH);
	sodium_memzero(&c, 1);
	secret_free(&line);
	return err;
}

static enum error
ask_terminal(const char *prompt, bool hidden, struct secret **ret_line)
{
	struct sigaction note = {.sa_handler = note_signal}, before[STOPPING];
	struct termios shown, silent;
	enum error err;
	size_t i;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return ERR_SYSTEM;
	stopped_by = 0;
	for (i = 0; i < STOPPING; i++)
		(void)sigaction(stopping[i], &note, &before[i]);
	(void)fputs(prompt, stderr);
	(void)fflush(stderr);
	silent = shown;
	if (hidden)
		silent.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	err = read_terminal(ret_line);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	if (hidden)
		(void)fputc('\n', stderr);
	for (i = 0; i < STOPPING; i++)
		(void)sigaction(stopping[i], &before[i], NULL);
	if (stopped_by != 0)
		(void)raise((int)stopped_by);
	return err;
}

enum error
ask_line(const char *prompt, bool hidden, struct secret **ret_line)
{
	struct secret *line;
	enum error err;

	if (ask_interactive())
		return ask_terminal(prompt, hidden, ret_line);
	err = secret_read_line(STDIN_FILENO, ASK_MAX, &line);
	if (err != ERR_OK)
		return err;
	if (line->len == 0) {
		secret_free(&line);
		return ERR_CLOSED;
	}
	*ret_line = line;
	return ERR_OK;
}

enum error
ask_maybe(int wait_ms, struct secret **ret_line)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	struct secret *line = NULL;
	struct stat about;
	enum error err;
	int n;

	if (fstat(STDIN_FILENO, &about) != 0 || S_ISCHR(about.st_mode)) {
		*ret_line = NULL;
		return ERR_OK;
	}
	n = poll(&input, 1, wait_ms);
	if (n <= 0)
		return n == 0 ? ERR_TIMEOUT : ERR_SYSTEM;
	err = secret_read_line(STDIN_FILENO, ASK_MAX, &line);
	if (err != ERR_OK)
		return err;
	if (line->len == 0)
		secret_free(&line);
	*ret_line = line;
	return ERR_OK;
}

bool
ask_yes(const char *question)
{
	struct secret *line = NULL;
	bool yes = false;

	if (!ask_interactive())
		return false;
	if (ask_terminal(question, false, &line) == ERR_OK)
		yes = strcmp((const char *)line->bytes, "yes") == 0 ||
		      strcmp((const char *)line->bytes, "y") == 0 ||
		      strcmp((const char *)line->bytes, "はい") == 0;
	secret_free(&line);
	return yes;
}

enum status
ask_failed(enum error err)
{
	if (err == ERR_CLOSED)
		say("%s", _("nothing came on standard input; write one line "
			    "there, or run this on a terminal"));
	else if (err == ERR_INPUT)
		say(_("the line is longer than %d octets"), ASK_MAX);
	else
		say(_("standard input: %s"), error_text(err));
	return STATUS_USAGE;
}

enum status
ask_why(struct call *call, struct secret **ret_line, const char **ret_why)
{
	const char *why = option(call, "why");
	enum error err;

	if (why == NULL && ask_interactive()) {
		err = ask_line(_("What for? It is recorded, with your name: "),
		    false, ret_line);
		if (err != ERR_OK)
			return ask_failed(err);
		why = (const char *)(*ret_line)->bytes;
	}
	*ret_why = why != NULL ? why : "";
	return STATUS_DONE;
}
