/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authd.conf(5): what is checked beyond the single settings. */
#include "authd/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

static char message[CONF_MESSAGE];

static enum error
read_text(const char *text, struct config *config)
{
	char path[] = "/tmp/config-XXXXXX";
	int fd = mkstemp(path);
	enum error err;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	message[0] = '\0';
	err = config_read(path, config, message);
	(void)unlink(path);
	return err;
}

#define USERS "user = \"nobody\"; plugin_user = \"daemon\"; "

static void
bad(const char *text, const char *why)
{
	struct config config;

	assert_error(read_text(text, &config), ERR_CONFIG);
	if (strstr(message, why) == NULL)
		fail_msg("'%s': %s", text, message);
}

static void
the_clerks_connection(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(
	    read_text(USERS "database = \"dbname=x user=w\";", &c), ERR_OK);
	assert_string_equal(
	    c.clerk_database, "dbname=x user=w user=sekisho_clerk");
	assert_true(c.clerk_derived);
	config_clear(&c);
	assert_int_equal(
	    read_text(USERS "database = \"postgresql://w@h/x\";", &c), ERR_OK);
	assert_string_equal(c.clerk_database, "postgresql://w@h/x");
	config_clear(&c);
	assert_int_equal(
	    read_text(USERS "clerk_database = \"dbname=y\";", &c), ERR_OK);
	assert_string_equal(c.clerk_database, "dbname=y");
	assert_false(c.clerk_derived);
	config_clear(&c);
}

static void
a_good_one(void **state)
{
	struct config c;

	(void)state;
	if (read_text(USERS "log_level = \"warn\"; workers = 150;", &c) !=
	    ERR_OK)
		fail_msg("%s", message);
	assert_int_equal(c.level, LOG_LEVEL_WARN);
	assert_int_equal(c.workers, 150);
	assert_true(c.hashes >= 1); /* 0 became the number of cores */
	assert_int_not_equal(c.uid, 0);
	assert_int_not_equal(c.plugin_uid, 0);
	assert_true(c.node[0] != '\0');
	config_clear(&c);
	assert_null(c.socket);
}

static void
users_must_exist(void **state)
{
	(void)state;
	bad("user = \"nobody\"; plugin_user = \"no-such-user\";",
	    "there is no user 'no-such-user'");
	bad("plugin_user = \"daemon\"; user = \"no-such-user\";",
	    "user: there is no user");
	if (geteuid() == 0)
		bad("plugin_user = \"daemon\";", "does not serve as root");
}

/* There are always more workers than may hash or wait for it. */
static void
light_requests_never_wait_for_heavy_ones(void **state)
{
	struct config c;

	(void)state;
	bad(USERS "workers = 28; hashes = 4; hash_waiters = 24;",
	    "must be more than");
	assert_ok(read_text(
	    USERS "workers = 29; hashes = 4; hash_waiters = 24;", &c));
	config_clear(&c);
}

static void
log_levels(void **state)
{
	(void)state;
	bad(USERS "log_level = \"loud\";", "error, warn, info or debug");
	bad(USERS "log_level = \"all\";", "log_level must have");
}

/* Every preset is one that a file could give. */
static void
presets_keep_their_own_rules(void **state)
{
	const struct conf_setting *s;

	(void)state;
	for (s = config_table; s->path != NULL; s++) {
		assert_non_null(s->preset);
		assert_true(s->min <= s->max);
		if (s->type == CONF_STRING)
			assert_in_range(strlen(s->preset), s->min, s->max);
		else if (s->type == CONF_INT)
			assert_in_range(
			    strtol(s->preset, NULL, 10), s->min, s->max);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_one),
	    cmocka_unit_test(the_clerks_connection),
	    cmocka_unit_test(users_must_exist),
	    cmocka_unit_test(light_requests_never_wait_for_heavy_ones),
	    cmocka_unit_test(log_levels),
	    cmocka_unit_test(presets_keep_their_own_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
