/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What authd answers, as attributes of legal length. */
#include <string.h>

#include "common/wire/split.h"
#include "radius-plugin/translate.h"

enum {
	VENDOR_HEADER = 6, /* what an attribute of a vendor's has less */
	REF_MAX = 64
};

size_t
translate_text_part(const uint8_t *text, size_t len)
{
	size_t cut = ATTR_MAX;

	if (len <= ATTR_MAX)
		return len;
	/* Continuation octets are 10xxxxxx, at most three in a row. */
	while (cut > ATTR_MAX - 3 && (text[cut] & 0xc0) == 0x80)
		cut--;
	return (text[cut] & 0xc0) == 0x80 ? ATTR_MAX : cut;
}

static enum error
put(struct reply *reply, uint32_t vendor, uint32_t number, const void *value,
    size_t len)
{
	if (reply->n_attrs == REPLY_ATTRS || len == 0 || len > ATTR_MAX)
		return ERR_INPUT;
	reply->attrs[reply->n_attrs++] = (struct attribute){
	    .vendor = vendor, .number = number, .value = value, .len = len};
	return ERR_OK;
}

static enum error
put_integer(
    struct reply *reply, uint32_t number, uint32_t value, struct arena *arena)
{
	uint8_t *octets = arena_alloc(arena, 4);

	if (octets == NULL)
		return ERR_NOMEM;
	octets[0] = (uint8_t)(value >> 24);
	octets[1] = (uint8_t)(value >> 16);
	octets[2] = (uint8_t)(value >> 8);
	octets[3] = (uint8_t)value;
	return put(reply, VENDOR_NONE, number, octets, 4);
}

static enum error
put_text(struct reply *reply, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t len = strlen(text);
	enum error err = ERR_OK;

	while (len > 0 && err == ERR_OK) {
		size_t part = translate_text_part(p, len);

		err = put(reply, VENDOR_NONE, ATTR_REPLY_MESSAGE, p, part);
		p += part;
		len -= part;
	}
	return err;
}

/* What policy or record grants, as octets that were made when it was written.
 */
static enum error
put_grants(const Sekisho__AuthReply *a, struct reply *reply)
{
	enum error err = ERR_OK;
	size_t i;

	for (i = 0; i < a->n_grants && err == ERR_OK; i++) {
		const Sekisho__Grant *g = a->grants[i];

		err = g->vendor != 0 && g->value.len > ATTR_MAX - VENDOR_HEADER
			  ? ERR_INPUT
			  : put(reply, g->vendor, g->number, g->value.data,
				g->value.len);
	}
	return err;
}

static enum error
accepted(const Sekisho__AuthReply *a, struct arena *arena, struct reply *reply)
{
	enum error err = ERR_OK;

	if (a->user_name[0] != '\0')
		err = put(reply, VENDOR_NONE, ATTR_USER_NAME, a->user_name,
		    strlen(a->user_name));
	if (err == ERR_OK && a->session_timeout > 0)
		err = put_integer(
		    reply, ATTR_SESSION_TIMEOUT, a->session_timeout, arena);
	if (err == ERR_OK && a->idle_timeout > 0)
		err = put_integer(
		    reply, ATTR_IDLE_TIMEOUT, a->idle_timeout, arena);
	if (err == ERR_OK && a->class_octets.len > 0)
		err = put(reply, VENDOR_NONE, ATTR_CLASS, a->class_octets.data,
		    a->class_octets.len);
	if (err == ERR_OK)
		err = put_grants(a, reply);
	return err;
}

struct vendor_text {
	uint32_t number;
	const char *text;
};

static enum error
put_texts(struct reply *reply, const struct vendor_text *texts, size_t n)
{
	enum error err = ERR_OK;
	size_t i;

	for (i = 0; i < n && err == ERR_OK; i++) {
		size_t len = strlen(texts[i].text);

		err = len > ATTR_MAX - VENDOR_HEADER
			  ? ERR_INPUT
			  : put(reply, VENDOR_SEKISHO, texts[i].number,
				texts[i].text, len);
	}
	return err;
}

