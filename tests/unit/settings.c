/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

static char message[CONF_MESSAGE];

static void
servers(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *host, *port; /* of the last */
	} good[] = {
	    {"192.0.2.1", 1, "192.0.2.1", "1812"},
	    {"192.0.2.1:11812, 192.0.2.2", 2, "192.0.2.2", "1812"},
	    {" 192.0.2.1  192.0.2.2:65535 ", 2, "192.0.2.2", "65535"},
	    {"2001:db8::1", 1, "2001:db8::1", "1812"},
	    {"[2001:db8::1]:1645", 1, "2001:db8::1", "1645"},
	    {"[::1]", 1, "::1", "1812"},
	    {"192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4", 4, "192.0.2.4", "1812"},
	};
	static const char *const bad[] = {"radius.example",
	    "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:18x",
	    "[192.0.2.1]", "[::1", "[::1]x", "[::1]:", ":1812", ", ",
	    "192.0.2.1:181212", "1,2,3,4,5",
	    "192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5"};
	struct settings s;
	char text[300];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		(void)snprintf(text, sizeof text,
		    "servers = \"%s\"; tries = 1;", good[i].text);
		assert_ok(settings_read_text(text, &s, message));
		assert_int_equal(s.n_servers, good[i].n);
		assert_string_equal(
		    s.servers[s.n_servers - 1].host, good[i].host);
		assert_string_equal(
		    s.servers[s.n_servers - 1].port, good[i].port);
		settings_clear(&s);
	}
	assert_ok(settings_read_text("servers = \"192.0.2.1, [::1]:99\"; "
				     "radsec_name = \"radius.example\";",
	    &s, message));
	assert_string_equal(s.servers[0].port, "2083");
	assert_string_equal(s.servers[1].account_port, "100");
	settings_clear(&s);
	assert_ok(settings_read_text("servers = \"192.0.2.1, [::1]:99\"; "
				     "accounting_port = 7;",
	    &s, message));
	assert_string_equal(s.servers[0].account_port, "7");
	settings_clear(&s);
	assert_ok(settings_read_text("servers = \"192.0.2.1, [::1]:99\"; "
				     "radsec_name = \"radius.example\";",
	    &s, message));
	assert_string_equal(s.servers[1].port, "99");
	settings_clear(&s);
	for (i = 0; i < COUNT(bad); i++) {
		(void)snprintf(
		    text, sizeof text, "servers = \"%s\"; tries = 1;", bad[i]);
		assert_error(settings_read_text(text, &s, message), ERR_CONFIG);
		assert_non_null(strstr(message, "servers"));
		settings_clear(&s);
	}
}

static void
values(void **state)
{
	static const struct {
		const char *line, *word;
	} bad[] = {
	    {"client_id = \"37B0332C-1BBE-4920-9B02-4D56B53AAB42\";", "UUID"},
	    {"language = \"de\";", "language"},
	    {"certificate_id = \"1\";", "certificate_id"},
	    {"certificate_id = \"zz\";", "certificate_id"},
	    {"module = \"opensc-pkcs11.so\";", "module"},
	    {"log_level = \"debug\";", "log_level"},
	    {"rsa_padding = \"oaep\";", "rsa_padding"},
	    {"card_pin = 1;", "card_pin"},
	    {"timeout_ms = 30000; tries = 4;", "90 seconds"},
	    {"pin_tries = 9;", "pin_tries"},
	    {"radsec_name = \"*.example\";", "radsec_name"},
	    {"radsec_key = \"\";", "radsec_key"},
	    {"secret = \"x\";", "not a setting"},
	};
	struct settings s;
	char text[300];
	size_t i;

	(void)state;
	assert_error(settings_read_text("", &s, message), ERR_CONFIG);
	assert_non_null(strstr(message, "servers is missing"));
	settings_clear(&s);
	for (i = 0; i < COUNT(bad); i++) {
		(void)snprintf(text, sizeof text, "servers = \"192.0.2.1\"; %s",
		    bad[i].line);
		assert_error(settings_read_text(text, &s, message), ERR_CONFIG);
		assert_non_null(strstr(message, bad[i].word));
		settings_clear(&s);
	}
	assert_ok(settings_read_text("servers = \"192.0.2.1\"; "
				     "certificate_id = \"0aff\";",
	    &s, message));
	assert_int_equal(s.id_len, 2);
	assert_memory_equal(s.id, "\x0a\xff", 2);
	assert_true(s.nas_identifier[0] != '\0');
	assert_string_equal(s.on_removal, "/usr/bin/loginctl lock-session");
	assert_string_equal(s.on_end, ""); /* as on_removal */
	assert_int_equal(settings_language(&s, "ja_JP.UTF-8"), SPEECH_JA);
	assert_int_equal(settings_language(&s, "en_GB"), SPEECH_EN);
	assert_int_equal(settings_language(&s, ""), SPEECH_EN);
	settings_clear(&s);
	/* of what could not be read at all */
	assert_int_equal(settings_language(&s, "ja"), SPEECH_JA);
}

