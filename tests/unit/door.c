/* SPDX-License-Identifier: GPL-2.0-or-later */
/* door-reader.conf(5), and what a sensor may say. */
#include <stdio.h>
#include <string.h>

#include "cardtools/door/keylist.h"
#include "cardtools/door/sensor.h"
#include "tests/unit/test.h"

#define CLIENT "client_id = \"37b0332c-1bbe-4920-9b02-4d56b53aab42\";"
#define BASIC                                                             \
	"servers = \"192.0.2.1, [2001:db8::1]:1645\";" CLIENT             \
	"readers = ( (\"PICC\", \"W3-in\"), (\"Omnikey\", \"W3 out\") );" \
	"open = [ \"/bin/true\", \"a b\" ];"

static struct doorconf conf;
static char message[CONF_MESSAGE];

static enum error
read_text(const char *text)
{
	doorconf_clear(&conf);
	memset(&conf, 0, sizeof conf);
	message[0] = '\0';
	return doorconf_read_text(text, &conf, message);
}

static int
tear_down(void **state)
{
	(void)state;
	doorconf_clear(&conf);
	memset(&conf, 0, sizeof conf);
	return 0;
}

static void
what_is_given(void **state)
{
	(void)state;
	assert_ok(read_text(BASIC));
	assert_int_equal(conf.readers.n, 2);
	assert_string_equal(conf.readers.pair[1].to, "W3 out");
	assert_int_equal(conf.open.n, 2);
	assert_string_equal(conf.open.text[1], "a b");
	assert_null(conf.open.text[2]);
	assert_int_equal(conf.sensor.n, 0);
	assert_int_equal(conf.radius.n_servers, 2);
	assert_string_equal(conf.radius.servers[0].port, "1812");
	assert_string_equal(conf.radius.servers[1].port, "1645");
	/* accounting goes to the same addresses */
	assert_string_equal(conf.radius.servers[0].account_port, "1813");
	assert_string_equal(conf.radius.servers[1].account_port, "1646");
	assert_ok(read_text(BASIC "accounting_port = 5;"));
	assert_string_equal(conf.radius.servers[1].account_port, "5");
	assert_ok(read_text(BASIC "radsec_name = \"radius.example\";"));
	assert_string_equal(conf.radius.servers[0].port, "2083");
}

static void
what_is_refused(void **state)
{
	static const char *const bad[] = {
	    "", /* nothing */
	    "servers = \"192.0.2.1\";" CLIENT "open = [ \"/bin/true\" ];",
	    "servers = \"192.0.2.1\";" CLIENT "readers = ( (\"a\", \"b\") );",
	    BASIC "client = \"x\";",
	    BASIC "refused = [ \"true\" ];", /* no shell, no search */
	    BASIC "sensor = [ \"./sensor\" ];",
	    BASIC "refused = \"/bin/true\";",
	    BASIC "refused = [ 1 ];",
	    BASIC "heartbeat_s = 4;",
	    BASIC "accounting_port = 65536;",
	    "servers = \"radius.example\";" CLIENT
	    "open = [ \"/bin/true\" ]; readers = ( (\"a\", \"b\") );",
	    "servers = \"192.0.2.1\";" CLIENT "open = [ \"/bin/true\" ];"
	    "readers = ( (\"a\", \"b\"), (\"c\", \"b\") );",
	    "servers = \"192.0.2.1\";" CLIENT "open = [ \"/bin/true\" ];"
	    "readers = ( (\"\", \"b\") );",
	    "servers = \"192.0.2.1\";" CLIENT "open = [ \"/bin/true\" ];"
	    "readers = ( (\"a\", \"b\\nc\") );",
	    "servers = \"192.0.2.1\"; open = [ \"/bin/true\" ];"
	    "client_id = \"37B0332C-1BBE-4920-9B02-4D56B53AAB42\";"
	    "readers = ( (\"a\", \"b\") );",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (read_text(bad[i]) != ERR_CONFIG)
			fail_msg("taken: %s", bad[i]);
		assert_true(message[0] != '\0');
	}
}

static void
what_a_sensor_says(void **state)
{
	static const char *const bad[] = {"", "open", "openedW3-in", "opened ",
	    "opened W3", "opened W3-in ", "closed  W3-in", "OPENED"};
	size_t reader = 9, i;
	bool opened = false;

	(void)state;
	assert_ok(read_text(BASIC));
	assert_ok(sensor_line(&conf, "opened", &opened, &reader));
	assert_true(opened && reader == 0);
	assert_ok(sensor_line(&conf, "closed W3 out", &opened, &reader));
	assert_true(!opened && reader == 1);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
		    sensor_line(&conf, bad[i], &opened, &reader), ERR_INPUT);
}

static void
a_list_is_in_order_and_ends(void **state)
{
	static unsigned char page[ENTRY_KEYS_MAX];
	struct keylist list = {.n = 0};
	unsigned char key[ENTRY_KEY] = {0};
	bool last = true;
	size_t i;

	(void)state;
	assert_false(keylist_has(&list, key, 0));
	page[3] = 10;
	for (i = 0; i < ENTRY_KEYS_PAGE; i++)
		page[4 + i * ENTRY_KEY] = (unsigned char)(i + 1);
	assert_ok(keylist_add(&list, page, sizeof page, 1000, &last));
	assert_false(last);
	key[0] = 96;
	assert_true(keylist_has(&list, key, 10999));
	assert_false(keylist_has(&list, key, 11000));
	key[0] = 97;
	assert_false(keylist_has(&list, key, 1000));
	/* what is there already, or before it, is no next page */
	assert_error(
	    keylist_add(&list, page, 4 + ENTRY_KEY, 1000, &last), ERR_INPUT);
	page[4] = 97;
	assert_error(
	    keylist_add(&list, page, 3 + ENTRY_KEY, 1000, &last), ERR_INPUT);
	assert_error(keylist_add(&list, page, 3, 1000, &last), ERR_INPUT);
	assert_ok(keylist_add(&list, page, 4 + ENTRY_KEY, 1000, &last));
	assert_true(last);
	assert_true(keylist_has(&list, key, 1000));
	assert_ok(keylist_add(&list, page, 4, 1000, &last));
	assert_int_equal(list.n, 97);
	keylist_clear(&list);
	assert_int_equal(list.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(what_is_given, tear_down),
	    cmocka_unit_test_teardown(what_is_refused, tear_down),
	    cmocka_unit_test_teardown(what_a_sensor_says, tear_down),
	    cmocka_unit_test(a_list_is_in_order_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
