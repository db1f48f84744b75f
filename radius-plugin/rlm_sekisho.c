/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rlm_sekisho.c - the module FreeRADIUS loads. It translates and asks; authd
 * decides. Without a decision nothing is sent, so that the client tries its
 * next server: never an accept or a reject that nobody decided.
 */
#include <sodium.h>
#include <stdatomic.h>
#include <time.h>

#include "common/wire/account.h"
#include "common/wire/packet.h"
#include "radius-plugin/attrs.h"
#include "radius-plugin/authd_client.h"
#include "radius-plugin/clients.h"
#include "radius-plugin/instance.h"
#include "radius-plugin/resume.h"
#include "radius-plugin/translate.h"

static const CONF_PARSER module_config[] = {
    {"socket",
	FR_CONF_OFFSET(
	    PW_TYPE_STRING | PW_TYPE_REQUIRED, struct instance, socket),
	NULL},
    {"timeout_ms", FR_CONF_OFFSET(PW_TYPE_INTEGER, struct instance, timeout_ms),
	"8000"},
    {"connect_timeout_ms",
	FR_CONF_OFFSET(PW_TYPE_INTEGER, struct instance, connect_timeout_ms),
	"200"},
    {"client_timeout_ms",
	FR_CONF_OFFSET(PW_TYPE_INTEGER, struct instance, client_timeout_ms),
	"100"},
    CONF_PARSER_TERMINATOR};

/*
 * Nothing is sent, and the request is forgotten at once instead of after
 * cleanup_delay: FreeRADIUS ignores retransmissions of a request it
 * remembers and has no answer to, but authd may be back by then.
 */
static rlm_rcode_t
silence(REQUEST *request)
{
	REQUEST *outer = attrs_outermost(request);
	main_config_t *root;
	VALUE_PAIR *vp;

	vp = radius_pair_create(
	    outer, &outer->config, PW_RESPONSE_PACKET_TYPE, 0);
	vp->vp_integer = 256; /* Do-Not-Respond */
	outer->reply->code = 0;
	root = talloc_memdup(outer, outer->root, sizeof *outer->root);
	if (root != NULL) {
		root->cleanup_delay = 0;
		outer->root = root;
	}
	return RLM_MODULE_HANDLED;
}

/* A flood of bad packets, or authd gone, must not become a flood of lines. */
static void
complain(
    struct instance *inst, REQUEST *request, const char *what, enum error err)
{
	long long now = time(NULL);
	const RADCLIENT *client = attrs_outermost(request)->client;

	if (atomic_exchange(&inst->complained, now) == now) {
		(void)atomic_fetch_add(&inst->unsaid, 1);
		return;
	}
	RERROR("client %s: %s: %s; no answer is sent (and %u before)",
	    client->shortname, what, error_text(err),
	    atomic_exchange(&inst->unsaid, 0));
}

static rlm_rcode_t
failed(
    struct instance *inst, REQUEST *request, const char *what, enum error err)
{
	complain(inst, request, what, err);
	return silence(request);
}

static int
mod_instantiate(CONF_SECTION *cs, void *instance)
{
	struct instance *inst = instance;
	DICT_VALUE *value;

	inst->name = cf_section_name2(cs);
	if (inst->name == NULL)
		inst->name = cf_section_name1(cs);
	if (inst->timeout_ms < 100 || inst->timeout_ms > 60000 ||
	    inst->connect_timeout_ms < 1 || inst->connect_timeout_ms > 10000 ||
	    inst->client_timeout_ms < 1 || inst->client_timeout_ms > 1000) {
		cf_log_err_cs(cs, "a timeout is out of range");
		return -1;
	}
	if (packet_account_path(inst->socket, inst->account_socket) != ERR_OK) {
		cf_log_err_cs(cs, "the socket's path is too long");
		return -1;
	}
	if (dict_attrbyvalue(ATTR_SEKISHO_REF, VENDOR_SEKISHO) == NULL) {
		cf_log_err_cs(cs, "the dictionary lacks dictionary.sekisho");
		return -1;
	}
	/* FreeRADIUS makes one for each module in an authenticate section. */
	value = dict_valbyname(PW_AUTH_TYPE, 0, inst->name);
	inst->auth_type = value != NULL ? value->value : 0;
	if (sodium_init() < 0 || clients_new(inst, &inst->clients) != ERR_OK) {
		cf_log_err_cs(cs, "out of memory");
		return -1;
	}
	return 0;
}

