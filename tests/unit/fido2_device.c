/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A key in software through the real libfido2: registrations that it
 * verifies itself, PINs, and how a wait is ended.
 */
#include "cardtools/fido2_device.h"

#include <fido/eddsa.h>
#include <fido/es256.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "tests/unit/test.h"

enum { ARGS_MAX = 16, START_MS = 10000 };

static char folder[64], path[256], control[128];
static const unsigned char hash[32] = {1, 2, 3}, user[16] = {'u'};
static const char rp[] = "sekisho.example";
static pid_t pid;

static void
file(const char *name, char ret[128])
{
	(void)snprintf(ret, 128, "%s/%s", folder, name);
}

static void
tell(const char *what)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	char answer[2048] = "";
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)stpcpy(to.sun_path, control);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	assert_true(send(fd, what, strlen(what), 0) > 0);
	assert_true(recv(fd, answer, sizeof answer - 1, 0) > 0);
	if (strncmp(answer, "ok", 2) != 0)
		fail_msg("%s: %s", what, answer);
	(void)close(fd);
}

/* A new key of these options, NULL at their end. */
static void
start(const char *const options[])
{
	char program[256], state[128], socket_file[128];
	const char *args[ARGS_MAX + 8] = {program, "--socket", socket_file,
	    "--control", control, "--state", state};
	int64_t until = clock_ms() + START_MS;
	const char *from = getenv("SEKISHO_FIDO2KEY");
	size_t n = 7, i;

	assert_non_null(from);
	(void)snprintf(program, sizeof program, "%s", from);
	(void)snprintf(folder, sizeof folder, "/tmp/fido2-device-XXXXXX");
	assert_non_null(mkdtemp(folder));
	file("key", socket_file);
	file("control", control);
	file("state", state);
	(void)snprintf(path, sizeof path, "socket:%s", socket_file);
	for (i = 0; options[i] != NULL && i < ARGS_MAX; i++)
		args[n++] = options[i];
	pid = fork();
	if (pid == 0) {
		char *argv[ARGS_MAX + 8] = {NULL};

		for (i = 0; i < n; i++)
			argv[i] = strdup(args[i]);
		(void)execv(program, argv);
		_exit(127);
	}
	assert_true(pid > 0);
	while (access(control, F_OK) != 0 && clock_ms() < until)
		(void)poll(NULL, 0, 10);
	assert_int_equal(access(control, F_OK), 0);
}

static void
stop(void)
{
	static const char *const files[] = {"state", "ca.pem"};
	char name[128];
	int status = 0;
	size_t i;

	if (pid <= 0)
		return;
	tell("quit");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	pid = 0;
	assert_int_equal(status, 0); /* no leak, no overrun in the key either */
	for (i = 0; i < COUNT(files); i++) {
		file(files[i], name);
		(void)unlink(name);
	}
	assert_int_equal(rmdir(folder), 0);
}

static int
tear_down(void **state)
{
	(void)state;
	if (pid > 0) { /* of a test that failed */
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		pid = 0;
	}
	return 0;
}

static fido_dev_t *
open_key(void)
{
	fido_dev_t *dev = NULL;

	assert_ok(fido2_device_open(path, &dev));
	assert_true(fido_dev_is_fido2(dev));
	return dev;
}

static fido_cred_t *
registration(int type)
{
	fido_cred_t *cred = fido_cred_new();

	assert_non_null(cred);
	assert_int_equal(fido_cred_set_type(cred, type), FIDO_OK);
	assert_int_equal(
	    fido_cred_set_clientdata_hash(cred, hash, sizeof hash), FIDO_OK);
	assert_int_equal(fido_cred_set_rp(cred, rp, "Sekisho"), FIDO_OK);
	assert_int_equal(fido_cred_set_user(cred, user, sizeof user, "sato",
			     "Sato Hanako", NULL),
	    FIDO_OK);
	return cred;
}

