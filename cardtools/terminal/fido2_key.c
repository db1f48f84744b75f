/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/fido2_key.h"

#include <cbor.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cardtools/fido2_device.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	GONE_MS = 700, /* until the system has noticed that it was pulled */
	CHOOSE_SLICE_MS = 500,
	SLACK_MS = 100, /* libfido2 counts whole milliseconds */
};

static void
put_number(struct frame *frame, unsigned number)
{
	frame_put_text(frame, log_num((int64_t)number));
}

enum frame_kind
key_answer_of(enum frame_kind question)
{
	return question == FRAME_KEY_ASSERT   ? FRAME_KEY_SIGNED
	       : question == FRAME_KEY_CHOOSE ? FRAME_KEY_CHOSEN
					      : FRAME_KEY_SEEN;
}

void
key_failure(struct frame *ret_answer, enum frame_kind kind,
    enum key_outcome outcome, const char *why)
{
	frame_begin(ret_answer, kind);
	put_number(ret_answer, outcome);
	put_number(
	    ret_answer, kind == FRAME_KEY_SIGNED ? KEY_TRIES_UNKNOWN : 0);
	frame_put_text(ret_answer, why);
}

static bool
is_gone(const char *path)
{
	int64_t until = clock_ms() + GONE_MS;

	do {
		if (!fido2_device_present(path))
			return true;
		(void)poll(NULL, 0, 50);
	} while (clock_ms() < until);
	return false;
}

/* Of an error of libfido2; began: when the key was asked. */
static enum key_outcome
outcome_of(
    int r, const struct key *key, int64_t began, int touch_ms, bool stopped)
{
	bool late = clock_ms() - began >= touch_ms - SLACK_MS;

	switch (r) {
	case FIDO_OK:
		return KEY_OK;
	case FIDO_ERR_NO_CREDENTIALS:
	case FIDO_ERR_INVALID_CREDENTIAL:
		return KEY_FOREIGN;
	case FIDO_ERR_PIN_INVALID:
		return KEY_PIN_WRONG;
	case FIDO_ERR_PIN_AUTH_BLOCKED:
		return KEY_PIN_PULL;
	case FIDO_ERR_PIN_BLOCKED:
		return KEY_PIN_BLOCKED;
	case FIDO_ERR_UV_INVALID:
		return KEY_FINGER_WRONG;
	case FIDO_ERR_UV_BLOCKED:
		return KEY_FINGER_BLOCKED;
	case FIDO_ERR_USER_ACTION_TIMEOUT:
	case FIDO_ERR_ACTION_TIMEOUT:
		return KEY_UNTOUCHED;
	case FIDO_ERR_TX:
	case FIDO_ERR_RX:
		if (stopped)
			return KEY_FAILED; /* nobody will read it */
		if (is_gone(key->path))
			return KEY_GONE;
		return late ? KEY_UNTOUCHED : KEY_FAILED;
	default:
		return KEY_FAILED;
	}
}

static enum key_outcome
open_key(const struct key_question *q, const struct key *key, fido_dev_t **ret)
{
	switch (fido2_device_open(key->path, ret)) {
	case ERR_OK:
		fido2_device_interruptible(*ret, q->interrupts);
		return KEY_OK;
	case ERR_NOTFOUND:
		return KEY_GONE;
	case ERR_NOMEM:
	case ERR_INPUT:
	case ERR_CONFIG:
	case ERR_SYSTEM:
	case ERR_TIMEOUT:
	case ERR_CLOSED:
	case ERR_BUSY:
	case ERR_DB:
	case ERR_DENIED:
	case ERR_CRYPTO:
	case ERR_MISMATCH:
		return KEY_FAILED;
	}
	return KEY_FAILED;
}

/* A question for one credential; NULL without memory. */
static fido_assert_t *
new_assert(const struct key_question *q, const unsigned char *id, size_t len,
    const unsigned char digest[SIGNED_DIGEST])
{
	fido_assert_t *a = fido_assert_new();

	if (a != NULL && (fido_assert_set_rp(a, q->rp_id) != FIDO_OK ||
			     fido_assert_set_clientdata_hash(
				 a, digest, SIGNED_DIGEST) != FIDO_OK ||
			     fido_assert_allow_cred(a, id, len) != FIDO_OK))
		fido_assert_free(&a);
	return a;
}

/*
 * Whether it has this credential (CTAP 2.1, 6.2: "up" false). What it signs is
 * no challenge of anybody's.
 */