static int
mod_detach(void *instance)
{
	struct instance *inst = instance;

	clients_close(inst->clients);
	return 0;
}

static rlm_rcode_t
status_server(struct instance *inst, REQUEST *request)
{
	enum error err;

	err = clients_confirm(inst, request);
	if (err != ERR_OK)
		return failed(inst, request, "Status-Server", err);
	if (attrs_authenticator_first(request) != ERR_OK)
		return silence(request);
	clients_renew(request);
	return RLM_MODULE_OK;
}

static rlm_rcode_t
mod_authorize(void *instance, REQUEST *request)
{
	struct instance *inst = instance;
	VALUE_PAIR *vp;

	if (clients_is_lookup(request))
		return clients_lookup(inst, request);
	if (request->packet->code == PW_CODE_STATUS_SERVER)
		return status_server(inst, request);
	if (request->packet->code != PW_CODE_ACCESS_REQUEST)
		return RLM_MODULE_NOOP;
	if (attrs_forgeable(request))
		return failed(inst, request,
		    "Proxy-State without Message-Authenticator", ERR_DENIED);
	if ((attrs_present(request, ATTR_EAP_MESSAGE) &&
		!attrs_of_certificate(request)) ||
	    inst->auth_type == 0 ||
	    fr_pair_find_by_num(request->config, PW_AUTH_TYPE, 0, TAG_ANY) !=
		NULL)
		return RLM_MODULE_NOOP;
	vp = radius_pair_create(request, &request->config, PW_AUTH_TYPE, 0);
	vp->vp_integer = (uint32_t)inst->auth_type;
	return RLM_MODULE_OK;
}

/* authd's answer as attributes of the reply, and FreeRADIUS's word for it. */
static rlm_rcode_t
answer(struct instance *inst, REQUEST *request, const struct reply *reply)
{
	enum error err;

	err = attrs_reply(request, reply);
	if (err != ERR_OK)
		return failed(inst, request, "reply", err);
	switch (reply->outcome) {
	case SEKISHO__OUTCOME__OUTCOME_ACCEPT:
		resume_decided(inst, request);
		return RLM_MODULE_OK;
	case SEKISHO__OUTCOME__OUTCOME_REJECT:
		return RLM_MODULE_REJECT;
	case SEKISHO__OUTCOME__OUTCOME_CHALLENGE:
		request->reply->code = PW_CODE_ACCESS_CHALLENGE;
		return RLM_MODULE_HANDLED;
	case SEKISHO__OUTCOME__OUTCOME_SILENCE:
	case _SEKISHO__OUTCOME_IS_INT_SIZE:
		break;
	}
	return silence(request);
}

static rlm_rcode_t
mod_authenticate(void *instance, REQUEST *request)
{
	struct instance *inst = instance;
	const struct authd_limits limits = {
	    (int)inst->connect_timeout_ms, (int)inst->timeout_ms};
	struct message question = {.kind = MESSAGE_AUTH_REQUEST}, decision;
	struct attribute *attrs = NULL;
	Sekisho__AuthRequest auth;
	struct arena *arena = NULL;
	struct origin origin;
	struct reply reply;
	rlm_rcode_t rcode;
	size_t n = 0;
	enum error err;
	const char *step = "memory";

	err = arena_new(MESSAGE_ARENA, &arena);
	if (err != ERR_OK)
		goto out;
	step = "whose request it is";
	err = clients_origin(inst, request, &origin);
	if (err != ERR_OK)
		goto out;
	step = "malformed request";
	err = attrs_collect(request, arena, &attrs, &n);
	if (err == ERR_OK)
		err = translate_request(attrs, n, &origin, arena, &auth);
	if (err != ERR_OK)
		goto out;
	/* inside EAP nothing is asked twice: another server would begin anew */
	if (request->parent != NULL)
		auth.acct_session_id.len = 0;
	/* what Message-Authenticator proves, TLS has proven already */
	auth.message_authenticator |= attrs_over_tls(attrs_outermost(request));
	step = "authd";
	question.auth_request = &auth;
	err = authd_ask(inst->socket, &limits, &question, MESSAGE_AUTH_REPLY,
	    arena, &decision);
	if (err == ERR_OK)
		err = translate_reply(decision.auth_reply, arena, &reply);
out:
	if (err != ERR_OK) {
		rcode = failed(inst, request, step, err);
	} else {
		rcode = answer(inst, request, &reply);
		if (reply.outcome != SEKISHO__OUTCOME__OUTCOME_SILENCE)
			clients_renew(request);
	}
	attrs_wipe(request);
	arena_free(&arena);
	return rcode;
}

