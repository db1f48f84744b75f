/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/clients.h"

#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "radius-plugin/attrs.h"
#include "radius-plugin/authd_client.h"
#include "radius-plugin/guard.h"

enum { SECRET_KEPT_MS = 60000, CONFIRM_MS = 2000, NAMES = MESSAGE_TLS_NAMES };

/*
 * One version of one client. FreeRADIUS frees an expired client a fixed time
 * later, but a request whose answer is repeated to a retransmitting client
 * may outlive that and still point to it. So records are never freed while
 * the server runs: a client that is looked up again gets its old record
 * back, and there are only as many as versions of clients were seen.
 */
struct record {
	RADCLIENT client; /* first: FreeRADIUS knows the record by it */
	struct record *next;
	uint8_t address[16];
	uint32_t lifetime;
	int64_t gone_since; /* 0: authd's last word was that it exists */
	bool wiped;
	char name[UUID_TEXT + 24]; /* "<uuid>/<version>" */
	char secret[ATTR_MAX + 1];
};

struct clients {
	pthread_mutex_t mutex;
	struct record *records;
	struct guard guard;
};

/* Marks a RADCLIENT as ours by its address. */
static const char nas_type[] = "other";

/* FreeRADIUS's talloc_free() must leave it alone. */
static int
refuse_free(struct record *record)
{
	(void)record;
	return -1;
}

enum error
clients_new(void *ctx, struct clients **ret_clients)
{
	uint8_t key[16];
	struct clients *c;

	c = talloc_zero(ctx, struct clients);
	if (c == NULL)
		return ERR_NOMEM;
	if (pthread_mutex_init(&c->mutex, NULL) != 0) {
		talloc_free(c);
		return ERR_SYSTEM;
	}
	randombytes_buf(key, sizeof key);
	guard_init(&c->guard, key, clock_ms());
	*ret_clients = c;
	return ERR_OK;
}

void
clients_close(struct clients *clients)
{
	struct record *r;

	if (clients == NULL)
		return;
	for (r = clients->records; r != NULL; r = r->next) {
		sodium_memzero(r->secret, sizeof r->secret);
		talloc_set_destructor(r, NULL);
	}
	(void)pthread_mutex_destroy(&clients->mutex);
}

bool
clients_is_lookup(const REQUEST *request)
{
	/* Only the network that contains a client names a virtual server. */
	return request->parent == NULL && request->packet->vps == NULL &&
	       request->client != NULL &&
	       request->client->client_server != NULL;
}