/* One assertion of that credential, verified; the error, if there is none. */
static int
assertion(fido_dev_t *dev, const fido_cred_t *cred, const char *pin,
    fido_opt_t up, fido_opt_t uv, uint8_t *ret_flags, uint32_t *ret_count)
{
	fido_assert_t *a = fido_assert_new();
	int type = fido_cred_type(cred), r;
	const unsigned char *k = fido_cred_pubkey_ptr(cred);
	es256_pk_t *es = es256_pk_new();
	eddsa_pk_t *ed = eddsa_pk_new();

	assert_int_equal(fido_assert_set_rp(a, rp), FIDO_OK);
	assert_int_equal(
	    fido_assert_set_clientdata_hash(a, hash, sizeof hash), FIDO_OK);
	assert_int_equal(fido_assert_allow_cred(
			     a, fido_cred_id_ptr(cred), fido_cred_id_len(cred)),
	    FIDO_OK);
	(void)fido_assert_set_up(a, up);
	(void)fido_assert_set_uv(a, uv);
	r = fido_dev_get_assert(dev, a, pin);
	if (r == FIDO_OK) {
		*ret_flags = fido_assert_flags(a, 0);
		*ret_count = fido_assert_sigcount(a, 0);
		if (type == COSE_ES256)
			r = es256_pk_from_ptr(
			    es, k, fido_cred_pubkey_len(cred));
		else
			r = eddsa_pk_from_ptr(
			    ed, k, fido_cred_pubkey_len(cred));
		assert_int_equal(r, FIDO_OK);
		r = fido_assert_verify(
		    a, 0, type, type == COSE_ES256 ? (void *)es : (void *)ed);
	}
	es256_pk_free(&es);
	eddsa_pk_free(&ed);
	fido_assert_free(&a);
	return r;
}

static void
registers_and_signs(int type, const char *const options[], const char *format)
{
	fido_cred_t *cred = registration(type), *again;
	uint32_t first = 0, second = 0;
	uint8_t flags = 0;
	fido_dev_t *dev;

	start(options);
	dev = open_key();
	assert_int_equal(fido_dev_make_cred(dev, cred, NULL), FIDO_OK);
	assert_string_equal(fido_cred_fmt(cred), format);
	if (strcmp(format, "none") != 0)
		assert_int_equal(fido_cred_x5c_ptr(cred) != NULL
				     ? fido_cred_verify(cred)
				     : fido_cred_verify_self(cred),
		    FIDO_OK);
	assert_int_equal(fido_cred_id_len(cred), 64);
	assert_int_equal(fido_cred_flags(cred) & 0x1, 0x1);
	again = registration(type);
	assert_int_equal(fido_cred_exclude(again, fido_cred_id_ptr(cred),
			     fido_cred_id_len(cred)),
	    FIDO_OK);
	assert_int_equal(
	    fido_dev_make_cred(dev, again, NULL), FIDO_ERR_CREDENTIAL_EXCLUDED);
	assert_int_equal(assertion(dev, cred, NULL, FIDO_OPT_OMIT,
			     FIDO_OPT_OMIT, &flags, &first),
	    FIDO_OK);
	assert_int_equal(flags, 0x1);
	assert_int_equal(assertion(dev, cred, NULL, FIDO_OPT_FALSE,
			     FIDO_OPT_OMIT, &flags, &second),
	    FIDO_OK);
	assert_int_equal(flags, 0); /* a look, without a touch */
	assert_true(second > first);
	fido_cred_free(&again);
	fido_cred_free(&cred);
	fido2_device_close(&dev);
	assert_null(dev);
	stop();
}

static void
a_registration_attests_itself(void **state)
{
	(void)state;
	registers_and_signs(
	    COSE_ES256, (const char *const[]){"--uv", "none", NULL}, "packed");
	registers_and_signs(COSE_EDDSA,
	    (const char *const[]){"--uv", "none", "--alg", "eddsa", NULL},
	    "packed");
}

static void
a_registration_without_attestation(void **state)
{
	(void)state;
	registers_and_signs(COSE_ES256,
	    (const char *const[]){"--attestation", "none", NULL}, "none");
}

