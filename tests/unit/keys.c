/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/keys.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

static char message[KEYS_MESSAGE];
static char folder[64], parent[32];

static int
set_up(void **state)
{
	(void)state;
	(void)stpcpy(parent, "/tmp/keys-XXXXXX");
	if (mkdtemp(parent) == NULL)
		return -1;
	(void)stpcpy(stpcpy(folder, parent), "/keys");
	return 0;
}

static int
tear_down(void **state)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	char path[512];

	(void)state;
	while (d != NULL && (entry = readdir(d)) != NULL) {
		(void)snprintf(
		    path, sizeof path, "%s/%s", folder, entry->d_name);
		(void)unlink(path);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(folder);
	(void)rmdir(parent);
	return 0;
}

static const char *
file(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static struct keys *
load(void)
{
	struct keys *keys = NULL;

	if (keys_load(folder, &keys, message) != ERR_OK)
		fail_msg("%s", message);
	return keys;
}

static void
does_not_load(enum error want, const char *why)
{
	struct keys *keys = NULL;

	assert_error(keys_load(folder, &keys, message), want);
	assert_null(keys);
	if (strstr(message, why) == NULL)
		fail_msg("%s", message);
}

static unsigned
rotate(void)
{
	unsigned version = 0;

	if (keys_rotate(folder, &version, message) != ERR_OK)
		fail_msg("%s", message);
	return version;
}

static void
init_makes_private_files_once(void **state)
{
	unsigned char public_key[32];
	struct keys *keys;
	struct stat st;

	(void)state;
	assert_ok(keys_init(folder, message));
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(file("key-0001"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0400);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(stat(file("mask.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0400);
	assert_int_not_equal(stat(file("key-0001.new"), &st), 0);
	keys = load();
	assert_int_equal(keys->n, 1);
	assert_int_equal(keys->key[0].version, 1);
	(void)crypto_scalarmult_base(
	    public_key, keys->key[0].secret_key->bytes);
	assert_memory_equal(public_key, keys->key[0].public_key, 32);
	assert_memory_not_equal(
	    keys->mask->bytes, keys->key[0].secret_key->bytes, 32);
	memcpy(public_key, keys->key[0].public_key, 32);
	keys_free(&keys);
	assert_null(keys);
	/* a second time overwrites nothing */
	assert_error(keys_init(folder, message), ERR_SYSTEM);
	keys = load();
	assert_memory_equal(public_key, keys->key[0].public_key, 32);
	keys_free(&keys);
}

static void
rotating_adds_and_retiring_removes(void **state)
{
	struct keys *keys;

	(void)state;
	assert_ok(keys_init(folder, message));
	assert_int_equal(rotate(), 2);
	assert_int_equal(rotate(), 3);
	keys = load();
	assert_int_equal(keys->n, 3);
	assert_int_equal(keys->key[2].version, 3);
	assert_ptr_equal(keys_find(keys, 2), &keys->key[1]);
	assert_null(keys_find(keys, 4));
	assert_null(keys_find(keys, 0));
	keys_free(&keys);
	assert_ok(keys_retire(folder, 2, message));
	keys = load();
	assert_int_equal(keys->n, 2);
	assert_int_equal(keys->key[0].version, 2);
	keys_free(&keys);
	/* the newest stays, whatever is said */
	assert_ok(keys_retire(folder, 99, message));
	keys = load();
	assert_int_equal(keys->n, 1);
	assert_int_equal(keys->key[0].version, 3);
	keys_free(&keys);
	assert_int_equal(rotate(), 4);
}

static void
too_many_old_keys(void **state)
{
	unsigned version;
	int i;

	(void)state;
	assert_ok(keys_init(folder, message));
	for (i = 2; i <= KEYS_MAX; i++)
		assert_int_equal(rotate(), i);
	assert_error(keys_rotate(folder, &version, message), ERR_CONFIG);
	assert_non_null(strstr(message, "retire some"));
	{
		struct keys *keys = load();

		assert_int_equal(keys->n, KEYS_MAX);
		keys_free(&keys);
	}
}

static void
files_others_may_read_are_refused(void **state)
{
	static const mode_t modes[] = {0440, 0404, 0644, 0410, 0601};
	size_t i;

	(void)state;
	assert_ok(keys_init(folder, message));
	for (i = 0; i < COUNT(modes); i++) {
		assert_int_equal(chmod(file("key-0001"), modes[i]), 0);
		does_not_load(ERR_CONFIG, "others may read it");
	}
	assert_int_equal(chmod(file("key-0001"), 0400), 0);
	assert_int_equal(chmod(file("mask.key"), 0440), 0);
	does_not_load(ERR_CONFIG, "mask.key: others may read it");
}

static void
write_file(const char *name, const char *text, size_t len)
{
	FILE *f;

	(void)unlink(file(name));
	f = fopen(file(name), "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	(void)fclose(f);
	assert_int_equal(chmod(file(name), 0400), 0);
}

static void
files_that_are_no_keys_are_refused(void **state)
{
	char text[130];

	(void)state;
	assert_ok(keys_init(folder, message));
	memset(text, 'a', sizeof text);
	write_file("key-0002", text, 0);
	does_not_load(ERR_CONFIG, "key-0002: is not a key file");
	write_file("key-0002", text, 65);
	does_not_load(ERR_CONFIG, "is not a key file");
	text[64] = '\n';
	write_file("key-0002", text, 64);
	does_not_load(ERR_CONFIG, "is not a key file");
	write_file("key-0002", text, 66);
	does_not_load(ERR_CONFIG, "is not a key file");
	write_file("key-0002", text, 129);
	does_not_load(ERR_INPUT, "key-0002");
	text[0] = 'g';
	write_file("key-0002", text, 65);
	does_not_load(ERR_CONFIG, "is not a key file");
	text[0] = 'a';
	write_file("key-0002", text, 65);
	{
		struct keys *keys = load();

		assert_int_equal(keys->n, 2);
		keys_free(&keys);
	}
}

static void
other_names_are_no_keys(void **state)
{
	static const char *const names[] = {"key-0000", "key-00012", "key-02",
	    "key-0002.new", "Key-0002", "key-000a", "key--001", "key-+001",
	    "key- 001", "README"};
	struct keys *keys;
	size_t i;

	(void)state;
	assert_ok(keys_init(folder, message));
	for (i = 0; i < COUNT(names); i++)
		write_file(names[i], "x", 1);
	keys = load();
	assert_int_equal(keys->n, 1);
	keys_free(&keys);
}

static void
nothing_there(void **state)
{
	unsigned version;

	(void)state;
	does_not_load(ERR_NOTFOUND, "No such file");
	assert_error(keys_rotate(folder, &version, message), ERR_SYSTEM);
	assert_error(keys_retire(folder, 1, message), ERR_SYSTEM);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_error(keys_rotate(folder, &version, message), ERR_CONFIG);
	assert_non_null(strstr(message, "keys init"));
	assert_ok(keys_init(folder, message));
	assert_int_equal(unlink(file("key-0001")), 0);
	does_not_load(ERR_CONFIG, "needs 1 to");
	assert_error(
	    keys_init("/nonexistent/deeper/keys", message), ERR_SYSTEM);
}

/* Several at once: as many new keys as were promised, all of them whole. */
static void
rotating_at_once(void **state)
{
	int round, i, status, made = 0;
	struct keys *keys;

	(void)state;
	assert_ok(keys_init(folder, message));
	for (round = 0; round < 5; round++) {
		pid_t child[4];

		for (i = 0; i < 4; i++) {
			child[i] = fork();
			if (child[i] == 0) {
				unsigned version;

				_exit(keys_rotate(folder, &version, message) ==
					      ERR_OK
					  ? 0
					  : 1);
			}
		}
		for (i = 0; i < 4; i++) {
			assert_int_equal(
			    waitpid(child[i], &status, 0), child[i]);
			assert_true(WIFEXITED(status));
			made += status == 0;
		}
	}
	assert_true(made >= 1);
	keys = load();
	assert_int_equal(keys->n, 1 + made);
	for (i = 0; i < (int)keys->n; i++)
		assert_int_equal(keys->key[i].version, i + 1);
	keys_free(&keys);
}

int
main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(init_makes_private_files_once),
	    IN_FOLDER(rotating_adds_and_retiring_removes),
	    IN_FOLDER(too_many_old_keys),
	    IN_FOLDER(files_others_may_read_are_refused),
	    IN_FOLDER(files_that_are_no_keys_are_refused),
	    IN_FOLDER(other_names_are_no_keys),
	    IN_FOLDER(nothing_there),
	    IN_FOLDER(rotating_at_once),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
