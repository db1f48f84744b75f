/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a vendor's module can do, and what it cannot. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authd/sandbox.h"
#include "tests/unit/test.h"

enum { DONE = 7 };

/* Where a vendor's module is: files and local sockets, and little else. */
static void
check_fence(bool network)
{
	static char *const none[] = {NULL};
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (sandbox_fence(network) != ERR_OK)
			_exit(1);
		if (open("/dev/null", O_RDONLY) < 0 ||
		    socket(AF_UNIX, SOCK_STREAM, 0) < 0)
			_exit(2);
		if (execve("/bin/true", none, none) != -1 || errno != EPERM ||
		    ptrace(PTRACE_TRACEME, 0, NULL, NULL) != -1 ||
		    errno != EPERM)
			_exit(3);
		if ((socket(AF_INET, SOCK_STREAM, 0) >= 0) != network)
			_exit(4);
		_exit(DONE);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), DONE);
}

static void
a_module_is_fenced_in(void **state)
{
	(void)state;
	check_fence(false);
	check_fence(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_module_is_fenced_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
