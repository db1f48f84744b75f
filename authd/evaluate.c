/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/evaluate.h"

#include <string.h>

#include "authd/factor_card.h"
#include "authd/factor_fido2.h"
#include "authd/factor_password.h"
#include "authd/factor_totp.h"
#include "common/rules/first.h"

/* Codes that may be appended to the credential, as the client sends them. */
static size_t
appended_codes(const struct attempt *a, struct code codes[2])
{
	if (a->second || a->view.codes == CODES_PROMPT)
		return 0;
	return code_splits(a->credential, a->credential_len, codes);
}

/*
 * A card or a FIDO2 key proved itself, and no PIN or finger that counts here
 * with it: what comes next is a password.
 */
static bool
asks_password(const struct store_view *v)
{
	bool held = false;
	size_t i;

	for (i = 0; i < v->n_proven; i++) {
		if (v->proven[i].category != CATEGORY_POSSESSION &&
		    (v->methods & (unsigned)v->proven[i].method) != 0)
			return false;
		held = held || v->proven[i].method == METHOD_CARD ||
		       v->proven[i].method == METHOD_FIDO2;
	}
	return held;
}

int
evaluate_wait(const struct attempt *a)
{
	const struct store_view *v = &a->view;
	struct code codes[2];
	int wait = 0;

	if (a->signature || a->certificate || a->changing)
		return 0; /* nothing to guess */
	if (a->second && asks_password(v))
		return v->knowledge_wait;
	if (a->second) {
		wait = v->possession_wait;
		if (v->n_proven == 0 && v->knowledge_wait > wait)
			wait = v->knowledge_wait;
		return wait;
	}
	wait = v->knowledge_wait;
	if (v->possession_wait > wait && appended_codes(a, codes) > 0)
		wait = v->possession_wait;
	return wait;
}

static void
add_evidence(struct attempt *a, enum method method, int64_t until,
    const struct store_token *token)
{
	struct evidence *e = &a->evidence[a->n_evidence++];

	memset(e, 0, sizeof *e);
	e->method = method;
	e->category = method_category(method);
	e->purpose = PURPOSE_LOGIN;
	e->at = a->view.now;
	e->until = until;
	if (token != NULL) {
		memcpy(e->token, token->id, sizeof e->token);
		memcpy(e->label, token->label,
		    sizeof token->label < sizeof e->label ? sizeof token->label
							  : sizeof e->label);
		e->label[sizeof e->label - 1] = '\0';
	}
}

static void
add_password(struct attempt *a)
{
	add_evidence(
	    a, METHOD_PASSWORD, a->view.now + a->view.state_seconds, NULL);
	a->evidence[a->n_evidence - 1].change = a->view.change;
	a->typed = true;
}

/* Charges a wrong secret; its keyed digest recognises a repetition. */
static void
charge(
    struct attempt *a, enum category category, const void *secret, size_t len)
{
	struct store_failure *f = &a->failure[a->n_failures++];
	char subject[UUID_TEXT + 12];

	memcpy(subject, a->view.subject, UUID_TEXT - 1);
	(void)stpcpy(subject + UUID_TEXT - 1, category_text(category));
	f->category = category;
	mask_digest(&a->w->mask, MASK_FAILURE, subject, strlen(subject), secret,
	    len, f->digest);
}

static void
spend(struct attempt *a, const struct totp_outcome *totp)
{
	a->token = totp->token;
	a->step = totp->step;
	a->drift = totp->drift;
}

/* Methods that the person could still prove. */
static unsigned
available(const struct attempt *a)
{
	unsigned set = METHOD_NONE;

	if (a->view.n_tokens > 0)
		set |= METHOD_TOTP;
	if (a->request->can_card)
		set |= METHOD_CARD;
	if (a->request->can_fido2)
		set |= METHOD_FIDO2;
	return set;
}

static void
refuse(struct attempt *a, enum reason reason)
{
	a->reason = reason;
	a->decision.verdict = VERDICT_REFUSE;
}

/*
 * Where the first factor's result is not shown, whoever could not pass it is
 * asked for a code all the same, and refused after it.
 */
