/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cardtools/feed/eventjson.h"
#include "cardtools/feed/sender.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	ATTEND_MS = 500,
	NEXT_MS = 1000,
	/* in a batch not more lines than this, whatever comes of them */
	LINES_MAX = 4 * BATCH_MAX,
};

struct batch {
	struct event *event; /* BATCH_MAX */
	size_t n;
	size_t lines; /* that it is made of, those ignored as well */
	bool heartbeat;
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * Lines until there are enough, or the first has waited long enough, or none
 * comes before due. ERR_CLOSED: there will be no more than these.
 */
static enum error
collect(const struct feedconf *conf, struct input *input, int64_t due,
    const volatile sig_atomic_t *stop, struct batch *batch)
{
	int64_t until = due;
	struct line line;
	enum error err;

	batch->n = batch->lines = 0;
	batch->heartbeat = false;
	while (batch->n < BATCH_MAX && batch->lines < LINES_MAX && *stop == 0) {
		int64_t left = until - clock_ms();

		if (left <= 0 && batch->lines > 0)
			return ERR_OK;
		if (left <= 0 && clock_ms() >= due)
			return ERR_OK;
		err = input->kind->next(
		    input, left < NEXT_MS ? (int)left : NEXT_MS, &line);
		if (err == ERR_TIMEOUT)
			continue;
		if (err != ERR_OK)
			return err;
		if (batch->lines++ == 0 && until > clock_ms() + BATCH_MS)
			until = clock_ms() + BATCH_MS;
		switch (mapping_event(
		    conf, &line, now(), &batch->event[batch->n])) {
		case MAPPED_EVENT:
			batch->n++;
			break;
		case MAPPED_NOTHING:
			break;
		case MAPPED_HEARTBEAT:
			batch->heartbeat = true;
			break;
		}
	}
	return ERR_OK;
}

/*
 * Whether nothing but a heartbeat may be sent. A controller that tells by an
 * event of its own that it lives is believed by that alone; else the input
 * must be there. A feed that lost its source keeps no presence alive.
 */
static bool
may_beat(const struct feedconf *conf, const struct input *input,
    const struct batch *batch, int64_t due)
{
	if (batch->heartbeat)
		return true;
	return conf->heartbeat_event[0] == '\0' && clock_ms() >= due &&
	       input->kind->alive(input);
}

static enum error
deliver(const struct feedconf *conf, struct input *input, struct sender *sender,
    struct batch *batch, int64_t due)
{
	char cursor[CURSOR_MAX];
	enum error err;

	/* lines that were ignored move the cursor when the next beat does */
	if (batch->n == 0 && !may_beat(conf, input, batch, due)) {
		if (batch->lines > 0)
			input->kind->committed(input);
		return ERR_OK;
	}
	if (input->kind->cursor(input, cursor) != ERR_OK) {
		log_warn("the place in the file cannot be told", "source",
		    conf->source);
		cursor[0] = '\0';
	}
	err = sender_send(sender, batch->event, batch->n, cursor);
	if (err == ERR_OK)
		input->kind->committed(input);
	return err;
}

static enum error
run(const struct feedconf *conf, struct input *input, struct sender *sender,
    struct batch *batch, const volatile sig_atomic_t *stop)
{
	int silent_after = 0;
	int64_t beat, due;
	char cursor[CURSOR_MAX];
	enum error err, end = ERR_OK;

	/* To begin is to be heard: not before there is somebody to hear. */
	while (!input->kind->alive(input)) {
		input->kind->attend(input, ATTEND_MS);
		if (*stop != 0)
			return ERR_OK;
	}
	err = sender_begin(sender, cursor, &silent_after);
	if (err != ERR_OK)
		return err;
	err = input->kind->start(input, cursor);
	if (err != ERR_OK) {
		log_error("the input cannot be read", "why", log_errno());
		return err;
	}
	log_info("ready", "source", conf->source, "cursor", cursor);
	beat = (int64_t)silent_after * 1000 / 3;
	due = clock_ms() + beat;
	while (*stop == 0 && end == ERR_OK) {
		end = collect(conf, input, due, stop, batch);
		if (*stop != 0)
			break; /* not committed: it comes again */
		if (end != ERR_OK && end != ERR_CLOSED)
			log_error(
			    "the input cannot be read", "why", log_errno());
		err = deliver(conf, input, sender, batch, due);
		if (err != ERR_OK)
			return err;
		if (batch->n > 0 || clock_ms() >= due)
			due = clock_ms() + beat;
	}
	return end == ERR_CLOSED ? ERR_OK : end;
}

enum error
feed_run(const struct feedconf *conf, struct input *input,
    const volatile sig_atomic_t *stop)
{
	struct batch batch = {
	    calloc(BATCH_MAX, sizeof *batch.event), 0, 0, false};
	struct sender *sender = NULL;
	enum error err = ERR_NOMEM;

	if (batch.event != NULL)
		err = sender_new(conf, stop, &sender);
	if (err == ERR_OK)
		err = run(conf, input, sender, &batch, stop);
	/* asked to end while it waited for the database: as it should be */
	if (err == ERR_CLOSED && *stop != 0)
		err = ERR_OK;
	sender_free(&sender);
	free(batch.event);
	return err;
}

enum error
feed_dry_run(const struct feedconf *conf, struct input *input,
    const volatile sig_atomic_t *stop)
{
	static struct event event;
	enum error err = ERR_OK;
	struct line line;

	while (!input->kind->alive(input) && *stop == 0)
		input->kind->attend(input, ATTEND_MS);
	if (*stop == 0)
		err = input->kind->start(input, "");
	while (err == ERR_OK && *stop == 0) {
		err = input->kind->next(input, NEXT_MS, &line);
		/* a file is read to its end, and not followed */
		if (err == ERR_TIMEOUT && conf->input != FEED_FILE) {
			err = ERR_OK;
			continue;
		}
		if (err == ERR_OK &&
		    mapping_event(conf, &line, now(), &event) == MAPPED_EVENT) {
			json_t *json = event_json(&event);

			if (json == NULL ||
			    json_dumpf(json, stdout, JSON_COMPACT) != 0 ||
			    puts("") == EOF || fflush(stdout) != 0)
				err = ERR_SYSTEM;
			json_decref(json);
		}
	}
	return err == ERR_TIMEOUT || err == ERR_CLOSED ? ERR_OK : err;
}