static int
has_credential(
    const struct key_question *q, fido_dev_t *dev, const struct credential *c)
{
	static const unsigned char nothing[SIGNED_DIGEST];
	fido_assert_t *a = new_assert(q, c->id, c->len, nothing);
	int r = FIDO_ERR_INTERNAL;

	if (a != NULL)
		r = fido_assert_set_up(a, FIDO_OPT_FALSE);
	if (r == FIDO_OK)
		r = fido_dev_get_assert(dev, a, NULL);
	fido_assert_free(&a);
	/* So does one of U2F say it, which signs nothing untouched. */
	if (r == FIDO_ERR_USER_PRESENCE_REQUIRED || r == FIDO_ERR_UP_REQUIRED)
		r = FIDO_OK;
	return r;
}

static enum key_verifies
verifies_by(fido_dev_t *dev, unsigned *ret_tries)
{
	int tries = KEY_TRIES_UNKNOWN;

	*ret_tries = KEY_TRIES_UNKNOWN;
	if (fido_dev_has_uv(dev)) {
		if (fido_dev_get_uv_retry_count(dev, &tries) != FIDO_OK ||
		    tries < 0 || tries > KEY_TRIES_UNKNOWN)
			tries = KEY_TRIES_UNKNOWN;
		if (tries > 0 || !fido_dev_has_pin(dev)) {
			*ret_tries = (unsigned)tries;
			return KEY_BY_ITSELF;
		}
	}
	if (!fido_dev_has_pin(dev))
		return KEY_NOBODY;
	if (fido_dev_get_retry_count(dev, &tries) == FIDO_OK && tries >= 0 &&
	    tries < KEY_TRIES_UNKNOWN)
		*ret_tries = (unsigned)tries;
	return KEY_BY_PIN;
}

void
key_look(
    const struct key_question *question, size_t i, struct frame *ret_answer)
{
	const struct key *key = &question->key[i];
	enum key_outcome outcome;
	fido_dev_t *dev = NULL;
	int64_t began = clock_ms();
	const char *why = "";
	unsigned tries = 0;
	size_t c;
	int r = FIDO_ERR_NO_CREDENTIALS;

	outcome = open_key(question, key, &dev);
	if (outcome != KEY_OK) {
		key_failure(
		    ret_answer, FRAME_KEY_SEEN, outcome, fido2_device_fault());
		return;
	}
	for (c = 0; c < question->n_credentials; c++) {
		r = has_credential(question, dev, &question->credential[c]);
		if (r == FIDO_OK || outcome_of(r, key, began, FIDO2_OPEN_MS,
					false) != KEY_FOREIGN)
			break;
	}
	outcome = outcome_of(r, key, began, FIDO2_OPEN_MS, false);
	if (outcome == KEY_UNTOUCHED)
		outcome = KEY_FAILED; /* nobody was asked to touch it */
	if (outcome != KEY_OK)
		why = fido2_device_advice(r);
	key_failure(ret_answer, FRAME_KEY_SEEN, outcome, why);
	if (outcome == KEY_OK) {
		enum key_verifies by = verifies_by(dev, &tries);

		frame_put_text(ret_answer, key->path);
		frame_put(ret_answer, question->credential[c].id,
		    question->credential[c].len);
		put_number(ret_answer, by);
		put_number(ret_answer, tries);
	}
	fido2_device_close(&dev);
}

void
key_choose(
    const struct key_question *question, size_t i, struct frame *ret_answer)
{
	const struct key *key = &question->key[i];
	int64_t until = clock_ms() + question->touch_ms;
	enum key_outcome outcome;
	fido_dev_t *dev = NULL;
	int touched = 0, r;

	outcome = open_key(question, key, &dev);
	if (outcome != KEY_OK) {
		key_failure(ret_answer, FRAME_KEY_CHOSEN, outcome,
		    fido2_device_fault());
		return;
	}
	r = fido_dev_get_touch_begin(dev);
	/* That nothing came in a slice is no error to libfido2. */
	while (r == FIDO_OK && touched == 0 && clock_ms() < until &&
	       !*question->stopped) {
		r = fido_dev_get_touch_status(dev, &touched, CHOOSE_SLICE_MS);
		if (touched == 0 && !fido2_device_present(key->path))
			break;
	}
	if (r == FIDO_OK && touched == 0)
		r = FIDO_ERR_RX;
	if (r != FIDO_OK)
		(void)fido_dev_cancel(dev);
	outcome = outcome_of(r, key, until - question->touch_ms,
	    question->touch_ms, *question->stopped != 0);
	key_failure(
	    ret_answer, FRAME_KEY_CHOSEN, outcome, fido2_device_advice(r));
	fido2_device_close(&dev);
}

