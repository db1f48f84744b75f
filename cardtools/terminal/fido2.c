/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/fido2.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cardtools/terminal/frame.h"
#include "cardtools/terminal/spawn.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	SEND_MS = 2000,
	/* The helper ends its own processes before this. */
	LOOK_MS = 15000,
	GRACE_MS = 12000,
	SEEN_HEAD = 3,
	SEEN_KEY = 4, /* fields */
	WHY_SIZE = 256,
};

enum error
fido2_open(const struct settings *settings, const char *conf, const char *user,
    struct fido2 *ret_fido2)
{
	static char path_env[] = "PATH=/usr/bin:/bin", lang[] = "LANG=C.UTF-8";
	static char name[] = "sekisho-fido2-helper", option[] = "-c";
	char path[300], file[300];
	char *argv[] = {name, option, file, NULL};
	char *env[] = {path_env, lang, NULL};
	struct helper helper = {.path = path, .argv = argv, .env = env};
	enum error err;

	(void)snprintf(
	    path, sizeof path, "%s/sekisho-fido2-helper", settings->helpers);
	(void)snprintf(
	    file, sizeof file, "%s", conf != NULL ? conf : SETTINGS_FILE);
	*ret_fido2 =
	    (struct fido2){.settings = settings, .fd = -1, .watched = -1};
	if (user != NULL) {
		helper.change = true;
		err = settings_user(user, &helper.uid, &helper.gid);
		if (err != ERR_OK)
			return err;
	}
	return spawn_child(&helper, &ret_fido2->pid, &ret_fido2->fd);
}

/* ERR_CLOSED also when nobody is left to be let in: no key blinks for him. */
static enum error
await(const struct fido2 *fido2, int wait_ms, struct frame *ret_frame)
{
	int64_t until = clock_ms() + wait_ms, left = wait_ms;

	for (;;) {
		struct pollfd p[2] = {{.fd = fido2->fd, .events = POLLIN},
		    {.fd = fido2->watched, .events = POLLRDHUP}};
		int n = poll(p, 2, left > 0 ? (int)left : 0);

		if (n < 0 && errno != EINTR)
			return ERR_SYSTEM;
		if (n > 0 && p[1].revents != 0)
			return ERR_CLOSED;
		if (n > 0)
			return frame_receive(fido2->fd, 0, ret_frame);
		left = until - clock_ms();
		if (left <= 0)
			return ERR_TIMEOUT;
	}
}

/* why stands in that field of the answer. */
static enum key_outcome
ask(struct fido2 *fido2, struct frame *frame, enum frame_kind expected,
    int wait_ms, size_t why_at)
{
	unsigned outcome = KEY_FAILED;
	char why[WHY_SIZE] = "";
	enum error err;

	err = frame_send(fido2->fd, frame, SEND_MS);
	if (err == ERR_OK)
		err = await(fido2, wait_ms, frame);
	if (err == ERR_OK &&
	    (frame->kind != expected ||
		frame_number(frame, 0, KEY_OUTCOME_MAX, &outcome) != ERR_OK ||
		frame_text(frame, why_at, why, sizeof why) != ERR_OK))
		err = ERR_INPUT;
	if (err != ERR_OK) {
		log_error("the FIDO2 helper does not answer as it should",
		    "why", error_text(err));
		return KEY_FAILED;
	}
	switch ((enum key_outcome)outcome) {
	case KEY_OK:
	case KEY_NONE:
		break;
	case KEY_FOREIGN:
	case KEY_PIN_WRONG:
	case KEY_PIN_PULL:
	case KEY_PIN_BLOCKED:
	case KEY_FINGER_WRONG:
	case KEY_FINGER_BLOCKED:
	case KEY_UNTOUCHED:
		log_info("a FIDO2 key gave no answer", "why", why);
		break;
	case KEY_GONE:
	case KEY_OTHER_CLIENT:
	case KEY_FAILED:
		log_warn("a FIDO2 key did not do its part", "why", why);
		break;
	}
	return (enum key_outcome)outcome;
}

static enum error
take_key(const struct frame *frame, size_t at, struct key *ret_key)
{
	unsigned verifies;

	if (frame->n < at + SEEN_KEY ||
	    frame_text(frame, at, ret_key->path, KEY_PATH) != ERR_OK ||
	    frame->field[at + 1].len < CREDENTIAL_MIN ||
	    frame->field[at + 1].len > CREDENTIAL_MAX ||
	    frame_number(frame, at + 2, KEY_VERIFIES_MAX, &verifies) !=
		ERR_OK ||
	    frame_number(frame, at + 3, KEY_TRIES_UNKNOWN, &ret_key->tries) !=
		ERR_OK)
		return ERR_INPUT;
	ret_key->id_len = frame->field[at + 1].len;
	memcpy(ret_key->id, frame->field[at + 1].bytes, ret_key->id_len);
	ret_key->verifies = (enum key_verifies)verifies;
	return ERR_OK;
}

