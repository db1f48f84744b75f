/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What FreeRADIUS tells of a certificate that it has verified. */
#include <string.h>

#include "common/wire/message.h"
#include "radius-plugin/translate.h"
#include "tests/unit/test.h"

static const struct origin origin = {
    "6f1c9a52-0000-4000-8000-000000000001", 7, "192.0.2.1", {1, 2, 3}};
static struct arena *arena;
static struct attribute attrs[8];
static size_t n;

static int
set_up(void **state)
{
	(void)state;
	n = 0;
	return arena_new(MESSAGE_ARENA, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
add(uint32_t number, const void *value, size_t len)
{
	attrs[n++] = (struct attribute){VENDOR_NONE, number, value, len};
}

static void
refused(void)
{
	Sekisho__AuthRequest r;

	assert_error(
	    translate_request(attrs, n, &origin, arena, &r), ERR_INPUT);
	arena_reset(arena);
	n = 0;
}

static void
serial_and_issuer(void **state)
{
	static const char longest[CERTIFICATE_ISSUER_MAX + 1];
	struct message m = {.kind = MESSAGE_AUTH_REQUEST};
	static uint8_t octets[MESSAGE_MAX];
	Sekisho__AuthRequest r;
	size_t len;

	(void)state;
	add(ATTR_USER_NAME, "sato", 4);
	add(ATTR_TLS_CLIENT_CERT_SERIAL, "417f", 4);
	add(ATTR_TLS_CLIENT_CERT_ISSUER, longest, CERTIFICATE_ISSUER_MAX);
	assert_ok(translate_request(attrs, n, &origin, arena, &r));
	m.auth_request = &r;
	assert_ok(message_encode(&m, octets, &len));
	assert_ok(message_decode(octets, len, arena, &m));
	assert_int_equal(
	    m.auth_request->scheme, SEKISHO__SCHEME__SCHEME_CERTIFICATE);
	assert_int_equal(m.auth_request->certificate_serial.len, 4);
	assert_memory_equal(m.auth_request->certificate_serial.data, "417f", 4);
	assert_int_equal(
	    m.auth_request->certificate_issuer.len, CERTIFICATE_ISSUER_MAX);
	assert_int_equal(m.auth_request->state_count, 0);
}

static void
what_does_not_fit(void **state)
{
	static const char much[CERTIFICATE_ISSUER_MAX + 1];

	(void)state;
	add(ATTR_TLS_CLIENT_CERT_SERIAL, "41", 2);
	refused();
	add(ATTR_TLS_CLIENT_CERT_ISSUER, "/CN=x", 5);
	refused();
	add(ATTR_TLS_CLIENT_CERT_SERIAL, "41", 2);
	add(ATTR_TLS_CLIENT_CERT_SERIAL, "42", 2);
	add(ATTR_TLS_CLIENT_CERT_ISSUER, "/CN=x", 5);
	refused();
	add(ATTR_TLS_CLIENT_CERT_SERIAL, much, CERTIFICATE_SERIAL_MAX + 1);
	add(ATTR_TLS_CLIENT_CERT_ISSUER, "/CN=x", 5);
	refused();
	add(ATTR_TLS_CLIENT_CERT_SERIAL, "41", 2);
	add(ATTR_TLS_CLIENT_CERT_ISSUER, much, sizeof much);
	refused();
	/* nothing else is shown beside it */
	add(ATTR_TLS_CLIENT_CERT_SERIAL, "41", 2);
	add(ATTR_TLS_CLIENT_CERT_ISSUER, "/CN=x", 5);
	add(ATTR_USER_PASSWORD, "secret", 6);
	refused();
}

/* The octet numbers of another vendor are something else. */
static void
of_a_vendor_they_are_nothing(void **state)
{
	Sekisho__AuthRequest r;

	(void)state;
	add(ATTR_TLS_CLIENT_CERT_SERIAL, "41", 2);
	add(ATTR_TLS_CLIENT_CERT_ISSUER, "/CN=x", 5);
	attrs[0].vendor = attrs[1].vendor = VENDOR_SEKISHO;
	assert_ok(translate_request(attrs, n, &origin, arena, &r));
	assert_int_equal(r.scheme, SEKISHO__SCHEME__SCHEME_NONE);
	assert_int_equal(r.certificate_serial.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		serial_and_issuer, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_does_not_fit, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		of_a_vendor_they_are_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
