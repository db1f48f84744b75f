/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/disconnect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "authd/keyring_client.h"
#include "common/base/clock.h"
#include "common/base/escape.h"
#include "common/base/log.h"
#include "common/crypto/seal.h"

enum { AT_ONCE = 32, ANSWERS_AT_ONCE = 256 };

enum column {
	C_SESSION,
	C_CLIENT_ID,
	C_CLIENT,
	C_ADDRESS,
	C_PORT,
	C_SEALED,
	C_KEY,
	C_USER,
	C_ACCT,
	C_NAS_PORT,
	C_LOGIN,
	C_END_BY
};

/* Where answers come to: without it the first packet makes it any address. */
static bool
bind_to(const struct disconnects *d, const char *address)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};
	char mapped[64];

	if (inet_pton(AF_INET, address, &four.sin_addr) == 1 && d->v4_only)
		return bind(d->fd, (const struct sockaddr *)&four,
			   sizeof four) == 0;
	(void)snprintf(mapped, sizeof mapped, "::ffff:%s", address);
	return (inet_pton(AF_INET6, address, &six.sin6_addr) == 1 ||
		   inet_pton(AF_INET6, mapped, &six.sin6_addr) == 1) &&
	       bind(d->fd, (const struct sockaddr *)&six, sizeof six) == 0;
}

enum error
disconnects_open(const char *address, struct disconnects **ret_disconnects)
{
	struct disconnects *d = calloc(1, sizeof *d);
	const int no = 0;

	if (d == NULL)
		return ERR_NOMEM;
	/* IPv4 by way of mapped addresses (RFC 3493 3.7) */
	d->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->fd >= 0 &&
	    setsockopt(d->fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) != 0) {
		(void)close(d->fd);
		d->fd = -1;
	}
	if (d->fd < 0) {
		d->v4_only = true;
		d->fd = socket(
		    AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	}
	if (d->fd < 0)
		log_error("no socket for Disconnects", "why", log_errno());
	if (d->fd >= 0 && address[0] != '\0' && !bind_to(d, address)) {
		log_error("Disconnects cannot be sent from there",
		    "disconnect_address", address, "why", log_errno());
		(void)close(d->fd);
		d->fd = -1;
	}
	*ret_disconnects = d;
	return dynauth_init();
}

/* As IPv6, with IPv4 mapped; to and from what the socket takes. */
static ssize_t
transmit(
    const struct disconnects *d, const struct disconnect_slot *slot, size_t len)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = slot->to.sin6_port};

	if (!d->v4_only)
		return sendto(d->fd, slot->octets, len,
		    MSG_DONTWAIT | MSG_NOSIGNAL,
		    (const struct sockaddr *)&slot->to, sizeof slot->to);
	memcpy(&to.sin_addr, slot->to.sin6_addr.s6_addr + 12, 4);
	return sendto(d->fd, slot->octets, len, MSG_DONTWAIT | MSG_NOSIGNAL,
	    (const struct sockaddr *)&to, sizeof to);
}

static ssize_t
receive(const struct disconnects *d, uint8_t octets[DYNAUTH_MAX],
    struct sockaddr_in6 *ret_from)
{
	static const uint8_t mapped[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	struct sockaddr_in from = {0};
	socklen_t len = sizeof *ret_from, len4 = sizeof from;
	ssize_t n;

	memset(ret_from, 0, sizeof *ret_from);
	if (!d->v4_only)
		return recvfrom(d->fd, octets, DYNAUTH_MAX, MSG_DONTWAIT,
		    (struct sockaddr *)ret_from, &len);
	n = recvfrom(d->fd, octets, DYNAUTH_MAX, MSG_DONTWAIT,
	    (struct sockaddr *)&from, &len4);
	if (n < 0)
		return n;
	ret_from->sin6_family = AF_INET6;
	ret_from->sin6_port = from.sin_port;
	memcpy(ret_from->sin6_addr.s6_addr, mapped, sizeof mapped);
	memcpy(ret_from->sin6_addr.s6_addr + 12, &from.sin_addr, 4);
	return n;
}

static void
let_go(struct disconnects *d, struct disconnect_slot *slot)
{
	secret_free(&slot->secret);
	memset(slot, 0, sizeof *slot);
	d->n--;
}

void
disconnects_close(struct disconnects **disconnects)
{
	struct disconnects *d = *disconnects;
	size_t i;

	if (d == NULL)
		return;
	for (i = 0; i < DISCONNECT_SLOTS; i++)
		secret_free(&d->slot[i].secret);
	if (d->fd >= 0)
		(void)close(d->fd);
	free(d);
	*disconnects = NULL;
}

static void
record(struct duty *duty, int64_t session, const struct dynauth_answer *answer)
{
	char id[24], cause[16];
	const char *params[3] = {id, answer->ack ? "t" : "f", cause};
	struct db_result *r = NULL;

