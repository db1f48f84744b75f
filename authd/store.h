/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - the worker's calls to the database, in its own terms. Each is
 * one statement; see sql/functions/attempt for what it promises.
 */
#ifndef SEKISHO_AUTHD_STORE_H
#define SEKISHO_AUTHD_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/hex.h"
#include "common/crypto/pwhash.h"
#include "common/crypto/seal.h"
#include "common/db/db.h"
#include "common/rules/charset.h"
#include "common/rules/evidence.h"
#include "common/wire/account.h"
#include "common/wire/state.h"

enum { STORE_TOKENS = 8, STORE_DIGEST = 16, STORE_REF = 8, STORE_NAME = 260 };
enum codes { CODES_PROMPT, CODES_APPEND, CODES_EITHER };
enum lang { LANG_JA, LANG_EN };

struct store_box {
	unsigned key_version;
	size_t len;
	unsigned char *bytes; /* in the request's arena */
};

struct store_token {
	char id[UUID_TEXT];
	char label[STORE_NAME];
	char algorithm[8];
	unsigned digits, period;
	int64_t last_step, drift;
	struct store_box seed;
};

/* The key that a signature is said to be of. */
struct store_key {
	char token[UUID_TEXT];
	char label[STORE_NAME];
	struct store_box spki; /* SubjectPublicKeyInfo, DER; FIDO2: raw */
	bool pin;	       /* the card asks for its PIN before it signs */
	/* Of a FIDO2 key. */
	int algorithm;		/* COSE */
	enum category verifies; /* by its PIN, or a fingerprint */
	bool backup;		/* eligible for it, when it was enrolled */
	char rp_id[STORE_NAME];
	char fault[32]; /* why it does not count, or empty */
};

/* Everything an attempt is evaluated against, as of one moment. */
struct store_view {
	int64_t now; /* database time, seconds */

	char client_id[UUID_TEXT];
	int64_t client_version;
	char client_name[STORE_NAME];
	bool client_is_door;	       /* where nobody logs in */
	bool client_hidden_by_gateway; /* vpn, wlan: many callers, one client */
	enum codes codes;
	bool show_first;
	enum lang client_lang;
	bool no_ma;	       /* may leave Message-Authenticator out */
	int64_t rules_version; /* of policy and zone */

	unsigned methods; /* set of enum method that counts */
	int state_seconds;
	unsigned totp_window;
	uint32_t session_timeout, idle_timeout;
	const char *grants;	/* JSON, in the arena (grants.h); NULL: none */
	char station_fault[32]; /* why not from this machine, or empty */

	char scope[64];
	char subject[UUID_TEXT]; /* person or bucket */
	bool person_found, person_usable, familiar;
	char person_id[UUID_TEXT];
	int64_t person_version;
	enum lang person_lang;
	int knowledge_wait, possession_wait; /* seconds */

	bool has_password;
	bool with_card; /* it counts beside the person's card alone */
	int change;	/* as evidence.h has it */
	char verifier_id[UUID_TEXT];
	unsigned char salt[PWHASH_SALT];
	struct pwhash_cost cost; /* of the verifier; else today's */
	struct pwhash_cost cost_today;
	struct store_box tag;

	bool state_found;
	size_t n_proven;
	struct evidence proven[4]; /* from the login in progress */
	struct store_box carried;  /* of a change under way (carried.h) */

	size_t n_tokens;
	struct store_token token[STORE_TOKENS];

	/* An entry into this terminal's zone that counts now; event 0: none. */
	bool door_counts; /* one would count here, by policy and zone */
	struct evidence door;
	/* Why an entry that is there does not (first.h), or empty. */
	char door_fault[32];
	struct evidence earlier; /* proven here before; earlier 0: none */

	struct store_key key; /* if one was asked for */
	bool fido2_verified;  /* policy: a FIDO2 key must verify its user */
};

/* What a challenge offers to FIDO2 keys; rp_id "": nothing. */
struct store_offer {
	char rp_id[STORE_NAME];
	char verification[16];	      /* required, preferred */
	struct store_box credentials; /* as they are sent; len 0: none */
};

/* Before the process is locked in: what the libraries would open later. */
void store_prepare(void);

/*
 * state_hash NULL for a first round; key_id NULL where no signature came, else
 * what is read is that key (fido2: a FIDO2 key, by the digest of its
 * credential id), and neither password nor codes. A second round
 * sees client, policy and person as its first one did. station: the machine's
 * address (mac.h), NULL if it told none. ERR_NOTFOUND: no such
 * client. The boxes lie in arena.
 */
MUST_CHECK enum error store_read(struct db *db, const char *client_id,
    const char *login, const char *bucket, const uint8_t *state_hash,
    const uint8_t *key_id, size_t key_id_len, const char *certificate,
    bool fido2, const char *station, int timeout_ms, struct arena *arena,
    struct store_view *ret_view);

/* A certificate that was recorded at issue or bind. */
enum { STORE_CERTIFICATES = 16 };
struct store_certificate {
	char id[UUID_TEXT];
	uint8_t key_id[STATE_HASH];
	struct store_box issuer; /* the issuer's own, DER */
	bool device;		 /* a machine's, not a card's */
};