static void
a_registration_with_the_makers_certificate(void **state)
{
	char ca[128];

	(void)state;
	/* the folder is made by start, so it is beside it for once */
	(void)snprintf(
	    ca, sizeof ca, "/tmp/fido2-device-ca-%d.pem", (int)getpid());
	registers_and_signs(COSE_ES256,
	    (const char *const[]){"--attestation", "x5c", "--ca", ca, NULL},
	    "packed");
	assert_int_equal(unlink(ca), 0);
}

static void
pins(const char *protocols)
{
	fido_cred_t *cred = registration(COSE_ES256);
	uint32_t count;
	uint8_t flags = 0;
	fido_dev_t *dev;
	int left = 0;

	start((const char *const[]){"--pin-protocols", protocols, NULL});
	dev = open_key();
	assert_false(fido_dev_has_pin(dev));
	assert_int_equal(
	    fido_dev_set_pin(dev, "123", NULL), FIDO_ERR_PIN_POLICY_VIOLATION);
	assert_int_equal(fido_dev_set_pin(dev, "1234", NULL), FIDO_OK);
	assert_int_equal(
	    fido_dev_make_cred(dev, cred, NULL), FIDO_ERR_PIN_REQUIRED);
	assert_int_equal(
	    fido_dev_make_cred(dev, cred, "9999"), FIDO_ERR_PIN_INVALID);
	assert_int_equal(fido_dev_get_retry_count(dev, &left), FIDO_OK);
	assert_int_equal(left, 7);
	assert_int_equal(fido_dev_make_cred(dev, cred, "1234"), FIDO_OK);
	assert_int_equal(fido_cred_flags(cred) & 0x5, 0x5);
	assert_int_equal(fido_dev_get_retry_count(dev, &left), FIDO_OK);
	assert_int_equal(left, 8);
	assert_int_equal(fido_dev_set_pin(dev, "54321", "1234"), FIDO_OK);
	assert_int_equal(assertion(dev, cred, "54321", FIDO_OPT_OMIT,
			     FIDO_OPT_OMIT, &flags, &count),
	    FIDO_OK);
	assert_int_equal(flags, 0x5);
	/* three in a row: not even the right one before it was pulled out */
	assert_int_equal(assertion(dev, cred, "1", 0, 0, &flags, &count),
	    FIDO_ERR_PIN_INVALID);
	assert_int_equal(assertion(dev, cred, "1", 0, 0, &flags, &count),
	    FIDO_ERR_PIN_INVALID);
	assert_int_equal(assertion(dev, cred, "1", 0, 0, &flags, &count),
	    FIDO_ERR_PIN_AUTH_BLOCKED);
	assert_int_equal(assertion(dev, cred, "54321", 0, 0, &flags, &count),
	    FIDO_ERR_PIN_AUTH_BLOCKED);
	fido2_device_close(&dev);
	tell("remove");
	assert_false(fido2_device_present(path));
	assert_error(fido2_device_open(path, &dev), ERR_NOTFOUND);
	assert_non_null(strstr(fido2_device_fault(), "plug it in"));
	tell("insert");
	dev = open_key();
	assert_int_equal(
	    assertion(dev, cred, "54321", 0, 0, &flags, &count), FIDO_OK);
	tell("fault blocked");
	assert_int_equal(assertion(dev, cred, "54321", 0, 0, &flags, &count),
	    FIDO_ERR_PIN_BLOCKED);
	assert_non_null(
	    strstr(fido2_device_advice(FIDO_ERR_PIN_BLOCKED), "reset"));
	fido2_device_close(&dev);
	fido_cred_free(&cred);
	stop();
}

static void
a_pin_is_counted_and_blocked(void **state)
{
	(void)state;
	pins("1");
	pins("2");
	pins("21");
}

