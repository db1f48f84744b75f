/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/graphviz.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* An open file of no name that holds a text and is read from its start. */
static enum error
file_of(const char *text, int *ret_fd)
{
	size_t len = strlen(text), at = 0;
	int fd = memfd_create("graph", MFD_CLOEXEC);

	if (fd < 0)
		return ERR_SYSTEM;
	while (at < len) {
		ssize_t n = write(fd, text + at, len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	if (at < len || lseek(fd, 0, SEEK_SET) != 0) {
		(void)close(fd);
		return ERR_SYSTEM;
	}
	*ret_fd = fd;
	return ERR_OK;
}

/* Runs dot from input to output, and waits for it. */
static enum error
run_dot(int input, int output)
{
	char dot[] = "dot", svg[] = "-Tsvg";
	char *const argv[] = {dot, svg, NULL};
	posix_spawn_file_actions_t actions;
	int status, err;
	pid_t pid, ended;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ERR_NOMEM;
	err = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (err == 0)
		err = posix_spawn_file_actions_adddup2(
		    &actions, output, STDOUT_FILENO);
	if (err == 0)
		err = posix_spawnp(&pid, dot, &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (err == ENOENT)
		return ERR_NOTFOUND;
	if (err != 0) {
		errno = err;
		return ERR_SYSTEM;
	}
	do {
		ended = waitpid(pid, &status, 0);
	} while (ended < 0 && errno == EINTR);
	if (ended != pid)
		return ERR_SYSTEM;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ERR_OK
							     : ERR_INPUT;
}

enum error
graphviz_svg(const char *graph, const char *path)
{
	char *written = NULL;
	int input = -1, output = -1, why;
	enum error err;

	/* Beside the file, to take its place at once. */
	if (asprintf(&written, "%s.XXXXXX", path) < 0)
		return ERR_NOMEM;
	output = mkostemp(written, O_CLOEXEC);
	if (output < 0) {
		free(written);
		return ERR_SYSTEM;
	}
	err = file_of(graph, &input);
	if (err == ERR_OK)
		err = run_dot(input, output);
	if (err == ERR_OK && (fsync(output) != 0 || rename(written, path) != 0))
		err = ERR_SYSTEM;
	why = errno;
	if (err != ERR_OK)
		(void)unlink(written);
	if (input >= 0)
		(void)close(input);
	(void)close(output);
	free(written);
	errno = why;
	return err;
}
