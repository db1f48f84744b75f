/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/recording.h"

#include <string.h>

#include "authd/repeated.h"
#include "authd/text.h"

enum error
recording_make(struct attempt *a, enum outcome outcome, const char *state,
    struct store_answer *ret_answer)
{
	uint8_t new_state[STATE_HASH];
	unsigned char digest[STORE_DIGEST], box[CARRIED_BOX];
	struct store_record rec = {
	    .view = &a->view,
	    .login = a->login,
	    .node = a->w->config->node,
	    .purpose = PURPOSE_LOGIN,
	    .outcome = outcome,
	    .reason = reason_text(a->reason),
	    .evaluated = a->evaluated,
	    .n_failures = a->n_failures,
	    .evidence = a->evidence,
	    .n_evidence = a->hidden_failure ? 0 : a->n_evidence,
	    .old_state = a->second ? a->state : NULL,
	    .token = a->counts ? &a->key : a->token,
	    .step = a->step,
	    .drift = a->drift,
	    .counts = a->counts,
	    .counter = a->counter,
	    .backed_up = a->backed_up,
	    .answer = repeated_digest(a, digest) ? digest : NULL,
	};

	memcpy(rec.failure, a->failure, sizeof rec.failure);
	text_reference(rec.ref);
	if (outcome == STORE_CHALLENGE) {
		if (state_hash(state, strlen(state), new_state) != ERR_OK)
			return ERR_CRYPTO;
		rec.new_state = new_state;
		if (a->carries) {
			carried_seal(&a->w->mask, state, strlen(state),
			    &a->carried, box);
			rec.carried = box;
		}
	}
#ifdef SEKISHO_TEST_HOOKS
	/* Holds the attempt here while a test changes what it rests on. */
	{
		struct db_result *held = NULL;
		enum error err;

		err = db_call(a->w->db, "test_hold",
		    "SELECT pg_advisory_lock_shared(5364551), "
		    "pg_advisory_unlock_shared(5364551)",
		    0, NULL, 30000, &held);
		if (err != ERR_OK)
			return err;
		db_result_free(&held);
	}
#endif
	return store_record(
	    a->w->db, &rec, a->w->config->database_timeout_ms, ret_answer);
}
