/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
reset_signals(void)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM,
	    SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU};
	struct sigaction preset = {.sa_handler = SIG_DFL};
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (sigaction(numbers[i], &preset, NULL) != 0)
			return false;
	}
	return sigemptyset(&none) == 0 &&
	       sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/*
 * Raw system calls: glibc's own would tell the application's other threads,
 * which do not exist in this copy of it.
 */
static bool
change_user(const struct helper *helper)
{
	uid_t uid = helper->change ? helper->uid : geteuid();
	gid_t gid = helper->change ? helper->gid : getegid();

	if (helper->change && syscall(SYS_setgroups, 1L, &gid) != 0)
		return false;
	return syscall(SYS_setresgid, gid, gid, gid) == 0 &&
	       syscall(SYS_setresuid, uid, uid, uid) == 0;
}

/* In the new process: only what is safe after a fork of a threaded program. */
static _Noreturn void
become(const struct helper *helper, int fd, pid_t parent)
{
	int null;

	if (!reset_signals() || dup2(fd, STDIN_FILENO) != STDIN_FILENO)
		_exit(126);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0 || close_range(3, ~0U, 0) != 0)
		_exit(126);
	(void)setsid();
	(void)umask(077);
	if (chdir("/") != 0 || !change_user(helper))
		_exit(126);
	/* After the change of user, which would have cleared it. */
	if (parent != 0 &&
	    (prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L) != 0 ||
		getppid() != parent))
		_exit(126);
	(void)alarm(helper->limit);
	(void)execve(helper->path, helper->argv, helper->env);
	_exit(127);
}

static enum error
make_pair(int pair[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return ERR_SYSTEM;
	/* dup2 onto itself would keep close-on-exec. */
	if (pair[1] == STDIN_FILENO) {
		int fd = fcntl(pair[1], F_DUPFD_CLOEXEC, 3);

		(void)close(pair[1]);
		pair[1] = fd;
		if (fd < 0) {
			(void)close(pair[0]);
			return ERR_SYSTEM;
		}
	}
	return ERR_OK;
}

enum error
spawn_detached(const struct helper *helper, int *ret_fd)
{
	enum error err;
	int pair[2], status = 0;
	long between;
	pid_t got;

	err = make_pair(pair);
	if (err != ERR_OK)
		return err;
	/*
	 * The process between us and the helper was cloned with no exit signal:
	 * its end raises none, and only __WALL finds it. An execve would give
	 * it SIGCHLD back, so it does not become the helper itself.
	 */
	between = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
	if (between == 0) {
		pid_t pid = _Fork();

		if (pid == 0)
			become(helper, pair[1], 0);
		_exit(pid < 0);
	}
	(void)close(pair[1]);
	if (between < 0) {
		(void)close(pair[0]);
		return ERR_SYSTEM;
	}
	do
		got = waitpid((pid_t)between, &status, __WALL);
	while (got < 0 && errno == EINTR);
	if (got > 0 && status != 0) {
		(void)close(pair[0]);
		return ERR_SYSTEM;
	}
	*ret_fd = pair[0];
	return ERR_OK;
}

enum error
spawn_child(const struct helper *helper, pid_t *ret_pid, int *ret_fd)
{
	pid_t pid, parent = getpid();
	enum error err;
	int pair[2];

	err = make_pair(pair);
	if (err != ERR_OK)
		return err;
	pid = fork();
	if (pid == 0)
		become(helper, pair[1], helper->outlives ? 0 : parent);
	(void)close(pair[1]);
	if (pid < 0) {
		(void)close(pair[0]);
		return ERR_SYSTEM;
	}
	*ret_pid = pid;
	*ret_fd = pair[0];
	return ERR_OK;
}

void
spawn_end(pid_t *pid, int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	if (*pid <= 0)
		return;
	(void)kill(*pid, SIGKILL);
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
}