	(void)snprintf(id, sizeof id, "%" PRId64, session);
	(void)snprintf(cause, sizeof cause, "%u",
	    (unsigned)(answer->cause < 100000 ? answer->cause : 99999));
	/* If this is lost, the client is asked again. */
	if (db_call(duty->db, "disconnect_answer",
		"SELECT sekisho.disconnect_answer($1, $2::boolean, $3)", 3,
		params, duty->config->database_timeout_ms, &r) != ERR_OK)
		log_error("clerk: an answer to a Disconnect was not recorded",
		    "session", id, "why", db_error(duty->db));
	db_result_free(&r);
}

static bool
came_from(const struct sockaddr_in6 *from, const struct sockaddr_in6 *to)
{
	return from->sin6_family == AF_INET6 &&
	       from->sin6_port == to->sin6_port &&
	       sodium_memcmp(
		   &from->sin6_addr, &to->sin6_addr, sizeof to->sin6_addr) == 0;
}

/* What is not proven to be the answer is dropped, and the wait goes on. */
static void
take_answer(struct duty *duty, struct disconnects *d, const uint8_t *octets,
    size_t len, const struct sockaddr_in6 *from)
{
	struct dynauth_answer answer;
	struct disconnect_slot *slot;
	enum error err;

	if (len < 2)
		return;
	slot = &d->slot[octets[1]];
	if (slot->session == 0 || !came_from(from, &slot->to))
		return;
	err = dynauth_decode_answer(
	    octets, len, slot->octets, slot->secret, &answer);
	if (err != ERR_OK) {
		log_warn("an answer to a Disconnect was dropped: it is not "
			 "proven to be the client's",
		    "client", slot->client, "why", error_text(err));
		return;
	}
	log_info("disconnect", "client", slot->client, "session",
	    log_num(slot->session), "answer", answer.ack ? "ack" : "nak",
	    "error_cause", log_num(answer.cause));
	record(duty, slot->session, &answer);
	let_go(d, slot);
}

void
disconnects_receive(struct duty *duty, struct disconnects *d)
{
	uint8_t octets[DYNAUTH_MAX];
	const int64_t now = clock_ms();
	size_t i;

	for (i = 0; d->n > 0 && i < ANSWERS_AT_ONCE && db_usable(duty->db);
	     i++) {
		struct sockaddr_in6 from;
		ssize_t n = receive(d, octets, &from);

		if (n < 0)
			break;
		take_answer(duty, d, octets, (size_t)n, &from);
	}
	for (i = 0; i < DISCONNECT_SLOTS; i++) {
		struct disconnect_slot *slot = &d->slot[i];

		if (slot->session == 0 || now < slot->until)
			continue;
		log_warn("a client does not answer a Disconnect", "client",
		    slot->client, "session", log_num(slot->session));
		let_go(d, slot);
	}
}

static enum error
open_secret(struct duty *duty, const struct db_result *rows, int row,
    struct secret **ret_secret)
{
	Sekisho__KeyringRequest ask = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__SecretOpen open = SEKISHO__SECRET_OPEN__INIT;
	Sekisho__SealedBox box = SEKISHO__SEALED_BOX__INIT;
	const Sekisho__KeyringReply *opened;
	unsigned char bytes[SEAL_BOX_MAX];
	char client[UUID_TEXT];
	enum error err;

