/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/wire/entry.h"

enum { LOOK_MS = 20, END_MS = 500, NO_COMMAND = 127 };

#define READER_VARIABLE "SEKISHO_READER="

/* In the child: nothing but async-signal-safe calls. Does not return. */
static void
become(const struct conf_list *command, char *const *env, int out, pid_t parent)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;
	int null, i;

	(void)setpgid(0, 0);
	/* What holds a door open is told to end, so that it can shut it. */
	(void)prctl(PR_SET_PDEATHSIG, (long)SIGTERM, 0L, 0L, 0L);
	if (getppid() != parent)
		_exit(NO_COMMAND);
	for (i = 1; i < NSIG; i++)
		(void)sigaction(i, &action, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out >= 0 ? out : null, STDOUT_FILENO) < 0)
		_exit(NO_COMMAND);
	/* its complaints go where ours go */
	if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0)
		_exit(NO_COMMAND);
	(void)execve(command->text[0], command->text, env);
	_exit(NO_COMMAND);
}

static enum error
start(const struct conf_list *command, const char *reader, int out,
    pid_t *ret_pid)
{
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
		      "/sbin:/bin";
	char variable[sizeof READER_VARIABLE + ENTRY_READER_MAX];
	char *env[] = {path, NULL, NULL};
	const pid_t parent = getpid();
	pid_t pid;

	if (reader != NULL) {
		(void)snprintf(
		    variable, sizeof variable, READER_VARIABLE "%s", reader);
		env[1] = variable;
	}
	pid = fork();
	if (pid == 0)
		become(command, env, out, parent);
	if (pid < 0)
		return ERR_SYSTEM;
	(void)setpgid(pid, pid); /* whoever of both comes first */
	*ret_pid = pid;
	return ERR_OK;
}

/*
 * Told to end first: a command may have to shut what it has opened. It is not
 * buried before its group is killed, so that the number stays its own.
 */
static void
end_group(pid_t pid)
{
	const int64_t until = clock_ms() + END_MS;
	siginfo_t info;

	(void)kill(-pid, SIGTERM);
	(void)kill(-pid, SIGCONT);
	do {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info,
			WEXITED | WNOHANG | WNOWAIT) != 0 ||
		    info.si_pid == pid)
			break;
		(void)poll(NULL, 0, LOOK_MS);
	} while (clock_ms() < until);
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

enum error
command_run(const struct conf_list *command, const char *reader, int timeout_ms,
    int *ret_status)
{
	const int64_t until = clock_ms() + timeout_ms;
	pid_t pid, ended;
	enum error err;
	int status;

	*ret_status = -1;
	err = start(command, reader, -1, &pid);
	if (err != ERR_OK)
		return err;
	for (;;) {
		ended = waitpid(pid, &status, WNOHANG);
		if (ended == pid)
			break;
		if (ended < 0 && errno != EINTR)
			return ERR_SYSTEM;
		if (clock_ms() >= until) {
			end_group(pid);
			return ERR_TIMEOUT;
		}
		(void)poll(NULL, 0, LOOK_MS);
	}
	*ret_status = status;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ERR_OK
							     : ERR_SYSTEM;
}

enum error
command_start(const struct conf_list *command, pid_t *ret_pid, int *ret_fd)
{
	int ends[2];
	enum error err;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return ERR_SYSTEM;
	err = start(command, NULL, ends[1], ret_pid);
	(void)close(ends[1]);
	if (err == ERR_OK)
		*ret_fd = ends[0];
	else
		(void)close(ends[0]);
	return err;
}

void
command_end(pid_t *pid, int *fd)
{
	if (*pid > 0)
		end_group(*pid);
	if (*fd >= 0)
		(void)close(*fd);
	*pid = -1;
	*fd = -1;
}
