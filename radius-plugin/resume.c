/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/resume.h"

#include <string.h>

#include "radius-plugin/attrs.h"
#include "radius-plugin/authd_client.h"
#include "radius-plugin/clients.h"

/* What hangs on the packet if authd has accepted in it. */
enum { MARK = 1 };

void
resume_decided(struct instance *inst, REQUEST *request)
{
	REQUEST *outer = attrs_outermost(request);

	/* out of memory: it will be asked again, no more */
	(void)request_data_add(outer, inst, MARK, outer, false);
}

static bool
is_decided(struct instance *inst, REQUEST *request)
{
	return request_data_reference(request, inst, MARK) != NULL;
}

/* As any request of this client, but for what it says: a Class. */
static enum error
ask(struct instance *inst, REQUEST *request, struct arena *arena,
    struct reply *ret_reply)
{
	const struct authd_limits limits = {
	    (int)inst->connect_timeout_ms, (int)inst->timeout_ms};
	struct message question = {.kind = MESSAGE_AUTH_REQUEST}, decision;
	const VALUE_PAIR *class_pair = attrs_class(request);
	struct attribute *attrs = NULL;
	Sekisho__AuthRequest auth;
	struct origin origin;
	size_t n = 0;
	enum error err;

	err = clients_origin(inst, request, &origin);
	if (err == ERR_OK)
		err = attrs_collect(request, arena, &attrs, &n);
	if (err == ERR_OK)
		err = translate_request(attrs, n, &origin, arena, &auth);
	if (err != ERR_OK)
		return err;
	if (class_pair == NULL || class_pair->vp_length == 0)
		return ERR_NOTFOUND;
	auth.resumes.len = class_pair->vp_length;
	auth.resumes.data = arena_alloc(arena, auth.resumes.len);
	if (auth.resumes.data == NULL)
		return ERR_NOMEM;
	memcpy(auth.resumes.data, class_pair->vp_octets, auth.resumes.len);
	auth.resumed = attrs_present(request, ATTR_EAP_SESSION_RESUMED);
	question.auth_request = &auth;
	err = authd_ask(inst->socket, &limits, &question, MESSAGE_AUTH_REPLY,
	    arena, &decision);
	if (err == ERR_OK)
		err = translate_reply(decision.auth_reply, arena, ret_reply);
	return err;
}

enum error
resume_check(struct instance *inst, REQUEST *request)
{
	struct reply reply = {.outcome = SEKISHO__OUTCOME__OUTCOME_SILENCE};
	struct arena *arena = NULL;
	enum error err;

	if (is_decided(inst, request))
		return ERR_OK;
	err = arena_new(MESSAGE_ARENA, &arena);
	if (err == ERR_OK)
		err = ask(inst, request, arena, &reply);
	/* of nobody's login: not a fault of ours, and no way in */
	if (err == ERR_NOTFOUND) {
		reply.outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
		err = ERR_OK;
	}
	if (err == ERR_OK)
		err = reply.outcome == SEKISHO__OUTCOME__OUTCOME_ACCEPT
			  ? attrs_regrant(request, &reply)
		      : reply.outcome == SEKISHO__OUTCOME__OUTCOME_REJECT
			  ? attrs_eap_reject(request)
			  : ERR_DENIED;
	arena_free(&arena);
	return err;
}
