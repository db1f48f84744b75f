/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fido2_desk.h - what the registration of a FIDO2 key is held against, and how
 * it is recorded, whether it was made here or in a browser.
 */
#ifndef SEKISHO_CARDTOOLS_FIDO2_DESK_H
#define SEKISHO_CARDTOOLS_FIDO2_DESK_H

#include <jansson.h>

#include "cardtools/command.h"
#include "common/crypto/webauthn.h"

enum { FIDO2_MODELS = 256, FIDO2_ORIGINS = 16, FIDO2_CHALLENGE = 32 };

/* The rules of the database, for webauthn.h. Ends with fido2_rules_clear. */
struct fido2_rules {
	struct webauthn_demand demand; /* but for the client data's hash */
	struct webauthn_root root[FIDO2_MODELS];
	const char *origin[FIDO2_ORIGINS + 1];
	bool syncable;	      /* may be copied by a cloud */
	bool listed;	      /* only models that are listed */
	const json_t *answer; /* borrowed: texts lie in it */
};

/* Of fido2_begin or fido2_challenge_show. */
enum status fido2_rules_read(const json_t *answer, struct fido2_rules *ret);
void fido2_rules_clear(struct fido2_rules *rules);

/*
 * What a hospital may not want, said before the database says it: a key that
 * a cloud can copy, a model that is not listed.
 */
enum status fido2_acceptable(const struct fido2_rules *rules,
    const struct webauthn_registration *registration);

/* Records it; verifies: "none", "pin", "fingerprint"; origin: "usb", "import".
 */
enum status fido2_record(struct call *call,
    const unsigned char challenge[FIDO2_CHALLENGE],
    const struct webauthn_registration *registration, const char *verifies,
    const char *origin, json_t **ret_key);

/* Tells what was recorded, with --json as JSON. */
void fido2_recorded(const struct call *call, const json_t *key);

/* Octets as hexadecimal; NULL without memory. Caller frees. */
char *fido2_hex(const void *octets, size_t len);

/* In cmd_fido2.c's table. */
enum status fido2_enrol(struct call *call);
enum status fido2_invite(struct call *call);
enum status fido2_import(struct call *call);

#endif
