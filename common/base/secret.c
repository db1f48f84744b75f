/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum error
secret_new(size_t len, struct secret **ret_secret)
{
	struct secret *secret;

	if (len > SECRET_MAX)
		return ERR_INPUT;
	secret = calloc(1, sizeof *secret + len + 1);
	if (secret == NULL)
		return ERR_NOMEM;
	secret->len = len;
	secret->bytes = (unsigned char *)(secret + 1);
	*ret_secret = secret;
	return ERR_OK;
}

enum error
secret_copy(const void *bytes, size_t len, struct secret **ret_secret)
{
	struct secret *secret;
	enum error err;

	err = secret_new(len, &secret);
	if (err != ERR_OK)
		return err;
	if (len > 0)
		memcpy(secret->bytes, bytes, len);
	*ret_secret = secret;
	return ERR_OK;
}

void
secret_free(struct secret **secret)
{
	if (secret == NULL || *secret == NULL)
		return;
	sodium_memzero(*secret, sizeof **secret + (*secret)->len);
	free(*secret);
	*secret = NULL;
}

bool
secret_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && sodium_memcmp(a, b, a_len) == 0;
}

enum error
secret_read_line(int fd, size_t max, struct secret **ret_secret)
{
	struct secret *line = NULL;
	size_t len = 0;
	enum error err;
	char c;

	err = secret_new(max, &line);
	if (err != ERR_OK)
		return err;
	for (;;) {
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = ERR_SYSTEM;
			goto out;
		}
		if (n == 0 || c == '\n')
			break;
		if (len == max) {
			err = ERR_INPUT;
			goto out;
		}
		line->bytes[len++] = (unsigned char)c;
	}
	if (len > 0 && line->bytes[len - 1] == '\r')
		len--;
	err = secret_copy(line->bytes, len, ret_secret);
out:
	sodium_memzero(&c, 1);
	secret_free(&line);
	return err;
}

enum error
secret_read_file(const char *path, size_t max, struct secret **ret_secret)
{
	struct secret *whole = NULL;
	size_t len = 0;
	enum error err;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_SYSTEM;
	err = secret_new(max + 1, &whole);
	if (err != ERR_OK)
		goto out;
	for (;;) {
		ssize_t n = read(fd, whole->bytes + len, max + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = ERR_SYSTEM;
			goto out;
		}
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max) {
			err = ERR_INPUT;
			goto out;
		}
	}
	err = secret_copy(whole->bytes, len, ret_secret);
out:
	secret_free(&whole);
	(void)close(fd);
	return err;
}

void
secret_harden_process(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}