static enum error
address_of(const fr_ipaddr_t *ip, uint8_t ret_address[16])
{
	static const uint8_t mapped[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	if (ip->af == AF_INET6) {
		memcpy(ret_address, &ip->ipaddr.ip6addr, 16);
		return ERR_OK;
	}
	if (ip->af != AF_INET)
		return ERR_INPUT;
	memcpy(ret_address, mapped, sizeof mapped);
	memcpy(ret_address + 12, &ip->ipaddr.ip4addr, 4);
	return ERR_OK;
}

/* Names of a client's certificate; none asks for the address alone. */
struct names {
	char *name[NAMES];
	size_t n;
};

static enum error
ask(const struct instance *inst, const fr_ipaddr_t *ip, struct names *names,
    const struct authd_limits *limits, struct arena *arena,
    Sekisho__ClientReply **ret_reply)
{
	Sekisho__ClientRequest request;
	struct message question = {.kind = MESSAGE_CLIENT_REQUEST};
	struct message answer;
	uint8_t address[16];
	enum error err;

	err = address_of(ip, address);
	if (err != ERR_OK)
		return err;
	sekisho__client_request__init(&request);
	request.address.data = ip->af == AF_INET ? address + 12 : address;
	request.address.len = ip->af == AF_INET ? 4 : 16;
	if (names != NULL) {
		request.tls_name = names->name;
		request.n_tls_name = names->n;
	}
	question.client_request = &request;
	err = authd_ask(inst->socket, limits, &question, MESSAGE_CLIENT_REPLY,
	    arena, &answer);
	if (err == ERR_OK &&
	    answer.client_reply->found == SEKISHO__CLIENT_REPLY__FOUND__ERROR)
		err = ERR_DB;
	if (err == ERR_OK)
		*ret_reply = answer.client_reply;
	return err;
}

static bool
usable(const Sekisho__ClientReply *reply)
{
	return reply->found == SEKISHO__CLIENT_REPLY__FOUND__FOUND &&
	       uuid_valid(reply->client_id) && reply->secret.len > 0 &&
	       reply->secret.len <= ATTR_MAX &&
	       memchr(reply->secret.data, '\0', reply->secret.len) == NULL;
}

static struct record *
record_new(struct clients *clients, const uint8_t address[16],
    const fr_ipaddr_t *ip, const Sekisho__ClientReply *reply, const char *name)
{
	struct record *r;

	r = talloc_zero(clients, struct record);
	if (r == NULL)
		return NULL;
	talloc_set_name_const(r, "RADCLIENT");
	memcpy(r->address, address, sizeof r->address);
	memcpy(r->secret, reply->secret.data, reply->secret.len);
	strlcpy(r->name, name, sizeof r->name);
	r->lifetime = reply->lifetime;
	r->client.ipaddr = *ip;
	r->client.ipaddr.prefix = ip->af == AF_INET ? 32 : 128;
	r->client.src_ipaddr.af = AF_UNSPEC;
	r->client.proto = IPPROTO_UDP;
	r->client.shortname = r->name;
	r->client.secret = r->secret;
	r->client.nas_type = nas_type;
	r->client.message_authenticator = reply->require_message_authenticator;
	r->client.dynamic = 1;
	r->next = clients->records;
	clients->records = r;
	talloc_set_destructor(r, refuse_free);
	return r;
}

static bool
same(
    const struct record *r, const Sekisho__ClientReply *reply, const char *name)
{
	return !r->wiped && strcmp(r->name, name) == 0 &&
	       secret_equal(r->secret, strlen(r->secret), reply->secret.data,
		   reply->secret.len) &&
	       r->client.message_authenticator ==
		   (bool)reply->require_message_authenticator;
}

/* The record for this answer, its old one if it is unchanged. */
static struct record *
record_for(struct clients *clients, const uint8_t address[16],
    const fr_ipaddr_t *ip, const Sekisho__ClientReply *reply)
{
	struct record *r, *found = NULL;
	char name[sizeof r->name];

	(void)snprintf(name, sizeof name, "%s/%" PRIu64, reply->client_id,
	    reply->client_version);
	for (r = clients->records; r != NULL && found == NULL; r = r->next)
		if (memcmp(r->address, address, sizeof r->address) == 0 &&
		    same(r, reply, name))
			found = r;
	if (found == NULL)
		return record_new(clients, address, ip, reply, name);
	found->gone_since = 0;
	found->lifetime = reply->lifetime;
	/* FreeRADIUS makes it anew whenever it adds the client. */
	rad_const_free(found->client.longname);
	found->client.longname = NULL;
	return found;
}

/*
 * Whatever else was known of this address is past; and what has been past
 * for long enough that no request can need its secret any more is wiped.
 */
static void
retire(struct clients *clients, const uint8_t address[16],
    const struct record *except, int64_t now)
{
	struct record *r;

	for (r = clients->records; r != NULL; r = r->next) {
		if (r != except && r->gone_since == 0 &&
		    memcmp(r->address, address, sizeof r->address) == 0)
			r->gone_since = now;
		if (r->gone_since != 0 && !r->wiped &&
		    now - r->gone_since > SECRET_KEPT_MS) {
			sodium_memzero(r->secret, sizeof r->secret);
			r->wiped = true;
		}
	}
}

static bool
stranger(const struct clients *clients, const uint8_t address[16])
{
	const struct record *r;

	for (r = clients->records; r != NULL; r = r->next)
		if (r->gone_since == 0 &&
		    memcmp(r->address, address, sizeof r->address) == 0)
			return false;
	return true;
}

static rlm_rcode_t
take(struct instance *inst, REQUEST *request, const uint8_t address[16],
    const Sekisho__ClientReply *reply)
{
	struct clients *clients = inst->clients;
	const fr_ipaddr_t *ip = &request->packet->src_ipaddr;
	int64_t now = clock_ms();
	struct record *r;

	if (reply->found == SEKISHO__CLIENT_REPLY__FOUND__UNKNOWN) {
		guard_unknown(&clients->guard, address, now);
		retire(clients, address, NULL, now);
		return RLM_MODULE_NOTFOUND;
	}
	r = usable(reply) ? record_for(clients, address, ip, reply) : NULL;
	if (r == NULL) {
		guard_failed(&clients->guard, now);
		radlog(L_ERR, "sekisho: unusable client record \"%s\"",
		    reply->client_id);
		return RLM_MODULE_FAIL;
	}
	retire(clients, address, r, now);
	request->client = &r->client;
	return RLM_MODULE_OK;
}

static rlm_rcode_t
lookup_locked(struct instance *inst, REQUEST *request, struct arena *arena)
{
	struct clients *clients = inst->clients;
	const fr_ipaddr_t *ip = &request->packet->src_ipaddr;
	const struct authd_limits limits = {
	    (int)inst->client_timeout_ms, (int)inst->client_timeout_ms};
	int64_t start = clock_ms();
	Sekisho__ClientReply *reply = NULL;
	uint8_t address[16];
	bool unknown;
	enum error err;

	if (address_of(ip, address) != ERR_OK)
		return RLM_MODULE_NOTFOUND;
	unknown = stranger(clients, address);
	switch (guard_check(&clients->guard, address, unknown, start)) {
	case GUARD_UNKNOWN:
	case GUARD_FAILING:
	case GUARD_BUSY:
		return RLM_MODULE_NOTFOUND;
	case GUARD_ASK:
		break;
	}
	err = ask(inst, ip, NULL, &limits, arena, &reply);
	if (unknown)
		guard_charge(&clients->guard, clock_ms() - start);
	if (err != ERR_OK) {
		guard_failed(&clients->guard, clock_ms());
		radlog(L_ERR, "sekisho: client look-up failed: %s",
		    error_text(err));
		return RLM_MODULE_NOTFOUND;
	}
	return take(inst, request, address, reply);
}

rlm_rcode_t
clients_lookup(struct instance *inst, REQUEST *request)
{
	struct arena *arena = NULL;
	rlm_rcode_t rcode;

	if (arena_new(MESSAGE_ARENA, &arena) != ERR_OK)
		return RLM_MODULE_FAIL;
	(void)pthread_mutex_lock(&inst->clients->mutex);
	rcode = lookup_locked(inst, request, arena);
	(void)pthread_mutex_unlock(&inst->clients->mutex);
	arena_free(&arena);
	return rcode;
}

/*
 * The DNS names of the certificate that the other end of a TLS connection has
 * proved to be its own; FreeRADIUS verified it before the first packet.
 */
static void
certificate_names(const rad_listen_t *listener, struct names *ret_names)
{
	const listen_socket_t *socket = listener->data;
	const VALUE_PAIR *vp;

	ret_names->n = 0;
	for (vp = socket->certs; vp != NULL && ret_names->n < NAMES;
	     vp = vp->next) {
		if (strcmp(vp->da->name,
			"TLS-Client-Cert-Subject-Alt-Name-Dns") != 0 ||
		    vp->da->type != PW_TYPE_STRING || vp->vp_length > 253)
			continue;
		/* authd only reads it; protobuf-c wants it so */
		memcpy(&ret_names->name[ret_names->n++], &vp->vp_strvalue,
		    sizeof ret_names->name[0]);
	}
}

/*
 * FreeRADIUS 3.2 looks up no dynamic clients for TCP, so all TLS connections
 * are of one client there, and whose each is stands in its certificate. Asked
 * for each request: who is removed is out at once.
 */
static enum error
tls_origin(
    const struct instance *inst, const REQUEST *outer, struct origin *origin)
{
	const struct authd_limits limits = {(int)inst->connect_timeout_ms,
	    inst->timeout_ms < CONFIRM_MS ? (int)inst->timeout_ms : CONFIRM_MS};
	Sekisho__ClientReply *reply;
	struct arena *arena = NULL;
	struct names names;
	enum error err;

	certificate_names(outer->listener, &names);
	if (names.n == 0)
		return ERR_NOTFOUND;
	err = arena_new(MESSAGE_ARENA, &arena);
	if (err == ERR_OK)
		err = ask(inst, &outer->packet->src_ipaddr, &names, &limits,
		    arena, &reply);
	if (err == ERR_OK &&
	    (reply->found != SEKISHO__CLIENT_REPLY__FOUND__FOUND ||
		!uuid_valid(reply->client_id)))
		err = ERR_NOTFOUND;
	if (err == ERR_OK) {
		memcpy(origin->client_id, reply->client_id,
		    sizeof origin->client_id);
		origin->client_version = reply->client_version;
	}
	arena_free(&arena);
	return err;
}

enum error
clients_origin(
    const struct instance *inst, REQUEST *request, struct origin *ret_origin)
{
	const REQUEST *outer = attrs_outermost(request);
	struct origin origin;
	enum error err = ERR_OK;

	if (outer->client == NULL)
		return ERR_NOTFOUND;
	if (attrs_over_tls(outer))
		err = tls_origin(inst, outer, &origin);
	else if (translate_client(outer->client->shortname, &origin) != ERR_OK)
		err = ERR_NOTFOUND;
	if (err != ERR_OK)
		return err;
	if (inet_ntop(outer->packet->src_ipaddr.af,
		&outer->packet->src_ipaddr.ipaddr, origin.src_addr,
		sizeof origin.src_addr) == NULL)
		return ERR_INPUT;
	memcpy(origin.authenticator, outer->packet->vector,
	    sizeof origin.authenticator);
	*ret_origin = origin;
	return ERR_OK;
}

enum error
clients_confirm(struct instance *inst, REQUEST *request)
{
	const struct authd_limits limits = {(int)inst->connect_timeout_ms,
	    inst->timeout_ms < CONFIRM_MS ? (int)inst->timeout_ms : CONFIRM_MS};
	struct arena *arena = NULL;
	Sekisho__ClientReply *reply;
	struct origin origin;
	enum error err;

	err = clients_origin(inst, request, &origin);
	/* It was authd that said so a moment ago. */
	if (err != ERR_OK || attrs_over_tls(request))
		return err;
	if (err == ERR_OK)
		err = arena_new(MESSAGE_ARENA, &arena);
	if (err == ERR_OK)
		err = ask(inst, &request->packet->src_ipaddr, NULL, &limits,
		    arena, &reply);
	if (err == ERR_OK &&
	    (!usable(reply) ||
		strcmp(reply->client_id, origin.client_id) != 0 ||
		reply->client_version != origin.client_version))
		err = ERR_NOTFOUND;
	arena_free(&arena);
	return err;
}

void
clients_renew(REQUEST *request)
{
	RADCLIENT *client = attrs_outermost(request)->client;
	const struct record *r = (const struct record *)(const void *)client;

	if (client->nas_type != nas_type)
		return;
	/* FreeRADIUS's receiving thread reads these when a packet arrives. */
	if (r->lifetime > 0)
		__atomic_store_n(
		    &client->lifetime, r->lifetime, __ATOMIC_RELAXED);
	__atomic_store_n(&client->created, time(NULL), __ATOMIC_RELAXED);
}
