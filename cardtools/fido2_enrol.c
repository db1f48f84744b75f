/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fido2_enrol.c - a key at the desk becomes a person's: the key makes the
 * credential, card-admin verifies what it says, the database records it. Until
 * then nothing counts, so whatever stops this leaves nothing behind. */
#include <fido.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/fido2_desk.h"
#include "cardtools/fido2_device.h"
#include "cardtools/output.h"
#include "cardtools/pin.h"
#include "cardtools/text.h"
#include "common/base/hex.h"

enum { TOUCH_MS = 30000, PIN_TRIES = 3, CLIENTDATA = 1024, PIN_MAX = 63 };

struct enrolment {
	struct call *call;
	struct fido2_rules rules;
	unsigned char challenge[FIDO2_CHALLENGE];
	fido_dev_t *dev;
	const char *verifies;
	struct secret *pin;
};

/* Where a key has failed, in words; the database knows nothing of it yet. */
static enum status
key_failed(int r)
{
	say("%s", _(fido2_device_advice(r)));
	return STATUS_READER;
}

/* The only key that is there, or the one of --device. */
static enum status
open_key(struct enrolment *e)
{
	const char *path = option(e->call, "device");
	const char *const words[] = {path != NULL ? path : "usb"};
	struct fido2_devices found;
	enum error err;

	err = fido2_device_list(words, 1, &found);
	if (err == ERR_OK && found.n == 0) {
		say("%s", _("no key is plugged in: put it in and run the same "
			    "command again"));
		return STATUS_READER;
	}
	if (err == ERR_OK && found.n > 1) {
		say("%s", _("more than one key is plugged in: leave only the "
			    "one to enrol, or name it with --device"));
		return STATUS_READER;
	}
	if (err == ERR_OK)
		err = fido2_device_open(found.device[0].path, &e->dev);
	if (err != ERR_OK) {
		say("%s", _(fido2_device_fault()));
		return STATUS_READER;
	}
	say(_("key: %s"), found.device[0].name);
	return STATUS_DONE;
}

/* One PIN that may be given to a key; twice at a terminal. */
static enum status
new_pin(struct enrolment *e)
{
	const char *const known[] = {e->call->arg[0]};
	struct secret *again = NULL;
	enum pin_fault fault;
	enum error err;
	bool same;

	say("%s",
	    _("the key has no PIN yet: its holder chooses one, 6 to 8 digits"));
	err = ask_line(_("New PIN of the key: "), true, &e->pin);
	if (err != ERR_OK)
		return ask_failed(err);
	fault = pin_judge((const char *)e->pin->bytes, e->pin->len, known, 1);
	if (fault != PIN_GOOD) {
		say("%s", pin_words(fault));
		return STATUS_REFUSED;
	}
	if (!ask_interactive())
		return STATUS_DONE;
	err = ask_line(_("The same again: "), true, &again);
	if (err != ERR_OK)
		return ask_failed(err);
	same =
	    secret_equal(e->pin->bytes, e->pin->len, again->bytes, again->len);
	secret_free(&again);
	if (!same)
		say("%s", _("the two are not the same"));
	return same ? STATUS_DONE : STATUS_REFUSED;
}