static void
look(struct fido2 *fido2, const char *rp_id, const unsigned char *credentials,
    size_t len, struct keys_seen *ret_seen)
{
	struct frame frame;
	size_t i;

	memset(ret_seen, 0, sizeof *ret_seen);
	frame_begin(&frame, FRAME_KEY_LOOK);
	frame_put_text(&frame, rp_id);
	frame_put(&frame, credentials, len);
	ret_seen->outcome =
	    ask(fido2, &frame, FRAME_KEY_SEEN, LOOK_MS, SEEN_HEAD - 1);
	if (ret_seen->outcome == KEY_FAILED)
		return;
	if (frame_number(&frame, 1, KEYS_PLUGGED, &ret_seen->plugged) !=
		ERR_OK ||
	    frame.n > SEEN_HEAD + KEYS_MAX * SEEN_KEY)
		goto wrong;
	for (i = SEEN_HEAD; i < frame.n; i += SEEN_KEY) {
		if (take_key(&frame, i, &ret_seen->key[ret_seen->n]) != ERR_OK)
			goto wrong;
		ret_seen->n++;
	}
	if (ret_seen->outcome == KEY_OK && ret_seen->n == 0 && len > 0)
		goto wrong;
	return;
wrong:
	log_error("the FIDO2 helper's answer cannot be read");
	memset(ret_seen, 0, sizeof *ret_seen);
	ret_seen->outcome = KEY_FAILED;
}

unsigned
fido2_plugged(struct fido2 *fido2)
{
	struct keys_seen seen;

	look(fido2, "", NULL, 0, &seen);
	return seen.outcome == KEY_OK ? seen.plugged : 0;
}

void
fido2_look(struct fido2 *fido2, const struct radius_reply *challenge,
    struct keys_seen *ret_seen)
{
	look(fido2, challenge->rp_id, challenge->credentials,
	    challenge->credentials_len, ret_seen);
}

static int
touch_ms(const struct fido2 *fido2)
{
	return fido2->settings->fido2_touch_s * 1000 + GRACE_MS;
}

enum key_outcome
fido2_choose(struct fido2 *fido2, struct keys_seen *seen)
{
	enum key_outcome outcome;
	struct frame frame;
	unsigned which;
	size_t i;

	frame_begin(&frame, FRAME_KEY_CHOOSE);
	for (i = 0; i < seen->n; i++)
		frame_put_text(&frame, seen->key[i].path);
	outcome = ask(fido2, &frame, FRAME_KEY_CHOSEN, touch_ms(fido2), 2);
	if (outcome != KEY_OK)
		return outcome;
	if (frame_number(&frame, 1, KEYS_MAX - 1, &which) != ERR_OK ||
	    which >= seen->n)
		return KEY_FAILED;
	if (which != 0)
		seen->key[0] = seen->key[which];
	seen->n = 1;
	return KEY_OK;
}

/* That it is of a credential that was asked for. */
static const struct key *
whose(const struct keys_seen *seen, const struct field *id)
{
	size_t i;

	for (i = 0; i < seen->n; i++) {
		if (seen->key[i].id_len == id->len &&
		    memcmp(seen->key[i].id, id->bytes, id->len) == 0)
			return &seen->key[i];
	}
	return NULL;
}

static enum error
take_signature(const struct frame *frame, const struct keys_seen *seen,
    struct signature *ret)
{
	const struct field *id = &frame->field[3], *data = &frame->field[4],
			   *bytes = &frame->field[5];

	if (frame->n != 6 || whose(seen, id) == NULL || data->len == 0 ||
	    data->len > sizeof ret->auth_data || bytes->len == 0 ||
	    bytes->len > KEY_SIGNATURE)
		return ERR_INPUT;
	_Static_assert(crypto_hash_sha256_BYTES == sizeof ret->key_id,
	    "a key's id is the hash of its credential's");
	crypto_hash_sha256(ret->key_id, id->bytes, id->len);
	(void)stpcpy(ret->scheme, "fido2");
	memcpy(ret->auth_data, data->bytes, data->len);
	ret->auth_len = data->len;
	memcpy(ret->bytes, bytes->bytes, bytes->len);
	ret->len = bytes->len;
	return ERR_OK;
}

void
fido2_assert(struct fido2 *fido2, const struct keys_seen *seen, bool verify,
    const struct secret *pin, const struct radius_reply *challenge,
    struct key_signed *ret_signed)
{
	enum key_outcome outcome;
	struct frame frame;
	size_t i;

	memset(ret_signed, 0, sizeof *ret_signed);
	ret_signed->outcome = KEY_FAILED;
	ret_signed->tries = KEY_TRIES_UNKNOWN;
	frame_begin(&frame, FRAME_KEY_ASSERT);
	frame_put_text(&frame, challenge->server_id);
	frame_put_text(&frame, challenge->client_id);
	frame_put_text(&frame, challenge->purpose);
	frame_put_text(&frame, challenge->login);
	frame_put(&frame, challenge->challenge, sizeof challenge->challenge);
	frame_put_text(&frame, challenge->rp_id);
	frame_put(&frame, pin != NULL ? pin->bytes : NULL,
	    pin != NULL ? pin->len : 0);
	for (i = 0; i < seen->n; i++) {
		const struct key *key = &seen->key[i];

		frame_put_text(&frame, key->path);
		frame_put(&frame, key->id, key->id_len);
		frame_put_text(
		    &frame, log_num(verify ? key->verifies : KEY_NOBODY));
	}
	outcome = ask(fido2, &frame, FRAME_KEY_SIGNED, touch_ms(fido2), 2);
	if (outcome == KEY_FAILED || frame_number(&frame, 1, KEY_TRIES_UNKNOWN,
					 &ret_signed->tries) != ERR_OK)
		return;
	if (outcome == KEY_OK &&
	    take_signature(&frame, seen, &ret_signed->signature) != ERR_OK) {
		log_error("the FIDO2 helper's answer cannot be read");
		return;
	}
	ret_signed->outcome = outcome;
}

void
fido2_close(struct fido2 *fido2)
{
	spawn_end(&fido2->pid, &fido2->fd);
}
