/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/dialogue.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"

enum {
	SEND_MS = 5000,
	START_MS = 5000,
	/* Seconds of work between two answers: more is a fault of ours. */
	WORK_S = 150,
};

static int log_fd = -1;

static void
log_frame(enum log_level level, const char *line)
{
	const char digit[2] = {(char)('0' + (int)level), '\0'};
	struct frame frame;

	frame_begin(&frame, FRAME_LOG);
	frame_put_text(&frame, digit);
	frame_put_text(&frame, line);
	if (frame_send(log_fd, &frame, SEND_MS) != ERR_OK)
		return; /* nobody is left who could be told */
}

enum error
dialogue_start(int fd, struct dialogue *ret_dialogue)
{
	struct dialogue *d = ret_dialogue;
	struct frame frame;
	char flags[3];
	enum error err;

	memset(d, 0, sizeof *d);
	d->fd = fd;
	err = frame_receive(fd, START_MS, &frame);
	if (err != ERR_OK)
		return err;
	if (frame.kind != FRAME_START ||
	    frame_text(&frame, 0, d->service, sizeof d->service) != ERR_OK ||
	    frame_text(&frame, 1, d->user, sizeof d->user) != ERR_OK ||
	    frame_text(&frame, 2, d->rhost, sizeof d->rhost) != ERR_OK ||
	    frame_text(&frame, 3, d->hint, sizeof d->hint) != ERR_OK ||
	    frame_text(&frame, 4, flags, sizeof flags) != ERR_OK)
		return ERR_INPUT;
	d->acknowledge = strchr(flags, '1') != NULL;
	d->change = strchr(flags, 'c') != NULL;
	log_fd = fd;
	log_to(log_frame);
	(void)alarm(WORK_S);
	return ERR_OK;
}

enum error
dialogue_say(struct dialogue *dialogue, bool is_error, const char *text)
{
	struct frame frame;

	dialogue->told = dialogue->told || is_error;
	frame_begin(&frame, is_error ? FRAME_ERROR : FRAME_INFO);
	frame_put_text(&frame, text);
	return frame_send(dialogue->fd, &frame, SEND_MS);
}

enum error
dialogue_tell(struct dialogue *dialogue, bool is_error, enum speech what,
    unsigned number, const char *name)
{
	char text[SPEECH_SIZE];

	speech_text(
	    dialogue->language, what, number, dialogue->contact, name, text);
	return dialogue_say(dialogue, is_error, text);
}

/* A person may think as long as he likes; only then does no clock run. */
static enum error
answer(struct dialogue *dialogue, struct frame *ret_frame)
{
	enum error err;

	dialogue->told = false;
	(void)alarm(0);
	err = frame_receive(dialogue->fd, -1, ret_frame);
	(void)alarm(WORK_S);
	if (err != ERR_OK)
		return err;
	if (ret_frame->kind == FRAME_NOANSWER)
		return ERR_DENIED;
	return ret_frame->kind == FRAME_ANSWER && ret_frame->n == 1 ? ERR_OK
								    : ERR_INPUT;
}

enum error
dialogue_ask(struct dialogue *dialogue, bool echo, const char *text,
    struct secret **ret_answer)
{
	struct frame frame;
	enum error err;

	frame_begin(&frame, FRAME_ASK);
	frame_put_text(&frame, echo ? "1" : "0");
	frame_put_text(&frame, text);
	err = frame_send(dialogue->fd, &frame, SEND_MS);
	if (err != ERR_OK)
		return err;
	err = answer(dialogue, &frame);
	if (err != ERR_OK)
		return err;
	if (frame.field[0].len > ANSWER_MAX ||
	    memchr(frame.field[0].bytes, '\0', frame.field[0].len) != NULL)
		err = ERR_INPUT;
	else
		err = secret_copy(
		    frame.field[0].bytes, frame.field[0].len, ret_answer);
	frame_wipe(&frame);
	return err;
}

enum error
dialogue_ask_user(struct dialogue *dialogue)
{
	struct frame frame;
	enum error err;

	frame_begin(&frame, FRAME_ASK_USER);
	err = frame_send(dialogue->fd, &frame, SEND_MS);
	if (err == ERR_OK)
		err = answer(dialogue, &frame);
	if (err == ERR_OK)
		err = frame_text(
		    &frame, 0, dialogue->user, sizeof dialogue->user);
	return err;
}

enum error
dialogue_alive(struct dialogue *dialogue)
{
	struct frame frame;

	(void)alarm(WORK_S);
	frame_begin(&frame, FRAME_ALIVE);
	return frame_send(dialogue->fd, &frame, SEND_MS);
}

enum error
dialogue_done(struct dialogue *dialogue, enum frame_result result,
    const char *user, const char *reader, const char *key_id,
    const char *class_hex)
{
	const char digit[2] = {(char)('0' + (int)result), '\0'};
	struct secret *answer = NULL;
	struct frame frame;
	char text[SPEECH_SIZE];
	enum error err = ERR_OK;

	if (result != RESULT_ACCEPT && dialogue->acknowledge &&
	    dialogue->told) {
		speech_text(dialogue->language, SPEECH_GO_ON, 0, "", "", text);
		err = dialogue_ask(dialogue, true, text, &answer);
		secret_free(&answer);
	}
	/* What was answered, or that nothing was, changes no result. */
	if (err == ERR_CLOSED || err == ERR_SYSTEM)
		return err;
	frame_begin(&frame, FRAME_DONE);
	frame_put_text(&frame, digit);
	frame_put_text(&frame, user);
	frame_put_text(&frame, reader);
	frame_put_text(&frame, key_id);
	frame_put_text(&frame, class_hex);
	return frame_send(dialogue->fd, &frame, SEND_MS);
}
