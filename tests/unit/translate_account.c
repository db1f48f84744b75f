/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/translate.h"

#include <string.h>

#include "common/wire/message.h"
#include "tests/unit/test.h"

static struct arena *arena;
static struct attribute attrs[32];
static size_t n;
static const struct origin origin = {
    "6f1c9a52-0000-4000-8000-000000000001", 7, "192.0.2.1", {1, 2, 3}};

static int
set_up(void **state)
{
	(void)state;
	n = 0;
	return arena_new(16384, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
add(uint32_t number, const char *value)
{
	attrs[n++] = (struct attribute){
	    VENDOR_NONE, number, (const uint8_t *)value, strlen(value)};
}

static void
is(ProtobufCBinaryData got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.data, want, got.len);
}

static void
put_number(uint32_t number, uint32_t value)
{
	uint8_t *octets = arena_alloc(arena, 4);

	octets[0] = (uint8_t)(value >> 24);
	octets[1] = (uint8_t)(value >> 16);
	octets[2] = (uint8_t)(value >> 8);
	octets[3] = (uint8_t)value;
	attrs[n++] = (struct attribute){VENDOR_NONE, number, octets, 4};
}

static void
an_accounting_request(void **state)
{
	struct message m = {.kind = MESSAGE_ACCOUNT_REQUEST};
	uint8_t octets[MESSAGE_MAX];
	Sekisho__AccountRequest r;
	size_t len;

	(void)state;
	put_number(ATTR_ACCT_STATUS_TYPE, 2);
	add(ATTR_ACCT_SESSION_ID, "0001");
	add(ATTR_USER_NAME, "sato");
	add(ATTR_CLASS, "a proxy's");
	add(ATTR_CLASS, "0123456789abcdef");
	add(ATTR_CLASS, "another proxy's");
	add(ATTR_CALLING_STATION_ID, "00-11-22-33-44-55");
	add(ATTR_CALLED_STATION_ID, "AP:ward");
	put_number(ATTR_NAS_PORT, 0);
	put_number(ATTR_FRAMED_IP_ADDRESS, 0xc0000207);
	put_number(ATTR_ACCT_INPUT_OCTETS, 5);
	put_number(ATTR_ACCT_INPUT_GIGAWORDS, 2);
	put_number(ATTR_ACCT_OUTPUT_GIGAWORDS, 0xffffffff);
	put_number(ATTR_ACCT_OUTPUT_OCTETS, 0xffffffff);
	put_number(ATTR_ACCT_SESSION_TIME, 1000000);
	put_number(ATTR_ACCT_TERMINATE_CAUSE, 4);
	put_number(ATTR_EVENT_TIMESTAMP, 1795343488);
	put_number(ATTR_ACCT_DELAY_TIME, 3);
	assert_ok(translate_account(attrs, n, &origin, arena, &r));
	assert_string_equal(r.client_id, origin.client_id);
	assert_int_equal(r.client_version, 7);
	is(r.session_id, "0001");
	is(r.user_name, "sato");
	is(r.class_octets, "0123456789abcdef");
	assert_int_equal(r.framed_ip.len, 4);
	assert_memory_equal(r.framed_ip.data, "\xc0\x00\x02\x07", 4);
	assert_int_equal(r.status, 2);
	assert_true(r.has_nas_port);
	assert_int_equal(r.octets_in, 2 * 4294967296 + 5);
	assert_int_equal(r.octets_out, UINT64_MAX);
	assert_int_equal(r.seconds, 1000000);
	assert_int_equal(r.cause, 4);
	assert_int_equal(r.event_time, 1795343488);
	assert_int_equal(r.delay, 3);
	m.account_request = &r;
	assert_ok(message_encode(&m, octets, &len));
	assert_ok(message_decode(octets, len, arena, &m));
	is(m.account_request->class_octets, "0123456789abcdef");
}

static void
accounting_that_is_none(void **state)
{
	Sekisho__AccountRequest r;
	size_t i;
	const uint32_t once[] = {ATTR_ACCT_STATUS_TYPE, ATTR_ACCT_SESSION_ID,
	    ATTR_USER_NAME, ATTR_FRAMED_IP_ADDRESS};

	(void)state;
	assert_error(
	    translate_account(attrs, n, &origin, arena, &r), ERR_INPUT);
	put_number(ATTR_ACCT_STATUS_TYPE, 1);
	assert_ok(translate_account(attrs, n, &origin, arena, &r));
	for (i = 0; i < sizeof once / sizeof once[0]; i++) {
		n = 0;
		put_number(ATTR_ACCT_STATUS_TYPE, 1);
		put_number(once[i], 1);
		put_number(once[i], 1);
		assert_error(
		    translate_account(attrs, n, &origin, arena, &r), ERR_INPUT);
	}
	n = 0;
	put_number(ATTR_ACCT_STATUS_TYPE, 1);
	add(ATTR_ACCT_SESSION_TIME, "123"); /* no integer */
	assert_error(
	    translate_account(attrs, n, &origin, arena, &r), ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		an_accounting_request, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		accounting_that_is_none, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