static void
refuse_first(struct attempt *a, enum reason reason, bool code_given)
{
	refuse(a, reason);
	if (a->view.show_first || code_given || a->view.codes == CODES_APPEND)
		return;
	a->hidden_failure = true;
	a->decision.verdict = VERDICT_ASK;
}

/* What the password's rules need to know (common/rules/first.h). */
static struct first_ground
ground_of(const struct attempt *a)
{
	const struct store_view *v = &a->view;

	return (struct first_ground){
	    .person_found = v->person_found,
	    .person_usable = v->person_usable,
	    .has_password = v->has_password,
	    .must_change = v->change < 0 && v->codes == CODES_APPEND,
	    .with_card = v->with_card,
	    .methods = v->methods,
	    .available = available(a),
	    .door_counts = v->door_counts,
	    .door_fault = first_from_text(v->door_fault),
	    .door = v->door,
	    .earlier = v->earlier,
	    .now = v->now,
	};
}

/* Why this person cannot log in with a password, whatever was typed. */
static bool
is_barred(const struct attempt *a, enum reason *ret_reason)
{
	struct first_ground ground = ground_of(a);
	enum first_word word;

	ground.with_card = ground.with_card && !asks_password(&a->view);
	if (!first_barred(&ground, &word))
		return false;
	*ret_reason = reason_from_text(first_text(word));
	return true;
}

/* The password was right: what does it make, with the code if there is one? */
static void
decide_first(
    struct attempt *a, const struct totp_outcome *totp, bool code_given)
{
	const struct store_view *v = &a->view;
	const struct first_ground ground = ground_of(a);
	enum reason reason;

	add_password(a);
	if (totp->result == TOTP_SPENT) {
		refuse(a, REASON_CODE_SPENT);
		return;
	}
	if (totp->result == TOTP_RIGHT) {
		add_evidence(
		    a, METHOD_TOTP, v->now + v->state_seconds, totp->token);
		spend(a, totp);
	} else if (code_given && v->codes == CODES_APPEND) {
		refuse(a, REASON_WRONG_CODE);
		charge(a, CATEGORY_POSSESSION, a->credential + a->password_len,
		    a->credential_len - a->password_len);
		return;
	}
	reason = reason_from_text(first_text(
	    first_decide(&ground, a->evidence, &a->n_evidence, &a->decision)));
	switch (a->decision.verdict) {
	case VERDICT_ACCEPT:
		a->reason = reason;
		return;
	case VERDICT_ASK:
		a->reason = reason;
		if (v->codes == CODES_APPEND)
			refuse(a, REASON_CODE_MISSING);
		return;
	case VERDICT_REFUSE:
		/* Nothing is said that a wrong password would not say, but
		 * where an entry would have done that it is not recorded. */
		refuse_first(a, reason, false);
		return;
	}
}

enum error
evaluate_blindly(struct attempt *a)
{
	struct store_view decoy = a->view;
	enum error err;
	bool right;

	decoy.has_password = false; /* costs the same, opens nothing */
	decoy.knowledge_wait = 1;   /* known already: not asked again */
	a->evaluated = CATEGORY_NONE;
	err = factor_password(a->w, &decoy, a->login, a->credential,
	    a->credential_len, a->source, &right);
	if (err == ERR_OK)
		refuse_first(a, REASON_DELAY_RUNNING, false);
	return err;
}