static void
a_fingerprint_verifies(void **state)
{
	fido_cred_t *cred = registration(COSE_ES256);
	uint32_t count;
	uint8_t flags = 0;
	fido_dev_t *dev;

	(void)state;
	start((const char *const[]){
	    "--uv", "fingerprint", "--pin", "1234", NULL});
	dev = open_key();
	assert_true(fido_dev_has_uv(dev));
	assert_int_equal(fido_cred_set_uv(cred, FIDO_OPT_TRUE), FIDO_OK);
	assert_int_equal(fido_dev_make_cred(dev, cred, NULL), FIDO_OK);
	assert_int_equal(assertion(dev, cred, NULL, FIDO_OPT_OMIT,
			     FIDO_OPT_TRUE, &flags, &count),
	    FIDO_OK);
	assert_int_equal(flags, 0x5);
	tell("fault wrong-finger 1");
	assert_int_equal(assertion(dev, cred, NULL, FIDO_OPT_OMIT,
			     FIDO_OPT_TRUE, &flags, &count),
	    FIDO_ERR_UV_INVALID);
	fido2_device_close(&dev);
	fido_cred_free(&cred);
	stop();
}

static void
what_is_wrong_is_found(void **state)
{
	/* An octet too many libfido2 lets through: that is for the server. */
	static const struct {
		const char *fault;
		int error;
	} wrong[] = {
	    {"fault wrong-signature 1", FIDO_ERR_INVALID_SIG},
	    {"fault wrong-rp 1", FIDO_ERR_INVALID_PARAM},
	    {"fault truncated 1", FIDO_ERR_INVALID_CBOR},
	    {"fault garbage 1", FIDO_ERR_INVALID_CBOR},
	    {"fault sequence 1", FIDO_ERR_RX},
	};
	fido_cred_t *cred = registration(COSE_ES256);
	uint32_t count, before = 0;
	uint8_t flags = 0;
	fido_dev_t *dev;
	size_t i;
	int r;

	(void)state;
	start((const char *const[]){"--uv", "none", NULL});
	dev = open_key();
	assert_int_equal(fido_dev_make_cred(dev, cred, NULL), FIDO_OK);
	for (i = 0; i < COUNT(wrong); i++) {
		tell(wrong[i].fault);
		r = assertion(dev, cred, NULL, 0, 0, &flags, &count);
		/* some of it is "invalid", some "not CBOR" */
		if (r == FIDO_OK || (r != wrong[i].error && r != FIDO_ERR_RX &&
					r != FIDO_ERR_RX_INVALID_CBOR &&
					r != FIDO_ERR_RX_NOT_CBOR))
			fail_msg(
			    "%s: %d (%s)", wrong[i].fault, r, fido_strerr(r));
		/* What was not read of it must not be the next answer. */
		fido2_device_close(&dev);
		dev = open_key();
	}
	assert_int_equal(
	    assertion(dev, cred, NULL, 0, 0, &flags, &before), FIDO_OK);
	tell("fault counter-still 1");
	assert_int_equal(
	    assertion(dev, cred, NULL, 0, 0, &flags, &count), FIDO_OK);
	assert_int_equal(count, before);
	tell("fault counter-back 1");
	assert_int_equal(
	    assertion(dev, cred, NULL, 0, 0, &flags, &count), FIDO_OK);
	assert_true(count < before);
	tell("fault be-flag 1");
	assert_int_equal(
	    assertion(dev, cred, NULL, 0, 0, &flags, &count), FIDO_OK);
	assert_int_equal(flags, 0x9);
	fido2_device_close(&dev);
	fido_cred_free(&cred);
	stop();
}

