/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/hex.h"

enum { PATH_SIZE = 512 };

static enum error fail(char *message, enum error err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum error
fail(char *message, enum error err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(message, KEYS_MESSAGE, format, ap);
	va_end(ap);
	return err;
}

/* Writes a new file whole, or not at all: a power cut leaves no half key. */
static enum error
write_key(const char *folder, const char *name, const unsigned char key[32],
    char *message)
{
	char path[PATH_SIZE], temporary[PATH_SIZE + 32], text[66];
	enum error err = ERR_OK;
	int fd, dir;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	/* of this process alone: another may rotate at the same time */
	(void)snprintf(
	    temporary, sizeof temporary, "%s.new%ld", path, (long)getpid());
	(void)unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
	if (fd < 0)
		return fail(
		    message, ERR_SYSTEM, "%s: %s", temporary, strerror(errno));
	hex_encode(key, 32, text);
	text[64] = '\n';
	if (write(fd, text, 65) != 65 || fsync(fd) != 0)
		err = fail(
		    message, ERR_SYSTEM, "%s: %s", temporary, strerror(errno));
	(void)close(fd);
	sodium_memzero(text, sizeof text);
	/* link(2) does not replace: two rotations at once cannot both win. */
	if (err == ERR_OK && link(temporary, path) != 0)
		err =
		    fail(message, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	(void)unlink(temporary);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		(void)fsync(dir);
		(void)close(dir);
	}
	return err;
}

static enum error
write_random(const char *folder, const char *name, char *message)
{
	unsigned char key[32];
	enum error err;

	randombytes_buf(key, sizeof key);
	err = write_key(folder, name, key, message);
	sodium_memzero(key, sizeof key);
	return err;
}

static enum error
read_key(const char *folder, const char *name, struct secret **ret_key,
    char *message)
{
	struct secret *text = NULL, *key = NULL;
	char path[PATH_SIZE];
	struct stat st;
	size_t len;
	enum error err;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	if (stat(path, &st) != 0)
		return fail(
		    message, ERR_NOTFOUND, "%s: %s", path, strerror(errno));
	if ((st.st_mode & 077) != 0)
		return fail(message, ERR_CONFIG,
		    "%s: others may read it; chmod 0400 it, and make new keys "
		    "(sekisho-authd keys rotate)",
		    path);
	err = secret_read_file(path, 128, &text);
	if (err != ERR_OK)
		return fail(message, err, "%s: %s", path, strerror(errno));
	err = secret_new(32, &key);
	if (err == ERR_OK && (text->len != 65 || text->bytes[64] != '\n' ||
				 hex_decode((const char *)text->bytes, 64,
				     key->bytes, 32, &len) != ERR_OK))
		err = fail(message, ERR_CONFIG, "%s: is not a key file", path);
	secret_free(&text);
	if (err == ERR_OK)
		*ret_key = key;
	else
		secret_free(&key);
	return err;
}

/* "key-0007" is 7; 0 for any other name. */
static unsigned
version_of(const char *name)
{
	unsigned version;
	char end;

	if (strlen(name) != 8 || strspn(name + 4, "0123456789") != 4 ||
	    sscanf(name, "key-%4u%c", &version, &end) != 1)
		return 0;
	return version;
}

static int
by_version(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_key(const struct dirent *entry)
{
	return version_of(entry->d_name) != 0;
}

enum error
keys_init(const char *folder, char message[KEYS_MESSAGE])
{
	char path[PATH_SIZE];
	enum error err = ERR_OK;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fail(
		    message, ERR_SYSTEM, "%s: %s", folder, strerror(errno));
	/* Killed in between before: what is there already is kept. */
	(void)snprintf(path, sizeof path, "%s/mask.key", folder);
	if (access(path, F_OK) != 0)
		err = write_random(folder, "mask.key", message);
	(void)snprintf(path, sizeof path, "%s/audit.key", folder);
	if (err == ERR_OK && access(path, F_OK) != 0)
		err = write_random(folder, "audit.key", message);
	if (err == ERR_OK)
		err = write_random(folder, "key-0001", message);
	return err;
}

enum error
keys_audit(const char *folder,
    unsigned char ret_public_key[STATEMENT_PUBLIC_KEY],
    char message[KEYS_MESSAGE])
{
	struct secret *key = NULL;
	enum error err;

	err = read_key(folder, "audit.key", &key, message);
	if (err == ERR_NOTFOUND) {
		err = write_random(folder, "audit.key", message);
		if (err == ERR_OK)
			err = read_key(folder, "audit.key", &key, message);
	}
	if (err == ERR_OK && key != NULL)
		statement_public_key(key->bytes, ret_public_key);
	secret_free(&key);
	return err;
}

/* Versions in the folder, ascending; -1 on failure. Caller frees. */
static int
list(const char *folder, struct dirent ***ret_names, char *message)
{
	int n = scandir(folder, ret_names, is_key, by_version);

	if (n < 0)
		(void)fail(
		    message, ERR_SYSTEM, "%s: %s", folder, strerror(errno));
	return n;
}

static void
free_list(struct dirent **names, int n)
{
	while (n-- > 0)
		free(names[n]);
	free(names);
}

enum error
keys_rotate(
    const char *folder, unsigned *ret_version, char message[KEYS_MESSAGE])
{
	struct dirent **names = NULL;
	unsigned version;
	char name[16];
	enum error err;
	int n;

	n = list(folder, &names, message);
	if (n < 0)
		return ERR_SYSTEM;
	if (n == 0 || n >= KEYS_MAX) {
		err = fail(message, ERR_CONFIG,
		    n == 0 ? "%s: has no keys; 'sekisho-authd keys init' makes "
			     "them"
			   : "%s: too many old keys; retire some first",
		    folder);
		goto out;
	}
	version = version_of(names[n - 1]->d_name) + 1;
	(void)snprintf(name, sizeof name, "key-%04u", version % 10000);
	err = write_random(folder, name, message);
	if (err == ERR_OK)
		*ret_version = version;
out:
	free_list(names, n);
	return err;
}

enum error
keys_retire(const char *folder, unsigned keep, char message[KEYS_MESSAGE])
{
	struct dirent **names = NULL;
	char path[PATH_SIZE];
	enum error err = ERR_OK;
	int n, i;

	n = list(folder, &names, message);
	if (n < 0)
		return ERR_SYSTEM;
	for (i = 0; i < n - 1 && err == ERR_OK; i++) {
		if (version_of(names[i]->d_name) >= keep)
			break;
		(void)snprintf(
		    path, sizeof path, "%s/%s", folder, names[i]->d_name);
		if (unlink(path) != 0)
			err = fail(message, ERR_SYSTEM, "%s: %s", path,
			    strerror(errno));
	}
	free_list(names, n);
	return err;
}

enum error
keys_load(
    const char *folder, struct keys **ret_keys, char message[KEYS_MESSAGE])
{
	struct dirent **names = NULL;
	struct keys *keys;
	enum error err;
	int n = 0, i;

	keys = calloc(1, sizeof *keys);
	if (keys == NULL)
		return fail(message, ERR_NOMEM, "out of memory");
	err = read_key(folder, "mask.key", &keys->mask, message);
	if (err != ERR_OK)
		goto out;
	/* installations from before the audit was sealed have none */
	err = read_key(folder, "audit.key", &keys->audit, message);
	if (err == ERR_NOTFOUND)
		err = ERR_OK;
	if (err != ERR_OK)
		goto out;
	n = list(folder, &names, message);
	if (n <= 0 || n > KEYS_MAX) {
		err = fail(message, ERR_CONFIG,
		    "%s: needs 1 to %d keys, has %d; 'sekisho-authd keys init' "
		    "makes the first",
		    folder, KEYS_MAX, n);
		goto out;
	}
	for (i = 0; i < n && err == ERR_OK; i++) {
		struct key *key = &keys->key[i];

		key->version = version_of(names[i]->d_name);
		err = read_key(
		    folder, names[i]->d_name, &key->secret_key, message);
		if (err == ERR_OK) {
			/* NOLINTBEGIN(*-core.NullDereference): it is set */
			(void)crypto_scalarmult_base(
			    key->public_key, key->secret_key->bytes);
			/* NOLINTEND(*-core.NullDereference) */
			keys->n++;
		}
	}
out:
	if (n > 0)
		free_list(names, n);
	if (err == ERR_OK)
		*ret_keys = keys;
	else
		keys_free(&keys);
	return err;
}

const struct key *
keys_find(const struct keys *keys, unsigned version)
{
	size_t i;

	for (i = 0; i < keys->n; i++) {
		if (keys->key[i].version == version)
			return &keys->key[i];
	}
	return NULL;
}

void
keys_free(struct keys **keys)
{
	size_t i;

	if (keys == NULL || *keys == NULL)
		return;
	for (i = 0; i < KEYS_MAX; i++)
		secret_free(&(*keys)->key[i].secret_key);
	secret_free(&(*keys)->mask);
	secret_free(&(*keys)->audit);
	free(*keys);
	*keys = NULL;
}