	err = db_copy_text(rows, row, C_CLIENT_ID, client, sizeof client);
	if (err == ERR_OK)
		err = db_bytes(
		    rows, row, C_SEALED, bytes, sizeof bytes, &box.box.len);
	if (err != ERR_OK)
		return err;
	box.box.data = bytes;
	box.key_version = (uint32_t)db_int(rows, row, C_KEY);
	open.client = client;
	open.secret = &box;
	ask.body_case = SEKISHO__KEYRING_REQUEST__BODY_SECRET;
	ask.secret = &open;
	err = keyring_ask(duty->keyring_fd, &ask, duty->arena, &opened);
	if (err == ERR_OK && opened->opened.len == 0)
		err = ERR_INPUT;
	if (err == ERR_OK)
		err = secret_copy(
		    opened->opened.data, opened->opened.len, ret_secret);
	arena_reset(duty->arena);
	return err;
}

/* An address that the database knows; IPv4 as mapped. */
static enum error
address_of(
    const struct db_result *rows, int row, struct sockaddr_in6 *ret_address)
{
	const char *text = db_text(rows, row, C_ADDRESS);
	int64_t port = db_int(rows, row, C_PORT);
	char mapped[64];

	if (text == NULL || port < 1 || port > 65535)
		return ERR_INPUT;
	memset(ret_address, 0, sizeof *ret_address);
	ret_address->sin6_family = AF_INET6;
	ret_address->sin6_port = htons((uint16_t)port);
	(void)snprintf(mapped, sizeof mapped, "%s%s",
	    strchr(text, ':') == NULL ? "::ffff:" : "", text);
	return inet_pton(AF_INET6, mapped, &ret_address->sin6_addr) == 1
		   ? ERR_OK
		   : ERR_INPUT;
}

/* How the client knows the session: by what it has told of it. */
static enum error
describe(
    const struct db_result *rows, int row, struct dynauth_request *ret_request)
{
	const char *user = db_text(rows, row, C_USER);
	const char *acct = db_text(rows, row, C_ACCT);
	enum error err;

	memset(ret_request, 0, sizeof *ret_request);
	if (user == NULL || acct == NULL)
		return ERR_INPUT;
	err = escape_undo(
	    user, ret_request->user, DYNAUTH_VALUE, &ret_request->user_len);
	if (err == ERR_OK)
		err = escape_undo(acct, ret_request->session, DYNAUTH_VALUE,
		    &ret_request->session_len);
	ret_request->has_nas_port = db_text(rows, row, C_NAS_PORT) != NULL;
	ret_request->nas_port = (uint32_t)db_int(rows, row, C_NAS_PORT);
	ret_request->event_time = (uint32_t)time(NULL);
	return err;
}

static enum error
ask(struct duty *duty, struct disconnects *d, const struct db_result *rows,
    int row, uint8_t id)
{
	struct disconnect_slot *slot = &d->slot[id];
	uint8_t changes[DYNAUTH_CHANGES];
	struct dynauth_request request;
	enum error err;
	size_t len;

	err = describe(rows, row, &request);
	request.changes = changes;
	if (err == ERR_OK)
		err = db_bytes(rows, row, C_END_BY, changes, sizeof changes,
		    &request.changes_len);
	if (err == ERR_OK)
		err = address_of(rows, row, &slot->to);
	if (err == ERR_OK)
		err = open_secret(duty, rows, row, &slot->secret);
	if (err == ERR_OK)
		err = dynauth_encode(
		    &request, slot->secret, id, slot->octets, &len);
	if (err == ERR_OK && transmit(d, slot, len) < 0)
		err = ERR_SYSTEM;
	if (err != ERR_OK) {
		secret_free(&slot->secret);
		return err;
	}
	slot->session = db_int(rows, row, C_SESSION);
	slot->until = clock_ms() + DISCONNECT_WAIT_MS;
	(void)snprintf(slot->client, sizeof slot->client, "%s",
	    db_text(rows, row, C_CLIENT));
	d->n++;
	log_info("disconnect", "client", slot->client, "session",
	    log_num(slot->session), "login", db_text(rows, row, C_LOGIN));
	return ERR_OK;
}

/* Those that are waited for, as an array for the database. */
static void
waited_for(const struct disconnects *d, char *ret_text, size_t size)
{
	size_t i, at = 0;

	ret_text[at++] = '{';
	for (i = 0; i < DISCONNECT_SLOTS; i++) {
		if (d->slot[i].session == 0)
			continue;
		at += (size_t)snprintf(ret_text + at, size - at, "%s%" PRId64,
		    at > 1 ? "," : "", d->slot[i].session);
	}
	(void)snprintf(ret_text + at, size - at, "}");
}

void
disconnects_send(struct duty *duty, struct disconnects *d)
{
	char most[8], each[8], but[DISCONNECT_SLOTS * 21 + 3];
	const char *params[3] = {most, each, but};
	struct db_result *rows = NULL;
	size_t room = DISCONNECT_SLOTS - d->n;
	unsigned id = 0;
	int i;

	if (d->fd < 0 || room == 0)
		return;
	waited_for(d, but, sizeof but);
	(void)snprintf(
	    most, sizeof most, "%zu", room < AT_ONCE ? room : AT_ONCE);
	(void)snprintf(each, sizeof each, "%d", DISCONNECT_EACH);
	if (db_call(duty->db, "disconnects_due",
		"SELECT * FROM sekisho.disconnects_due($1, $2, $3::bigint[])",
		3, params, duty->config->database_timeout_ms,
		&rows) != ERR_OK) {
		log_error("clerk: a job failed", "job", "disconnects_due",
		    "why", db_error(duty->db));
		return;
	}
	for (i = 0; i < db_rows(rows); i++) {
		enum error err;

		while (id < DISCONNECT_SLOTS && d->slot[id].session != 0)
			id++;
		if (id == DISCONNECT_SLOTS)
			break;
		err = ask(duty, d, rows, i, (uint8_t)id);
		if (err != ERR_OK)
			log_error("clerk: a client could not be asked to end a "
				  "session",
			    "client", db_text(rows, i, C_CLIENT), "why",
			    err == ERR_SYSTEM ? log_errno() : error_text(err));
		/* The keyring is away; those that are left are due again. */
		if (err == ERR_TIMEOUT || err == ERR_CLOSED)
			break;
	}
	db_result_free(&rows);
}