static void
a_wait_ends_in_time(void **state)
{
	fido_cred_t *cred = registration(COSE_ES256);
	fido_dev_t *dev = NULL;
	int64_t began;
	int r;

	(void)state;
	start((const char *const[]){"--uv", "none", "--touch", "never", NULL});
	dev = open_key();
	assert_int_equal(fido_dev_set_timeout(dev, 400), FIDO_OK);
	began = clock_ms();
	r = fido_dev_make_cred(dev, cred, NULL);
	assert_int_equal(r, FIDO_ERR_RX);
	assert_in_range(clock_ms() - began, 300, 3000);
	assert_int_equal(fido_dev_cancel(dev), FIDO_OK);
	fido2_device_close(&dev);
	/* it does not blink on for somebody who went away */
	dev = open_key();
	tell("touch 0");
	assert_int_equal(fido_dev_make_cred(dev, cred, NULL), FIDO_OK);
	tell("fault removed");
	assert_int_equal(fido_dev_make_cred(dev, cred, NULL), FIDO_ERR_RX);
	assert_false(fido2_device_present(path));
	fido2_device_close(&dev);
	tell("fault clear");
	tell("insert");
	tell("fault silent");
	began = clock_ms();
	/* libfido2 takes a key that does not say what it is for an old one */
	if (fido2_device_open(path, &dev) == ERR_OK)
		assert_false(fido_dev_is_fido2(dev));
	assert_in_range(clock_ms() - began, 0, 2 * FIDO2_OPEN_MS + 1000);
	fido2_device_close(&dev);
	fido_cred_free(&cred);
	stop();
}

static void
on_alarm(int number)
{
	(void)number;
}

static void
a_signal_ends_a_wait(void **state)
{
	const struct sigaction action = {.sa_handler = on_alarm};
	const struct itimerval soon = {.it_value = {.tv_usec = 200000}};
	fido_cred_t *cred = registration(COSE_ES256);
	sigset_t block, before;
	fido_dev_t *dev;
	int64_t began;

	(void)state;
	start((const char *const[]){"--uv", "none", "--touch", "never", NULL});
	dev = open_key();
	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGALRM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &block, &before), 0);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	fido2_device_interruptible(dev, &before);
	assert_int_equal(fido_dev_set_timeout(dev, 20000), FIDO_OK);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	began = clock_ms();
	assert_int_equal(fido_dev_make_cred(dev, cred, NULL), FIDO_ERR_RX);
	assert_in_range(clock_ms() - began, 100, 5000);
	assert_int_equal(fido_dev_cancel(dev), FIDO_OK);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	fido2_device_close(&dev);
	fido_cred_free(&cred);
	stop();
}

static void
keys_are_listed(void **state)
{
	const char *words[] = {"usb", path, "socket:/nowhere/at/all"};
	static char long_word[400];
	const char *too_long[] = {long_word};
	struct fido2_devices found = {.n = 7};
	fido_dev_t *dev = NULL;
	size_t i, n = 0;

	(void)state;
	memset(long_word, 'x', sizeof long_word - 1);
	start((const char *const[]){NULL});
	assert_ok(fido2_device_list(words, COUNT(words), &found));
	for (i = 0; i < found.n; i++)
		n += strcmp(found.device[i].path, path) == 0;
	assert_int_equal(n, 1);
	tell("remove");
	assert_ok(fido2_device_list(words + 1, 2, &found));
	assert_int_equal(found.n, 0);
	assert_error(fido2_device_list(too_long, 1, &found), ERR_INPUT);
	assert_string_not_equal(fido2_device_fault(), "");
	assert_error(fido2_device_open("/nowhere/at/all", &dev), ERR_NOTFOUND);
	assert_error(fido2_device_open("/dev/null", &dev), ERR_INPUT);
	assert_null(dev);
	stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(a_registration_attests_itself, tear_down),
	    cmocka_unit_test_teardown(
		a_registration_without_attestation, tear_down),
	    cmocka_unit_test_teardown(
		a_registration_with_the_makers_certificate, tear_down),
	    cmocka_unit_test_teardown(a_pin_is_counted_and_blocked, tear_down),
	    cmocka_unit_test_teardown(a_fingerprint_verifies, tear_down),
	    cmocka_unit_test_teardown(what_is_wrong_is_found, tear_down),
	    cmocka_unit_test_teardown(a_wait_ends_in_time, tear_down),
	    cmocka_unit_test_teardown(a_signal_ends_a_wait, tear_down),
	    cmocka_unit_test_teardown(keys_are_listed, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
