/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/rounds.h"

#include <string.h>

#include "cardtools/terminal/login_fido2.h"
#include "common/base/hex.h"
#include "common/base/log.h"
#include "common/wire/change.h"

enum {
	ROUNDS_MAX = 16,    /* a new password takes up to twelve */
	PASSWORD_MAX = 128, /* docs/protocol.md */
	PROMPT_MARGIN = 8,
};

static enum error
tell(struct login *l, enum speech what, unsigned number)
{
	return dialogue_tell(l->dialogue, true, what, number, "");
}

void
rounds_begin(
    const struct login *l, const char *user, struct radius_request *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->user = user;
	ret->nas_identifier = l->settings->nas_identifier;
	ret->calling_station = l->dialogue->rhost;
	ret->purpose = l->dialogue->change ? CHANGE_PURPOSE : NULL;
}

static enum error
show_refusal(struct login *l, const struct radius_reply *reply)
{
	char text[SPEECH_SIZE];

	l->result = RESULT_REFUSED;
	speech_clean(reply->text, reply->text_len, text);
	if (text[0] == '\0')
		return tell(l, SPEECH_REFUSED, 0);
	return dialogue_say(l->dialogue, true, text);
}

enum error
rounds_exchange(struct login *l, const struct radius_request *request,
    struct radius_reply *ret_reply)
{
	enum error err, said;

	err = radius_exchange(l->radius, request, ret_reply);
	if (err == ERR_OK || err == ERR_CLOSED)
		return err;
	l->result = RESULT_UNAVAILABLE;
	if (err != ERR_TIMEOUT)
		log_error("a request could not be made", "why", error_text(err),
		    "detail", packet_fault());
	said = tell(l, err == ERR_TIMEOUT ? SPEECH_SILENCE : SPEECH_BROKEN, 0);
	return said != ERR_OK ? said : err;
}

/* An accept counts only for the name it carries. */
static enum error
take_accept(struct login *l, const struct radius_reply *reply)
{
	char text[SPEECH_SIZE];

	if (reply->user[0] == '\0') {
		log_error("the server accepted without saying whom");
		l->result = RESULT_UNAVAILABLE;
		return tell(l, SPEECH_BROKEN, 0);
	}
	memcpy(l->user, reply->user, sizeof l->user);
	hex_encode(reply->class_octets, reply->class_len, l->class_hex);
	l->result = RESULT_ACCEPT;
	speech_clean(reply->text, reply->text_len, text);
	return text[0] == '\0' ? ERR_OK
			       : dialogue_say(l->dialogue, false, text);
}

/* The server's question, as a prompt; if it has no words, as what it must be.
 */
static void
prompt_of(const struct login *l, const struct radius_reply *reply,
    enum speech wordless, char ret_text[SPEECH_SIZE])
{
	size_t len;

	speech_clean(reply->text, reply->text_len, ret_text);
	len = strlen(ret_text);
	if (len == 0)
		speech_text(
		    l->dialogue->language, wordless, 0, "", "", ret_text);
	else if (ret_text[len - 1] != ' ' && len < SPEECH_SIZE - PROMPT_MARGIN)
		(void)stpcpy(
		    ret_text + len, ret_text[len - 1] == ':' ? " " : ": ");
}

/* An empty password beside a name that a card filled in: somebody else. */
static enum error
ask_another(struct login *l, char ret_text[SPEECH_SIZE])
{
	enum error err;

	l->by_badge = false;
	l->dialogue->user[0] = '\0';
	speech_text(
	    l->dialogue->language, SPEECH_PASSWORD, 0, "", "", ret_text);
	err = dialogue_ask_user(l->dialogue);
	return err == ERR_OK && l->dialogue->user[0] == '\0' ? ERR_DENIED : err;
}

