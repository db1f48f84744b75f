/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/factor_password.h"

#include <sodium.h>
#include <string.h>

#include "authd/hasher.h"
#include "authd/keyring_client.h"
#include "authd/source.h"
#include "authd/turn.h"
#include "common/base/clock.h"
#include "common/base/log.h"

static enum error
hash_in_turn(struct worker *w, const struct store_view *view, const char *login,
    const void *password, size_t len, uint64_t source, unsigned class,
    unsigned char ret_tag[PWHASH_TAG])
{
	unsigned char salt[PWHASH_SALT];
	bool waited;
	int wait = 0;
	enum error err;

	if (view->has_password)
		memcpy(salt, view->salt, sizeof salt);
	else
		mask_digest(
		    &w->mask, MASK_SALT, login, strlen(login), "", 0, salt);
	err = turn_enter(w->shared, w->index, source, class,
	    w->config->hash_wait_ms, &waited);
	if (err != ERR_OK)
		return err;
	err = hasher_tag(w->hasher_fds[turn_hasher(w->shared, w->index)],
	    &view->cost, salt, password, len, w->arena, ret_tag);
	turn_leave(w->shared, w->index);
	/*
	 * What was read before the wait may be old. Asked after the hash, so
	 * that no core idles for it; nothing is compared before the answer.
	 */
	if (err == ERR_OK && waited && view->knowledge_wait == 0)
		err = store_wait(w->db, view, CATEGORY_KNOWLEDGE,
		    w->config->database_timeout_ms, &wait);
	if (err == ERR_OK && wait > 0)
		err = ERR_DENIED;
	return err;
}

/* Hashes in turn and lets the keyring compare. */
static enum error
compare(struct worker *w, const struct store_view *view, const char *login,
    const void *password, size_t len, uint64_t source, unsigned class,
    bool *ret_right)
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__PasswordCheck check = SEKISHO__PASSWORD_CHECK__INIT;
	Sekisho__SealedBox box = SEKISHO__SEALED_BOX__INIT;
	const Sekisho__KeyringReply *reply;
	unsigned char tag[PWHASH_TAG];
	char person[UUID_TEXT];
	enum error err;

	err = hash_in_turn(w, view, login, password, len, source, class, tag);
	if (err != ERR_OK)
		goto out;
	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_PASSWORD;
	request.password = &check;
	memcpy(person, view->has_password ? view->person_id : view->subject,
	    sizeof person);
	check.person = person;
	check.tag = &box;
	check.tag_computed.data = tag;
	check.tag_computed.len = sizeof tag;
	if (view->has_password) {
		box.key_version = view->tag.key_version;
		box.box.data = view->tag.bytes;
		box.box.len = view->tag.len;
	} else {
		/* Opens, belongs to nobody: the same work, never a match. */
		memcpy(person, "decoy", sizeof "decoy");
		box.key_version = w->key_version;
		box.box.data = w->decoy_tag.bytes;
		box.box.len = w->decoy_tag.len;
	}
	err = keyring_ask(w->keyring_fd, &request, w->arena, &reply);
	if (err == ERR_OK)
		*ret_right =
		    view->has_password &&
		    reply->result == SEKISHO__KEYRING_REPLY__RESULT__YES;
out:
	sodium_memzero(tag, sizeof tag);
	return err;
}

enum error
factor_password(struct worker *w, const struct store_view *view,
    const char *login, const void *password, size_t len, uint64_t source,
    bool *ret_right)
{
	const struct source_rule rule = {w->config->source_burst,
	    w->config->source_rate, w->config->source_persons};
	unsigned class;
	enum error err;

	/* Someone known at this client never queues behind its flood. */
	class = view->familiar || source_within_budget(
				      w->shared, &rule, source, clock_ms())
		    ? 0
		    : 1;
	err = compare(w, view, login, password, len, source, class, ret_right);
	if (err == ERR_OK && !*ret_right)
		source_failed(w->shared, &rule, source,
		    mask_number(
			&w->mask, MASK_SUBJECT, login, strlen(login), "", 0),
		    clock_ms());
	return err;
}

enum error
factor_password_is(struct worker *w, const char *person_id,
    const struct store_before *before, const char *login, const void *password,
    size_t len, uint64_t source, bool *ret_same)
{
	struct store_view v;
	enum error err;

	memset(&v, 0, sizeof v);
	v.has_password = true;
	v.knowledge_wait = 1; /* of no login: no refusal time is looked up */
	v.cost = before->cost;
	v.tag = before->tag;
	memcpy(v.salt, before->salt, sizeof v.salt);
	memcpy(v.person_id, person_id, sizeof v.person_id);
	err = compare(w, &v, login, password, len, source, 0, ret_same);
	/* sealed to a key that is retired: nobody can tell any more */
	if (err == ERR_CRYPTO) {
		*ret_same = false;
		err = ERR_OK;
	}
	return err;
}

enum error
factor_password_make(struct worker *w, const struct pwhash_cost *cost,
    const char *person, uint64_t source, unsigned class, const void *password,
    size_t len, unsigned char ret_salt[PWHASH_SALT], struct box *ret_box)
{
	unsigned char tag[PWHASH_TAG];
	bool waited;
	enum error err;

	err = turn_enter(w->shared, w->index, source, class,
	    w->config->hash_wait_ms, &waited);
	if (err != ERR_OK)
		return err;
	randombytes_buf(ret_salt, PWHASH_SALT);
	err = hasher_tag(w->hasher_fds[turn_hasher(w->shared, w->index)], cost,
	    ret_salt, password, len, w->arena, tag);
	turn_leave(w->shared, w->index);
	if (err == ERR_OK)
		err = seal_box(w->public_key, SEAL_PASSWORD, person, tag,
		    sizeof tag, ret_box);
	sodium_memzero(tag, sizeof tag);
	return err;
}

void
factor_password_renew(struct worker *w, const struct store_view *view,
    const void *password, size_t len)
{
	unsigned char salt[PWHASH_SALT];
	char id[UUID_TEXT];
	struct box box;
	enum error err;

	if (view->cost_today.opslimit == 0 ||
	    (view->cost.opslimit == view->cost_today.opslimit &&
		view->cost.memlimit_kib == view->cost_today.memlimit_kib))
		return;
	/* Nobody waits for this one: last in every queue. */
	err = factor_password_make(w, &view->cost_today, view->person_id, 0, 2,
	    password, len, salt, &box);
	if (err == ERR_BUSY || err == ERR_TIMEOUT)
		return;
	uuid_random(id);
	if (err == ERR_OK)
		err = store_rehash(w->db, view, id, salt, &box, w->key_version,
		    w->config->database_timeout_ms);
	if (err != ERR_OK)
		log_warn("password could not be hashed at today's cost", "why",
		    error_text(err));
}
