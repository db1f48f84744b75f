/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/order_key.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/hex.h"

enum { PATH = 4096 };

static enum error
folder(char ret_path[PATH])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (state != NULL && state[0] == '/') {
		n = snprintf(ret_path, PATH, "%s/sekisho/orders", state);
	} else {
		if (home == NULL || home[0] != '/') {
			const struct passwd *pw = getpwuid(getuid());

			home = pw != NULL ? pw->pw_dir : "/";
		}
		n = snprintf(
		    ret_path, PATH, "%s/.local/state/sekisho/orders", home);
	}
	return n < 0 || n >= PATH ? ERR_INPUT : ERR_OK;
}

/* order is a UUID: nothing else becomes a name here. */
static enum error
file(const char *order, char ret_path[PATH])
{
	size_t len;

	if (!uuid_valid(order) || folder(ret_path) != ERR_OK)
		return ERR_INPUT;
	len = strlen(ret_path);
	if (len + 1 + strlen(order) + strlen(".key") >= PATH)
		return ERR_INPUT;
	(void)snprintf(ret_path + len, PATH - len, "/%s.key", order);
	return ERR_OK;
}

/* Each folder on the way that is not there, for its owner alone. */
static enum error
make_folders(char *path)
{
	char *at = path;

	while ((at = strchr(at + 1, '/')) != NULL) {
		int rc;

		*at = '\0';
		rc = mkdir(path, 0700);
		*at = '/';
		if (rc != 0 && errno != EEXIST)
			return ERR_SYSTEM;
	}
	return ERR_OK;
}

static enum error
keep(const char *order, const struct secret *key)
{
	char path[PATH];
	enum error err = file(order, path);
	ssize_t n;
	int fd;

	if (err == ERR_OK)
		err = make_folders(path);
	if (err != ERR_OK)
		return err;
	fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return ERR_SYSTEM;
	n = write(fd, key->bytes, key->len);
	/* it must be there before anything is sealed to it */
	if (n < 0 || (size_t)n != key->len || fsync(fd) != 0)
		err = ERR_SYSTEM;
	if (close(fd) != 0)
		err = ERR_SYSTEM;
	if (err != ERR_OK)
		(void)unlink(path);
	return err;
}

enum error
order_key_make(const char *order, struct secret **ret_public)
{
	struct secret *public_key = NULL, *secret_key = NULL;
	enum error err;

	err = secret_new(ORDER_KEY, &secret_key);
	if (err == ERR_OK)
		err = secret_new(ORDER_KEY, &public_key);
	if (err == ERR_OK &&
	    crypto_box_keypair(public_key->bytes, secret_key->bytes) != 0)
		err = ERR_CRYPTO;
	if (err == ERR_OK)
		err = keep(order, secret_key);
	if (err == ERR_OK)
		*ret_public = public_key;
	else
		secret_free(&public_key);
	secret_free(&secret_key);
	return err;
}

static enum error
recall(const char *order, struct secret **ret_key)
{
	struct secret *key = NULL;
	char path[PATH];
	struct stat about;
	enum error err;
	int fd;

	err = file(order, path);
	if (err != ERR_OK)
		return err;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_DENIED;
	err = ERR_DENIED;
	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) ||
	    about.st_uid != geteuid() || (about.st_mode & 077) != 0)
		goto out;
	err = secret_new(ORDER_KEY, &key);
	if (err == ERR_OK && read(fd, key->bytes, ORDER_KEY) != ORDER_KEY)
		err = ERR_INPUT;
	if (err == ERR_OK)
		*ret_key = key;
	else
		secret_free(&key);
out:
	(void)close(fd);
	return err;
}

enum error
order_key_open(const char *order, const void *sealed, size_t len,
    struct secret **ret_answer)
{
	unsigned char public_key[ORDER_KEY];
	struct secret *key = NULL, *answer = NULL;
	enum error err;

	if (len <= crypto_box_SEALBYTES)
		return ERR_CRYPTO;
	err = recall(order, &key);
	if (err == ERR_OK)
		err = secret_new(len - crypto_box_SEALBYTES, &answer);
	if (err == ERR_OK &&
	    (crypto_scalarmult_base(public_key, key->bytes) != 0 ||
		crypto_box_seal_open(
		    answer->bytes, sealed, len, public_key, key->bytes) != 0))
		err = ERR_CRYPTO;
	if (err == ERR_OK)
		*ret_answer = answer;
	else
		secret_free(&answer);
	secret_free(&key);
	return err;
}

void
order_key_remove(const char *order)
{
	static const unsigned char nothing[ORDER_KEY];
	char path[PATH];
	int fd;

	if (file(order, path) != ERR_OK)
		return;
	fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		/* as far as the file system lets it be overwritten in place */
		if (write(fd, nothing, sizeof nothing) > 0)
			(void)fsync(fd);
		(void)close(fd);
	}
	(void)unlink(path);
}