/* Those with this serial number, of whichever issuer: one as a rule. */
MUST_CHECK enum error store_certificates(struct db *db, const uint8_t *serial,
    size_t serial_len, int timeout_ms, struct arena *arena,
    struct store_certificate ret[STORE_CERTIFICATES], size_t *ret_n);

/*
 * Begins a login in progress, without evaluating anything. Fills in of the
 * view what the client's record says. *ret_opened is false where there may
 * be no answer. fido2: *ret_offer is filled in, else it is empty.
 * ERR_NOTFOUND: no such client.
 */
MUST_CHECK enum error store_open(struct db *db, const char *client_id,
    uint64_t client_version, bool message_authenticator, const char *login,
    const char *bucket, const uint8_t state_hash[STATE_HASH], bool fido2,
    int timeout_ms, struct arena *arena, struct store_view *ret_view,
    struct store_offer *ret_offer, bool *ret_opened);

/* What a challenge after a password offers; of who has none, and of who is
 * not known, no credentials. */
MUST_CHECK enum error store_offer(struct db *db, const char *client_id,
    const char *login, const char *bucket, int timeout_ms, struct arena *arena,
    struct store_offer *ret_offer);

/* Seconds until the subject may be evaluated in the category. */
MUST_CHECK enum error store_wait(struct db *db, const struct store_view *view,
    enum category category, int timeout_ms, int *ret_wait);

enum outcome { STORE_ACCEPT, STORE_CHALLENGE, STORE_REJECT };

struct store_failure {
	enum category category;
	unsigned char digest[STORE_DIGEST];
};

struct store_record {
	const struct store_view *view;
	const char *login; /* canonical */
	const char *node;
	enum purpose purpose;
	enum outcome outcome;
	const char *reason;
	unsigned evaluated; /* set of enum category */
	size_t n_failures;
	struct store_failure failure[2];
	size_t n_evidence;
	const struct evidence *evidence;
	const uint8_t *old_state;	 /* hash, or NULL */
	const uint8_t *new_state;	 /* hash, or NULL */
	const unsigned char *carried;	 /* CARRIED_BOX octets, or NULL */
	const struct store_token *token; /* whose step is spent, or NULL */
	int64_t step, drift;
	/* Of a FIDO2 key that signed: the counter is of token, not its step. */
	bool counts;
	int64_t counter;
	bool backed_up;
	const unsigned char *answer; /* STORE_DIGEST (repeated.h), or NULL */
	char ref[STORE_REF];
};

struct store_answer {
	enum outcome outcome;
	char reason[64];
	int wait;
	char ref[STORE_REF];
	unsigned char class_octets[ACCOUNT_CLASS]; /* of an accept */
	size_t class_len;
};

/* The answer is what the database made of it, not what was asked for. */
MUST_CHECK enum error store_record(struct db *db,
    const struct store_record *record, int timeout_ms,
    struct store_answer *ret_answer);

/* An accept that the very same request got a moment ago; len 0: none. */
MUST_CHECK enum error store_repeated(struct db *db,
    const struct store_view *view, const unsigned char digest[STORE_DIGEST],
    int timeout_ms, struct store_answer *ret_answer);

/* Whom a refusal concerns that charges nobody, as texts. */
struct store_tally {
	const char *subject, *scope, *client, *reason, *login;
	const char *person; /* NULL: unknown */
	const char *ref, *node;
	uint64_t count;
	enum purpose purpose;
};

/* Evidence as audit and login in progress keep it; to be freed. NULL: memory.
 */
char *store_evidence(
    const struct evidence *evidence, size_t n, const char *client_name);

/* Adds to a sum; ret_ref may be an earlier one's. */
MUST_CHECK enum error store_tally(struct db *db,
    const struct store_tally *tally, int timeout_ms, char ret_ref[STORE_REF]);

struct store_client {
	char id[UUID_TEXT];
	int64_t version;
	char name[STORE_NAME];
	bool no_ma;
	struct store_box secret;
};

/* address in text form. ERR_NOTFOUND: none. */
MUST_CHECK enum error store_client(struct db *db, const char *address,
    int timeout_ms, struct arena *arena, struct store_client *ret_client);

/*
 * The client of a TLS connection from address, by the n names of its
 * certificate; its secret stays empty. ERR_NOTFOUND: none. Names that are no
 * DNS names are left out.
 */
MUST_CHECK enum error store_client_tls(struct db *db, const char *address,
    char *const *names, size_t n, int timeout_ms,
    struct store_client *ret_client);

/* In which characters the client writes; UTF-8 for one that is not known. */
MUST_CHECK enum error store_charset(struct db *db, const char *client_id,
    int timeout_ms, enum charset *ret_charset);

/* The same password at today's cost. */
MUST_CHECK enum error store_rehash(struct db *db, const struct store_view *view,
    const char *id, const unsigned char salt[PWHASH_SALT],
    const struct box *box, unsigned key_version, int timeout_ms);

#endif