/* How the key will make sure of its user, and the PIN if it is by that. */
static enum status
prepare(struct enrolment *e)
{
	const char *wish = option(e->call, "uv");
	enum status status;
	enum error err;
	int r;

	if (wish != NULL && strcmp(wish, "none") == 0) {
		e->verifies = "none";
		return STATUS_DONE;
	}
	if (fido_dev_has_uv(e->dev)) {
		e->verifies = "fingerprint";
		return STATUS_DONE;
	}
	if (!fido_dev_supports_pin(e->dev)) {
		e->verifies = "none";
		if (wish == NULL)
			return STATUS_DONE;
		say("%s", _("this key knows neither PIN nor finger: it can be "
			    "enrolled with --uv none"));
		return STATUS_REFUSED;
	}
	e->verifies = "pin";
	if (!fido_dev_has_pin(e->dev)) {
		status = new_pin(e);
		if (status != STATUS_DONE)
			return status;
		r = fido_dev_set_pin(e->dev, (const char *)e->pin->bytes, NULL);
		return r == FIDO_OK ? STATUS_DONE : key_failed(r);
	}
	err = ask_line(_("PIN of the key: "), true, &e->pin);
	if (err != ERR_OK)
		return ask_failed(err);
	if (e->pin->len == 0 || e->pin->len > PIN_MAX) {
		say("%s", _("that is no PIN"));
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

/* What a browser would have said of this ceremony (WebAuthn 5.8.1). */
static enum status
client_data(struct enrolment *e, char text[CLIENTDATA], size_t *ret_len)
{
	char challenge[sodium_base64_ENCODED_LEN(
	    FIDO2_CHALLENGE, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	char origin[300];
	const char *const origins[] = {origin, NULL};
	int n;

	(void)snprintf(
	    origin, sizeof origin, "https://%s", e->rules.demand.rp_id);
	(void)sodium_bin2base64(challenge, sizeof challenge, e->challenge,
	    FIDO2_CHALLENGE, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	n = snprintf(text, CLIENTDATA,
	    "{\"type\":\"webauthn.create\",\"challenge\":\"%s\","
	    "\"origin\":\"%s\",\"crossOrigin\":false}",
	    challenge, origin);
	if (n < 0 || n >= CLIENTDATA)
		return STATUS_REFUSED;
	*ret_len = (size_t)n;
	if (webauthn_clientdata(text, (size_t)n, "webauthn.create",
		e->challenge, FIDO2_CHALLENGE, origins,
		e->rules.demand.hash) != ERR_OK) {
		say("%s", webauthn_fault());
		return STATUS_REFUSED;
	}
	return STATUS_DONE;
}

static int
exclude_known(const json_t *answer, fido_cred_t *cred)
{
	const json_t *list = json_object_get(answer, "exclude"), *one;
	unsigned char id[WEBAUTHN_CREDENTIAL_MAX];
	int r = FIDO_OK;
	size_t i, len;

	json_array_foreach(list, i, one)
	{
		const char *hex = json_string_value(one);

		if (hex != NULL && r == FIDO_OK &&
		    hex_decode(hex, strlen(hex), id, sizeof id, &len) == ERR_OK)
			r = fido_cred_exclude(cred, id, len);
	}
	return r;
}

static int
fill(struct enrolment *e, fido_cred_t *cred, int algorithm)
{
	const json_t *answer = e->rules.answer;
	unsigned char user[16];
	int r;

	if (uuid_read(field(answer, "person"), user) != ERR_OK)
		return FIDO_ERR_INTERNAL;
	r = fido_cred_set_type(cred, algorithm);
	if (r == FIDO_OK)
		r = fido_cred_set_clientdata_hash(
		    cred, e->rules.demand.hash, WEBAUTHN_HASH);
	if (r == FIDO_OK)
		r = fido_cred_set_rp(
		    cred, e->rules.demand.rp_id, e->rules.demand.rp_id);
	if (r == FIDO_OK)
		r = fido_cred_set_user(cred, user, sizeof user,
		    field(answer, "login"), field(answer, "name"), NULL);
	if (r == FIDO_OK)
		r = exclude_known(answer, cred);
	if (r == FIDO_OK && strcmp(e->verifies, "fingerprint") == 0)
		r = fido_cred_set_uv(cred, FIDO_OPT_TRUE);
	return r;
}

/* Whether another algorithm may be tried: not every key knows every one. */
static bool
knows_not(int r)
{
	return r == FIDO_ERR_UNSUPPORTED_ALGORITHM;
}

static int
make(struct enrolment *e, fido_cred_t **ret_cred)
{
	static const int algorithms[] = {WEBAUTHN_ES256, WEBAUTHN_EDDSA};
	int r = FIDO_ERR_INTERNAL;
	size_t i;

	for (i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
		fido_cred_free(ret_cred);
		*ret_cred = fido_cred_new();
		if (*ret_cred == NULL)
			return FIDO_ERR_INTERNAL;
		r = fill(e, *ret_cred, algorithms[i]);
		if (r == FIDO_OK)
			r = fido_dev_make_cred(e->dev, *ret_cred,
			    e->pin != NULL ? (const char *)e->pin->bytes
					   : NULL);
		if (!knows_not(r))
			break;
	}
	return r;
}

static enum status
made_not(struct enrolment *e, int r)
{
	int tries = 0;

	if (r == FIDO_ERR_CREDENTIAL_EXCLUDED) {
		say(_("this key is enrolled already for %s; “card-admin fido2 "
		      "list %s” shows it"),
		    e->call->arg[0], e->call->arg[0]);
		return STATUS_REFUSED;
	}
	if (r == FIDO_ERR_PIN_INVALID &&
	    fido_dev_get_retry_count(e->dev, &tries) == FIDO_OK) {
		say(_("that PIN was wrong; the key takes %d more"), tries);
		return STATUS_READER;
	}
	return key_failed(r);
}

static enum status
ceremony(struct enrolment *e)
{
	struct webauthn_registration registration;
	char text[CLIENTDATA];
	fido_cred_t *cred = NULL;
	json_t *key = NULL;
	enum status status;
	size_t len;
	int r;

	status = client_data(e, text, &len);
	if (status != STATUS_DONE)
		return status;
	(void)fido_dev_set_timeout(e->dev, TOUCH_MS);
	say("%s", _("touch the key when it blinks"));
	r = make(e, &cred);
	secret_free(&e->pin);
	if (r != FIDO_OK) {
		fido_cred_free(&cred);
		return made_not(e, r);
	}
	e->rules.demand.uv = strcmp(e->verifies, "none") != 0;
	if (webauthn_registration_parts(fido_cred_fmt(cred),
		fido_cred_authdata_raw_ptr(cred),
		fido_cred_authdata_raw_len(cred), fido_cred_attstmt_ptr(cred),
		fido_cred_attstmt_len(cred), &e->rules.demand,
		&registration) != ERR_OK) {
		say(_("the key's answer is not right: %s"), webauthn_fault());
		status = STATUS_REFUSED;
	} else {
		status = fido2_acceptable(&e->rules, &registration);
	}
	fido_cred_free(&cred);
	if (status == STATUS_DONE)
		status = fido2_record(e->call, e->challenge, &registration,
		    e->verifies, "usb", &key);
	if (status == STATUS_DONE)
		fido2_recorded(e->call, key);
	json_decref(key);
	return status;
}

enum status
fido2_enrol(struct call *call)
{
	struct enrolment e = {.call = call};
	json_t *answer = NULL;
	enum status status;
	const char *hex;
	size_t len;

	fido_init(0);
	/* The key first: without one nobody needs a challenge. */
	status = open_key(&e);
	if (status == STATUS_DONE)
		status = database_call(call, "fido2_begin",
		    PARAMETERS({"p_login", call->arg[0]}, {"p_minutes", "10"}),
		    &answer);
	if (status == STATUS_DONE) {
		hex = field(answer, "challenge");
		status = fido2_rules_read(answer, &e.rules);
		if (status == STATUS_DONE &&
		    (hex_decode(hex, strlen(hex), e.challenge,
			 sizeof e.challenge, &len) != ERR_OK ||
			len != sizeof e.challenge)) {
			say("%s", _("the database's answer makes no sense"));
			status = STATUS_UNREACHED;
		}
	}
	if (status == STATUS_DONE)
		status = prepare(&e);
	if (status == STATUS_DONE)
		status = ceremony(&e);
	secret_free(&e.pin);
	fido2_rules_clear(&e.rules);
	json_decref(answer);
	fido2_device_close(&e.dev);
	return status;
}