/* libfido2 has authenticatorData as a byte string of CBOR. */
static enum error
put_authdata(struct frame *answer, const fido_assert_t *a)
{
	const unsigned char *cbor = fido_assert_authdata_ptr(a, 0);
	size_t len = fido_assert_authdata_len(a, 0);
	struct cbor_load_result loaded;
	enum error err = ERR_INPUT;
	cbor_item_t *item;

	if (cbor == NULL || len == 0)
		return ERR_INPUT;
	item = cbor_load(cbor, len, &loaded);
	if (item == NULL)
		return ERR_INPUT;
	if (cbor_isa_bytestring(item) && cbor_bytestring_is_definite(item) &&
	    loaded.read == len && cbor_bytestring_length(item) > 0 &&
	    cbor_bytestring_length(item) <= PACKET_AUTH_DATA) {
		frame_put(answer, cbor_bytestring_handle(item),
		    cbor_bytestring_length(item));
		err = ERR_OK;
	}
	cbor_decref(&item);
	return err;
}

/* Bounded, and of the credential that was asked for. */
static void
put_signed(
    const struct key *key, const fido_assert_t *a, struct frame *ret_answer)
{
	const unsigned char *id, *signature;
	size_t len, id_len;

	frame_begin(ret_answer, FRAME_KEY_SIGNED);
	put_number(ret_answer, KEY_OK);
	put_number(ret_answer, KEY_TRIES_UNKNOWN);
	frame_put_text(ret_answer, "");
	frame_put(ret_answer, key->id, key->id_len);
	if (fido_assert_count(a) != 1)
		goto wrong;
	/* It may be left out where only one was asked for (CTAP 2.0, 5.2). */
	id = fido_assert_id_ptr(a, 0);
	id_len = fido_assert_id_len(a, 0);
	if (id != NULL && id_len > 0 &&
	    (id_len != key->id_len || memcmp(id, key->id, id_len) != 0))
		goto wrong;
	signature = fido_assert_sig_ptr(a, 0);
	len = fido_assert_sig_len(a, 0);
	if (signature == NULL || len == 0 || len > KEY_SIGNATURE ||
	    put_authdata(ret_answer, a) != ERR_OK)
		goto wrong;
	frame_put(ret_answer, signature, len);
	return;
wrong:
	key_failure(ret_answer, FRAME_KEY_SIGNED, KEY_FAILED,
	    "the key has answered something else than it was asked");
}

void
key_assert(
    const struct key_question *question, size_t i, struct frame *ret_answer)
{
	const struct key *key = &question->key[i];
	const char *pin = NULL;
	unsigned tries = KEY_TRIES_UNKNOWN;
	enum key_outcome outcome;
	fido_assert_t *a = NULL;
	fido_dev_t *dev = NULL;
	int64_t began;
	int r;

	outcome = open_key(question, key, &dev);
	if (outcome != KEY_OK) {
		key_failure(ret_answer, FRAME_KEY_SIGNED, outcome,
		    fido2_device_fault());
		return;
	}
	/* A secret has a NUL behind it. */
	if (key->verifies == KEY_BY_PIN && question->pin != NULL)
		pin = (const char *)question->pin->bytes;
	a = new_assert(question, key->id, key->id_len, question->digest);
	r = a != NULL ? fido_dev_set_timeout(dev, question->touch_ms)
		      : FIDO_ERR_INTERNAL;
	if (r == FIDO_OK && key->verifies == KEY_BY_ITSELF)
		r = fido_assert_set_uv(a, FIDO_OPT_TRUE);
	began = clock_ms();
	if (r == FIDO_OK)
		r = fido_dev_get_assert(dev, a, pin);
	if (r == FIDO_OK) {
		put_signed(key, a, ret_answer);
	} else {
		if (r == FIDO_ERR_RX) /* or it would blink on */
			(void)fido_dev_cancel(dev);
		outcome = outcome_of(
		    r, key, began, question->touch_ms, *question->stopped != 0);
		if ((outcome == KEY_PIN_WRONG || outcome == KEY_FINGER_WRONG) &&
		    fido_dev_set_timeout(dev, FIDO2_OPEN_MS) == FIDO_OK)
			(void)verifies_by(dev, &tries);
		frame_begin(ret_answer, FRAME_KEY_SIGNED);
		put_number(ret_answer, outcome);
		put_number(ret_answer, tries);
		frame_put_text(ret_answer, fido2_device_advice(r));
	}
	fido_assert_free(&a);
	fido2_device_close(&dev);
}
