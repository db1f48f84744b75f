/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cardtools/terminal/frame.h"
#include "tests/unit/test.h"

static volatile sig_atomic_t sigchlds;

static void
count(int number)
{
	(void)number;
	sigchlds = sigchlds + 1;
}

/* A helper that says in one packet what it finds itself with. */
static char shell[] = "/bin/sh", option[] = "-c";
static char script[] =
    "exec >&0; cd /proc/self; printf 'fd:%s env:%s sid:%s mask:%s ign:%s' "
    "\"$(ls fd | tr '\\n' ,)\" \"$(env | grep -c SECRET)\" "
    "\"$(cut -d' ' -f6 stat)=$$\" "
    "\"$(grep SigBlk status | cut -f2)\" \"$(grep SigIgn status | cut -f2)\"";
static char word[] = "WORD=yes";
static char *argv_of[] = {shell, option, script, NULL};
static char *env_of[] = {word, NULL};
static const struct helper helper = {
    .path = shell, .argv = argv_of, .env = env_of, .limit = 20};

static void
nothing_of_the_application_is_passed_on(void **state)
{
	struct sigaction action = {.sa_handler = count}, old;
	char text[512] = "", expected[64];
	sigset_t block, before;
	int fd, secret, i;
	ssize_t n = 0;

	(void)state;
	assert_int_equal(setenv("SECRET", "1", 1), 0);
	secret = open("/etc/passwd", O_RDONLY); /* without close-on-exec */
	assert_true(secret > 2);
	assert_int_equal(sigaction(SIGCHLD, &action, &old), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigfillset(&block);
	(void)sigdelset(&block, SIGCHLD);
	assert_int_equal(sigprocmask(SIG_SETMASK, &block, &before), 0);
	assert_ok(spawn_detached(&helper, &fd));
	for (i = 0; i < 1 && n >= 0; i++)
		n = recv(fd, text, sizeof text - 1, 0);
	assert_true(n > 0);
	/* its socket, /dev/null twice, and the one that ls has open */
	(void)snprintf(expected, sizeof expected, "fd:0,1,2,3,");
	assert_memory_equal(text, expected, strlen(expected));
	assert_non_null(strstr(text, "env:0"));
	assert_non_null(strstr(text, "mask:0000000000000000"));
	assert_non_null(strstr(text, "ign:0000000000000000"));
	/* no child, no signal */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(sigchlds, 0);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)sigaction(SIGCHLD, &old, NULL);
	(void)close(fd);
	(void)close(secret);
}

static void
the_applications_own_children_stay_its_own(void **state)
{
	int fd, status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(7);
	assert_ok(spawn_detached(&helper, &fd));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
	(void)close(fd);
}

static void
a_program_that_is_not_there(void **state)
{
	struct helper none = helper;
	struct frame frame;
	pid_t pid;
	int fd;

	(void)state;
	none.path = "/nonexistent";
	assert_ok(spawn_detached(&none, &fd));
	assert_error(frame_receive(fd, 5000, &frame), ERR_CLOSED);
	(void)close(fd);
	assert_ok(spawn_child(&none, &pid, &fd));
	assert_error(frame_receive(fd, 5000, &frame), ERR_CLOSED);
	spawn_end(&pid, &fd);
	assert_int_equal(pid, 0);
	assert_int_equal(fd, -1);
}

static void
a_child_is_ended(void **state)
{
	static char sleep[] = "sleep 60";
	char *argv[] = {shell, option, sleep, NULL};
	struct helper slow = helper;
	pid_t pid, was;
	int fd;

	(void)state;
	slow.argv = argv;
	assert_ok(spawn_child(&slow, &pid, &fd));
	was = pid;
	spawn_end(&pid, &fd);
	assert_int_equal(kill(was, 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_of_the_application_is_passed_on),
	    cmocka_unit_test(the_applications_own_children_stay_its_own),
	    cmocka_unit_test(a_program_that_is_not_there),
	    cmocka_unit_test(a_child_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