enum error
evaluate_first(struct attempt *a)
{
	struct totp_outcome totp = {TOTP_WRONG, 0, NULL, 0, 0};
	struct code codes[2];
	size_t n_codes = appended_codes(a, codes);
	bool right, barred, code_given = false;
	enum reason reason = REASON_WRONG_PASSWORD;
	enum error err;

	a->evaluated = CATEGORY_KNOWLEDGE;
	if (n_codes > 0) {
		a->evaluated |= CATEGORY_POSSESSION;
		err = factor_totp(a->w, &a->view, codes, n_codes, &totp);
		if (err != ERR_OK)
			return err;
	}
	/* Exactly one hash: of what is left before the code that fits. */
	if (totp.result != TOTP_WRONG) {
		a->password_len = codes[totp.code].prefix;
		code_given = true;
	} else if (n_codes > 0 && a->view.codes == CODES_APPEND) {
		size_t which = n_codes == 2 && a->view.n_tokens > 0 &&
			       a->view.token[0].digits == 8;

		a->password_len = codes[which].prefix;
		code_given = true;
	}
	err = factor_password(a->w, &a->view, a->login, a->credential,
	    a->password_len, a->source, &right);
	if (err != ERR_OK)
		return err;
	barred = is_barred(a, &reason);
	if (right && !barred) {
		decide_first(a, &totp, code_given);
		return ERR_OK;
	}
	/*
	 * Someone without the password must not be able to charge the code:
	 * only what was wrong, and is known to be, counts.
	 */
	charge(a, CATEGORY_KNOWLEDGE, a->credential, a->password_len);
	refuse_first(a, reason, code_given);
	return ERR_OK;
}

/* What earlier rounds proved, as far as it still counts. */
static void
add_proven(struct attempt *a)
{
	const struct store_view *v = &a->view;
	size_t i;

	for (i = 0; i < v->n_proven && i < 4; i++)
		a->evidence[a->n_evidence++] = v->proven[i];
}

/* All is there that will be: two categories, or a refusal. */
static void
decide_last(struct attempt *a, unsigned could)
{
	a->decision = decide(PURPOSE_LOGIN, a->view.methods, could, a->evidence,
	    a->n_evidence, a->view.now);
	switch (a->decision.verdict) {
	case VERDICT_ACCEPT:
		a->reason = REASON_TWO_FACTORS;
		return;
	case VERDICT_ASK:
		a->reason = REASON_FIRST_FACTOR;
		return;
	case VERDICT_REFUSE:
		refuse(a, REASON_DECIDE_REFUSED);
		return;
	}
}

bool
evaluate_proven(struct attempt *a)
{
	add_proven(a);
	if (!a->view.person_usable)
		refuse(a, REASON_PERSON_UNUSABLE);
	else
		decide_last(a, METHOD_NONE);
	return a->decision.verdict == VERDICT_ACCEPT;
}

static enum error
evaluate_password_last(struct attempt *a)
{
	enum reason reason = REASON_WRONG_PASSWORD;
	bool right, barred;
	enum error err;

	a->evaluated = CATEGORY_KNOWLEDGE;
	err = factor_password(a->w, &a->view, a->login, a->credential,
	    a->credential_len, a->source, &right);
	if (err != ERR_OK)
		return err;
	barred = is_barred(a, &reason);
	if (!right || barred) {
		charge(a, CATEGORY_KNOWLEDGE, a->credential, a->credential_len);
		refuse(a, reason);
	} else {
		add_proven(a);
		add_password(a);
		decide_last(a, METHOD_NONE);
	}
	return ERR_OK;
}

/* A card's name and number, as a token has them. */
static struct store_token
token_of_key(const struct store_key *key)
{
	struct store_token token;

	memset(&token, 0, sizeof token);
	memcpy(token.id, key->token, sizeof token.id);
	memcpy(token.label, key->label, sizeof token.label);
	return token;
}

/*
 * Whose card or key it is comes last: until it is right, all names are alike.
 */
static bool
is_refused(struct attempt *a, bool right, enum reason reason)
{
	if (right && !a->view.person_usable)
		reason = a->view.person_found ? REASON_PERSON_UNUSABLE
					      : REASON_UNKNOWN_PERSON;
	else if (right)
		return false;
	refuse(a, reason);
	return true;
}

enum error
evaluate_signature(struct attempt *a)
{
	const struct store_view *v = &a->view;
	const int64_t until = v->now + v->state_seconds;
	enum card_result result;
	enum reason reason;
	enum error err;

	/* Neither charged nor waited for: a signature cannot be guessed. */
	a->evaluated = CATEGORY_NONE;
	err = factor_card(a->w, PURPOSE_LOGIN, a->login, &v->key, a->request,
	    &result, &reason);
	if (err != ERR_OK || is_refused(a, result == CARD_RIGHT, reason))
		return err;
	a->key = token_of_key(&v->key);
	add_proven(a);
	add_evidence(a, METHOD_CARD, until, &a->key);
	if (v->key.pin)
		add_evidence(a, METHOD_PIN, until, &a->key);
	decide_last(a, METHOD_PASSWORD);
	return ERR_OK;
}