/* Takes what is typed to the server, until that has decided. */
enum error
rounds_type(struct login *l, struct radius_request *request,
    char text[SPEECH_SIZE], bool echo)
{
	struct secret *answer = NULL;
	struct radius_reply reply;
	enum error err = ERR_OK;
	int round;

	for (round = 0; round < ROUNDS_MAX && err == ERR_OK; round++) {
		err = dialogue_ask(l->dialogue, echo, text, &answer);
		if (err == ERR_INPUT ||
		    (err == ERR_OK && answer->len > PASSWORD_MAX)) {
			l->result = RESULT_REFUSED;
			err = tell(l, SPEECH_TOO_LONG, 0);
			break;
		}
		if (err == ERR_OK && round == 0 && l->by_badge &&
		    answer->len == 0) {
			secret_free(&answer);
			err = ask_another(l, text);
			request->user = l->dialogue->user;
			continue;
		}
		if (err != ERR_OK)
			break;
		request->password = answer;
		err = rounds_exchange(l, request, &reply);
		request->password = NULL;
		secret_free(&answer);
		if (err != ERR_OK)
			break;
		if (reply.code == RADIUS_ACCEPT) {
			err = take_accept(l, &reply);
			break;
		}
		if (reply.code == RADIUS_REJECT || reply.state_len == 0 ||
		    round == ROUNDS_MAX - 1) {
			err = show_refusal(l, &reply);
			break;
		}
		if (reply.for_fido2) {
			err = login_fido2_instead(l, request->user, &reply);
			if (err != ERR_OK || l->result != RESULT_NONE)
				break;
		}
		memcpy(request->state, reply.state, reply.state_len);
		request->state_len = reply.state_len;
		request->can_fido2 = false;
		prompt_of(l, &reply, SPEECH_CODE, text);
		echo = reply.echo;
	}
	secret_free(&answer);
	return err;
}

bool
rounds_is_ours(const struct login *l, const struct radius_reply *challenge)
{
	const struct settings *s = l->settings;

	if (strcmp(challenge->client_id, s->client_id) == 0 &&
	    strcmp(challenge->purpose, "login") == 0 &&
	    (s->server_id[0] == '\0' ||
		strcmp(challenge->server_id, s->server_id) == 0))
		return true;
	log_error("nothing was signed: the challenge is not for this "
		  "terminal",
	    "client", challenge->client_id, "own", s->client_id, "purpose",
	    challenge->purpose, "server", challenge->server_id);
	return false;
}

enum error
rounds_challenge(
    struct login *l, const char *name, struct radius_reply *ret_reply)
{
	struct radius_request request;
	enum error err;

	rounds_begin(l, name, &request);
	request.can_card = l->card != NULL;
	request.can_fido2 = l->fido2 != NULL;
	err = rounds_exchange(l, &request, ret_reply);
	if (err != ERR_OK)
		return err;
	if (ret_reply->code == RADIUS_ACCEPT) {
		/* Nothing was proven yet. */
		log_error("the server accepted a request without a proof");
		l->result = RESULT_UNAVAILABLE;
		return tell(l, SPEECH_BROKEN, 0);
	}
	if (ret_reply->code == RADIUS_REJECT)
		return show_refusal(l, ret_reply);
	if (!ret_reply->for_card) {
		log_warn(
		    "the server takes no cards and no keys from this terminal");
		return ERR_OK;
	}
	if (!rounds_is_ours(l, ret_reply)) {
		l->result = RESULT_UNAVAILABLE;
		return tell(l, SPEECH_BROKEN, 0);
	}
	return ERR_OK;
}

enum error
rounds_answer(struct login *l, const char *name,
    const struct radius_reply *challenge, const struct signature *signature)
{
	struct radius_request request;
	struct radius_reply reply;
	char text[SPEECH_SIZE];
	enum error err;

	rounds_begin(l, name, &request);
	request.signature = signature;
	memcpy(request.state, challenge->state, challenge->state_len);
	request.state_len = challenge->state_len;
	err = rounds_exchange(l, &request, &reply);
	if (err != ERR_OK)
		return err;
	if (reply.code == RADIUS_ACCEPT) {
		err = take_accept(l, &reply);
	} else if (reply.code == RADIUS_CHALLENGE && reply.state_len > 0) {
		rounds_begin(l, name, &request);
		memcpy(request.state, reply.state, reply.state_len);
		request.state_len = reply.state_len;
		prompt_of(l, &reply, SPEECH_PASSWORD, text);
		err = rounds_type(l, &request, text, reply.echo);
	} else {
		err = show_refusal(l, &reply);
	}
	return err;
}