/*
 * RFC 2866 4.1: acknowledged when it is recorded, and not before, so that the
 * client sends again what was lost. FreeRADIUS has verified the Request
 * Authenticator, which covers all of the packet.
 */
static rlm_rcode_t
mod_accounting(void *instance, REQUEST *request)
{
	struct instance *inst = instance;
	const struct authd_limits limits = {
	    (int)inst->connect_timeout_ms, (int)inst->timeout_ms};
	struct message question = {.kind = MESSAGE_ACCOUNT_REQUEST}, answered;
	struct attribute *attrs = NULL;
	Sekisho__AccountRequest account;
	struct arena *arena = NULL;
	struct origin origin;
	rlm_rcode_t rcode = RLM_MODULE_OK;
	size_t n = 0;
	enum error err;
	const char *step = "memory";

	if (request->packet->code == PW_CODE_STATUS_SERVER)
		return status_server(inst, request);
	if (request->packet->code != PW_CODE_ACCOUNTING_REQUEST)
		return RLM_MODULE_NOOP;
	err = arena_new(MESSAGE_ARENA, &arena);
	if (err != ERR_OK)
		goto out;
	step = "whose accounting it is";
	err = clients_origin(inst, request, &origin);
	if (err != ERR_OK)
		goto out;
	step = "malformed accounting";
	err = attrs_collect_account(request, arena, &attrs, &n);
	if (err == ERR_OK)
		err = translate_account(attrs, n, &origin, arena, &account);
	if (err != ERR_OK)
		goto out;
	step = "authd";
	question.account_request = &account;
	/* what comes most has a process of its own, which takes many at once */
	err = authd_ask(account.status == ACCOUNT_INTERIM ? inst->account_socket
							  : inst->socket,
	    &limits, &question, MESSAGE_ACCOUNT_REPLY, arena, &answered);
out:
	if (err != ERR_OK)
		rcode = failed(inst, request, step, err);
	else if (!answered.account_reply->taken)
		rcode = silence(request);
	else
		clients_renew(request);
	arena_free(&arena);
	return rcode;
}

/* In every post-auth section, that is for each reply of whatever origin. */
static rlm_rcode_t
mod_post_auth(void *instance, REQUEST *request)
{
	struct instance *inst = instance;
	enum error err;

	if (request->parent != NULL || request->reply->code == 0)
		return RLM_MODULE_NOOP;
	if (request->reply->code == PW_CODE_ACCESS_ACCEPT &&
	    attrs_present(request, ATTR_EAP_MESSAGE)) {
		err = resume_check(inst, request);
		if (err != ERR_OK)
			return failed(inst, request, "resumption", err);
	}
	if (attrs_forgeable(request) ||
	    attrs_authenticator_first(request) != ERR_OK)
		return silence(request);
	return RLM_MODULE_UPDATED;
}

extern module_t rlm_sekisho;
__attribute__((visibility("default"))) module_t rlm_sekisho = {
    .magic = RLM_MODULE_INIT,
    .name = "sekisho",
    .type = RLM_TYPE_THREAD_SAFE,
    .inst_size = sizeof(struct instance),
    .config = module_config,
    .instantiate = mod_instantiate,
    .detach = mod_detach,
    .methods =
	{
	    [MOD_AUTHORIZE] = mod_authorize,
	    [MOD_AUTHENTICATE] = mod_authenticate,
	    [MOD_ACCOUNTING] = mod_accounting,
	    [MOD_POST_AUTH] = mod_post_auth,
	},
};