enum error
evaluate_certificate(struct attempt *a)
{
	const struct store_key *key = &a->view.key;
	const int64_t until = a->view.now + a->view.state_seconds;

	a->evaluated = CATEGORY_NONE; /* as above */
	if (is_refused(a, a->recorded && key->fault[0] == '\0',
		a->recorded ? reason_from_text(key->fault)
			    : REASON_CERTIFICATE_UNKNOWN))
		return ERR_OK;
	a->key = token_of_key(key);
	add_evidence(a, METHOD_CARD, until, &a->key);
	if (key->pin)
		add_evidence(a, METHOD_PIN, until, &a->key);
	decide_last(a, METHOD_PASSWORD);
	if (a->decision.verdict == VERDICT_ASK)
		refuse(a, REASON_CERTIFICATE_ALONE);
	return ERR_OK;
}

/* Whether what is known was proven in this login already. */
static bool
knows(const struct attempt *a)
{
	size_t i;

	for (i = 0; i < a->n_evidence; i++) {
		if (a->evidence[i].category == CATEGORY_KNOWLEDGE)
			return true;
	}
	return false;
}

enum error
evaluate_assertion(struct attempt *a)
{
	const struct store_view *v = &a->view;
	const int64_t until = v->now + v->state_seconds;
	struct fido2_result result;
	enum error err;

	a->evaluated = CATEGORY_NONE; /* as above */
	err = factor_fido2(a->w, PURPOSE_LOGIN, a->login, &v->key,
	    v->fido2_verified, a->request, &result);
	if (err != ERR_OK || is_refused(a, result.right, result.reason))
		return err;
	a->key = token_of_key(&v->key);
	a->counts = true;
	a->counter = result.counter;
	a->backed_up = result.backed_up;
	add_proven(a);
	add_evidence(a, METHOD_FIDO2, until, &a->key);
	/* possession and one more, never a third with a password */
	if (result.verified && !knows(a)) {
		add_evidence(a, METHOD_UV, until, &a->key);
		a->evidence[a->n_evidence - 1].category = v->key.verifies;
	}
	decide_last(a, METHOD_PASSWORD);
	return ERR_OK;
}

enum error
evaluate_second(struct attempt *a)
{
	const struct store_view *v = &a->view;
	struct totp_outcome totp = {TOTP_WRONG, 0, NULL, 0, 0};
	struct code code;
	bool is_code;
	enum error err;

	if (asks_password(v))
		return evaluate_password_last(a);
	a->evaluated = CATEGORY_POSSESSION;
	is_code = code_parse(a->credential, a->credential_len, &code) == ERR_OK;
	if (is_code) {
		err = factor_totp(a->w, v, &code, 1, &totp);
		if (err != ERR_OK)
			return err;
	}
	if (v->n_proven == 0) {
		a->evaluated |= CATEGORY_KNOWLEDGE;
		refuse(a, REASON_FIRST_FACTOR_FAILED);
		return ERR_OK;
	}
	add_proven(a);
	if (!v->person_usable) {
		refuse(a, REASON_PERSON_UNUSABLE);
		return ERR_OK;
	}
	switch (totp.result) {
	case TOTP_WRONG:
		refuse(a, REASON_WRONG_CODE);
		charge(
		    a, CATEGORY_POSSESSION, a->credential, a->credential_len);
		return ERR_OK;
	case TOTP_SPENT:
		refuse(a, REASON_CODE_SPENT);
		return ERR_OK;
	case TOTP_RIGHT:
		break;
	}
	add_evidence(a, METHOD_TOTP, v->now + v->state_seconds, totp.token);
	spend(a, &totp);
	decide_last(a, METHOD_NONE);
	return ERR_OK;
}