static void
put(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
the_secret_file(void **state)
{
	char path[] = "/tmp/settings-XXXXXX", text[128], other[64];
	struct secret *secret = NULL;
	struct settings s;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	(void)snprintf(text, sizeof text,
	    "servers = \"192.0.2.1\"; secret_file = \"%s\";", path);
	assert_ok(settings_read_text(text, &s, message));
	put(path, "long enough\n", 0600);
	assert_ok(settings_secret(&s, &secret, message));
	assert_int_equal(secret->len, 11);
	secret_free(&secret);
	put(path, "long enough\n", 0604);
	assert_error(settings_secret(&s, &secret, message), ERR_CONFIG);
	assert_non_null(strstr(message, "chmod 600"));
	put(path, "short\n", 0600);
	assert_error(settings_secret(&s, &secret, message), ERR_CONFIG);
	assert_non_null(strstr(message, "8 to 128"));
	if (geteuid() == 0) {
		put(path, "long enough\n", 0600);
		assert_int_equal(chown(path, 12345, 0), 0);
		assert_error(settings_secret(&s, &secret, message), ERR_CONFIG);
		assert_non_null(strstr(message, "another user"));
	}
	/* a link may lead to anything */
	(void)snprintf(other, sizeof other, "%s-real", path);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_error(settings_secret(&s, &secret, message), ERR_CONFIG);
	(void)unlink(path);
	(void)unlink(other);
	assert_error(settings_secret(&s, &secret, message), ERR_CONFIG);
	assert_non_null(strstr(message, "No such file"));
	settings_clear(&s);
}

static void
fido2(void **state)
{
	static const struct {
		const char *devices;
		bool good;
	} cases[] = {{"[ \"usb\" ]", true},
	    {"[ \"usb\", \"socket:/run/key\", \"/dev/hidraw0\" ]", true},
	    {"[ ]", true}, {"[ \"nfc\" ]", false}, {"[ \"\" ]", false},
	    {"[ \"socket:run/key\" ]", false}, {"[ \"socket:\" ]", false}};
	struct settings s;
	char text[200];
	size_t i;

	(void)state;
	assert_ok(settings_read_text("servers = \"192.0.2.1\";", &s, message));
	assert_false(s.fido2);
	assert_int_equal(s.fido2_devices.n, 0);
	assert_int_equal(s.fido2_touch_s, 30);
	settings_clear(&s);
	for (i = 0; i < COUNT(cases); i++) {
		(void)snprintf(text, sizeof text,
		    "servers = \"192.0.2.1\"; fido2 = true; fido2_devices = "
		    "%s;",
		    cases[i].devices);
		assert_error(settings_read_text(text, &s, message),
		    cases[i].good ? ERR_OK : ERR_CONFIG);
		if (!cases[i].good)
			assert_non_null(strstr(message, "fido2_devices"));
		settings_clear(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(servers),
	    cmocka_unit_test(values),
	    cmocka_unit_test(the_secret_file),
	    cmocka_unit_test(fido2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
