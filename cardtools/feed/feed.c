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
	int64_t until; /* when its first line has waited long enough */
	char cursor[CURSOR_MAX];
};

/* While the database takes one batch, the next is read. */
struct feed {
	const struct feedconf *conf;
	struct input *input;
	struct sender *sender;
	const volatile sig_atomic_t *stop;
	struct batch batch[2];
	struct batch *sent; /* not yet answered; NULL: none */
	int64_t due;	    /* for a heartbeat */
	int64_t beat;
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
 * comes before a heartbeat is due; while another batch is under way only what
 * is there. ERR_CLOSED: there will be no more than these.
 */
static enum error
collect(struct feed *f, struct batch *b)
{
	struct line line;
	enum error err;

	while (b->n < BATCH_MAX && b->lines < LINES_MAX && *f->stop == 0) {
		int64_t left = (b->lines > 0 ? b->until : f->due) - clock_ms();

		if (f->sent != NULL)
			left = 0;
		else if (left <= 0)
			return ERR_OK;
		err = f->input->kind->next(
		    f->input, left < NEXT_MS ? (int)left : NEXT_MS, &line);
		if (err == ERR_TIMEOUT && f->sent != NULL)
			return ERR_OK;
		if (err == ERR_TIMEOUT)
			continue;
		if (err != ERR_OK)
			return err;
		if (b->lines++ == 0) {
			b->until = clock_ms() + BATCH_MS;
			if (b->until > f->due)
				b->until = f->due;
		}
		switch (mapping_event(f->conf, &line, now(), &b->event[b->n])) {
		case MAPPED_EVENT:
			b->n++;
			break;
		case MAPPED_NOTHING:
			break;
		case MAPPED_HEARTBEAT:
			b->heartbeat = true;
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
may_beat(const struct feed *f, const struct batch *b)
{
	if (b->heartbeat)
		return true;
	return f->conf->heartbeat_event[0] == '\0' && clock_ms() >= f->due &&
	       f->input->kind->alive(f->input);
}

/* Waits until what is under way is committed, and says so to the source. */
static enum error
settle(struct feed *f)
{
	struct batch *b = f->sent;
	enum error err;

	if (b == NULL)
		return ERR_OK;
	err = sender_finish(f->sender, b->event, b->n, b->cursor);
	f->sent = NULL;
	b->n = b->lines = 0;
	b->heartbeat = false;
	if (err == ERR_OK)
		f->input->kind->committed(f->input);
	return err;
}

/* Nothing is under way. */
static void
send(struct feed *f, struct batch *b)
{
	const bool due = clock_ms() >= f->due;

	if (f->input->kind->cursor(f->input, b->cursor) != ERR_OK) {
		log_warn("the place in the file cannot be told", "source",
		    f->conf->source);
		b->cursor[0] = '\0';
	}
	/* lines that were ignored move the cursor when the next beat does */
	if (b->n == 0 && !may_beat(f, b)) {
		if (b->lines > 0)
			f->input->kind->committed(f->input);
		b->lines = 0;
	} else {
		sender_start(f->sender, b->event, b->n, b->cursor);
		f->sent = b;
	}
	if (b->n > 0 || due)
		f->due = clock_ms() + f->beat;
}

/* To begin is to be heard: not before there is somebody to hear. */
static enum error
begin(struct feed *f)
{
	char cursor[CURSOR_MAX];
	int silent_after = 0;
	enum error err;

	while (!f->input->kind->alive(f->input)) {
		f->input->kind->attend(f->input, ATTEND_MS);
		if (*f->stop != 0)
			return ERR_OK;
	}
	err = sender_begin(f->sender, cursor, &silent_after);
	if (err != ERR_OK)
		return err;
	err = f->input->kind->start(f->input, cursor);
	if (err != ERR_OK) {
		log_error("the input cannot be read", "why", log_errno());
		return err;
	}
	log_info("ready", "source", f->conf->source, "cursor", cursor);
	f->beat = (int64_t)silent_after * 1000 / 3;
	f->due = clock_ms() + f->beat;
	return ERR_OK;
}

static enum error
run(struct feed *f)
{
	size_t turn = 0;
	enum error err, end = ERR_OK;

	err = begin(f);
	while (err == ERR_OK && end == ERR_OK && *f->stop == 0) {
		struct batch *b = &f->batch[turn];
		const bool beside = f->sent != NULL;

		end = collect(f, b);
		if (end != ERR_OK && end != ERR_CLOSED)
			log_error(
			    "the input cannot be read", "why", log_errno());
		err = settle(f);
		if (err != ERR_OK || *f->stop != 0)
			break; /* what is not committed comes again */
		/* what came meanwhile may be but the beginning of a batch */
		if (beside && end == ERR_OK)
			end = collect(f, b);
		if (*f->stop != 0)
			break;
		send(f, b);
		turn = 1 - turn;
	}
	if (err == ERR_OK)
		err = settle(f);
	if (err != ERR_OK)
		return err;
	return end == ERR_CLOSED ? ERR_OK : end;
}

enum error
feed_run(const struct feedconf *conf, struct input *input,
    const volatile sig_atomic_t *stop)
{
	struct feed *f = calloc(1, sizeof *f);
	enum error err = ERR_NOMEM;
	size_t i;

	if (f == NULL)
		return err;
	f->conf = conf;
	f->input = input;
	f->stop = stop;
	for (i = 0; i < 2; i++)
		f->batch[i].event = calloc(BATCH_MAX, sizeof(struct event));
	if (f->batch[0].event != NULL && f->batch[1].event != NULL)
		err = sender_new(conf, stop, &f->sender);
	if (err == ERR_OK)
		err = run(f);
	/* asked to end while it waited for the database: as it should be */
	if (err == ERR_CLOSED && *stop != 0)
		err = ERR_OK;
	sender_free(&f->sender);
	for (i = 0; i < 2; i++)
		free(f->batch[i].event);
	free(f);
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