/* For a client that can sign: docs/protocol.md, "A login with a card". */
static enum error
to_be_signed(const Sekisho__AuthReply *a, struct reply *reply)
{
	const struct vendor_text texts[] = {
	    {ATTR_SEKISHO_SERVER_ID, a->server_id},
	    {ATTR_SEKISHO_CLIENT_ID, a->client_id},
	    {ATTR_SEKISHO_PURPOSE, a->purpose}, {ATTR_SEKISHO_LOGIN, a->login}};
	enum error err;

	err = put(reply, VENDOR_SEKISHO, ATTR_SEKISHO_CHALLENGE,
	    a->challenge.data, a->challenge.len);
	if (err == ERR_OK)
		err = put_texts(reply, texts, sizeof texts / sizeof *texts);
	return err;
}

static enum error
put_pieces(struct reply *reply, uint32_t number, ProtobufCBinaryData value,
    struct arena *arena)
{
	size_t total = split_count(value.len), i, len;
	enum error err = total > 0 ? ERR_OK : ERR_INPUT;

	for (i = 0; i < total && err == ERR_OK; i++) {
		uint8_t *piece = arena_alloc(arena, SPLIT_PIECE);

		if (piece == NULL)
			return ERR_NOMEM;
		err = split_piece(value.data, value.len, i, piece, &len);
		if (err == ERR_OK)
			err = put(reply, VENDOR_SEKISHO, number, piece, len);
	}
	return err;
}

/* The same for FIDO2 keys: which, and how. */
static enum error
to_be_asserted(
    const Sekisho__AuthReply *a, struct arena *arena, struct reply *reply)
{
	const struct vendor_text texts[] = {{ATTR_SEKISHO_RP_ID, a->rp_id},
	    {ATTR_SEKISHO_USER_VERIFICATION, a->user_verification}};
	enum error err;

	err = put_texts(reply, texts, sizeof texts / sizeof *texts);
	if (err == ERR_OK)
		err = put_pieces(
		    reply, ATTR_SEKISHO_CREDENTIALS, a->credentials, arena);
	return err;
}

static enum error
challenged(
    const Sekisho__AuthReply *a, struct arena *arena, struct reply *reply)
{
	enum error err;

	err = put(reply, VENDOR_NONE, ATTR_STATE, a->state, strlen(a->state));
	if (err == ERR_OK) /* RFC 2869 5.10: 0 no echo, 1 echo */
		err = put_integer(
		    reply, ATTR_PROMPT, a->prompt_echo ? 1 : 0, arena);
	if (err == ERR_OK && a->challenge.len > 0)
		err = to_be_signed(a, reply);
	if (err == ERR_OK && a->credentials.len > 0)
		err = to_be_asserted(a, arena, reply);
	if (err == ERR_OK && a->renewal.len > 0)
		err =
		    put_pieces(reply, ATTR_SEKISHO_RENEWAL, a->renewal, arena);
	return err;
}

static enum error
rejected(const Sekisho__AuthReply *a, struct arena *arena, struct reply *reply)
{
	size_t len = strlen(a->ref), login = strlen(a->login);
	enum error err = ERR_OK;

	if (len > REF_MAX || login > ATTR_MAX - VENDOR_HEADER)
		return ERR_INPUT;
	if (len > 0)
		err = put(reply, VENDOR_SEKISHO, ATTR_SEKISHO_REF, a->ref, len);
	if (err == ERR_OK && login > 0)
		err = put(
		    reply, VENDOR_SEKISHO, ATTR_SEKISHO_LOGIN, a->login, login);
	if (err == ERR_OK && a->keys.len > 0)
		err = put_pieces(reply, ATTR_SEKISHO_KEYS, a->keys, arena);
	return err;
}

enum error
translate_reply(const Sekisho__AuthReply *answer, struct arena *arena,
    struct reply *ret_reply)
{
	struct reply reply = {.outcome = answer->outcome};
	enum error err = ERR_INPUT;

	switch (answer->outcome) {
	case SEKISHO__OUTCOME__OUTCOME_SILENCE:
		*ret_reply = reply;
		return ERR_OK;
	case SEKISHO__OUTCOME__OUTCOME_ACCEPT:
		err = accepted(answer, arena, &reply);
		break;
	case SEKISHO__OUTCOME__OUTCOME_CHALLENGE:
		err = challenged(answer, arena, &reply);
		break;
	case SEKISHO__OUTCOME__OUTCOME_REJECT:
		err = rejected(answer, arena, &reply);
		break;
	case _SEKISHO__OUTCOME_IS_INT_SIZE:
		break;
	}
	if (err == ERR_OK)
		err = put_text(&reply, answer->text);
	if (err == ERR_OK)
		*ret_reply = reply;
	return err;
}
