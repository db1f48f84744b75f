/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/sender.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardtools/feed/eventjson.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/db/db.h"

enum {
	CONNECT_MS = 5000,
	CALL_MS = 15000,
	PAUSE_MS = 250,
	PAUSE_MAX_MS = 10000,
	/* so often the whole is tried before each event is tried alone */
	WHOLE_TRIES = 2,
};

struct sender {
	const struct feedconf *conf;
	const volatile sig_atomic_t *stop;
	struct db *db;
	int pause_ms;
	bool away;	/* already said */
	bool under_way; /* events were sent and not yet answered */
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

enum error
sender_new(const struct feedconf *conf, const volatile sig_atomic_t *stop,
    struct sender **ret_sender)
{
	struct sender *s = calloc(1, sizeof *s);

	if (s == NULL)
		return ERR_NOMEM;
	s->conf = conf;
	s->stop = stop;
	s->pause_ms = PAUSE_MS;
	*ret_sender = s;
	return ERR_OK;
}

void
sender_free(struct sender **sender)
{
	if (*sender == NULL)
		return;
	db_close(&(*sender)->db);
	free(*sender);
	*sender = NULL;
}

static enum error
connect_once(struct sender *s)
{
	char why[DB_ERROR_TEXT];
	enum error err;

	if (s->db != NULL)
		return ERR_OK;
	err = db_open(s->conf->connect, CONNECT_MS, &s->db, why);
	if (err != ERR_OK) {
		if (!s->away)
			log_error("the database is away: waiting", "why", why);
		s->away = true;
	}
	return err;
}

/* What a call that gives one value has come to; its text is copied. */
static enum error
settle(struct sender *s, enum error err, struct db_result **result,
    char **ret_text)
{
	const char *text;

	if (err == ERR_OK) {
		text = db_rows(*result) == 1 ? db_text(*result, 0, 0) : NULL;
		*ret_text = text != NULL ? strdup(text) : NULL;
		db_result_free(result);
		return *ret_text != NULL ? ERR_OK : ERR_NOMEM;
	}
	if (err == ERR_DENIED) {
		log_error("the database refuses this source", "source",
		    s->conf->source, "reason", db_refusal(s->db));
		return err;
	}
	if (!s->away)
		log_error("the database did not take it: trying again", "why",
		    db_error(s->db));
	s->away = true;
	if (!db_usable(s->db)) {
		db_close(&s->db);
		return ERR_CLOSED;
	}
	return err;
}

/* One call that gives one value; its text is copied to *ret_text. */
static enum error
call_once(struct sender *s, const char *name, const char *sql, int n,
    const char *const *params, char **ret_text)
{
	struct db_result *result = NULL;
	enum error err;

	err = connect_once(s);
	if (err != ERR_OK)
		return err;
	err = db_call(s->db, name, sql, n, params, CALL_MS, &result);
	return settle(s, err, &result, ret_text);
}

static void
answered(struct sender *s)
{
	if (s->away)
		log_info("the database is there again");
	s->away = false;
	s->pause_ms = PAUSE_MS;
}

/* Longer each time. ERR_CLOSED when it is time to end. */
static enum error
wait_a_while(struct sender *s)
{
	const int64_t until = clock_ms() + s->pause_ms;

	while (*s->stop == 0 && clock_ms() < until)
		(void)poll(NULL, 0, s->pause_ms < 100 ? s->pause_ms : 100);
	s->pause_ms *= 2;
	if (s->pause_ms > PAUSE_MAX_MS)
		s->pause_ms = PAUSE_MAX_MS;
	return *s->stop != 0 ? ERR_CLOSED : ERR_OK;
}

enum error
sender_begin(
    struct sender *sender, char ret_cursor[CURSOR_MAX], int *ret_silent_after)
{
	const char *params[] = {sender->conf->source};
	char *answer = NULL;
	const char *cursor;
	json_t *json;
	enum error err;

	for (;;) {
		err = call_once(sender, "begin",
		    "SELECT sekisho.door_source_begin($1)", 1, params, &answer);
		if (err == ERR_OK)
			break;
		if (err == ERR_DENIED || wait_a_while(sender) != ERR_OK)
			return err == ERR_DENIED ? err : ERR_CLOSED;
	}
	answered(sender);
	json = json_loads(answer, 0, NULL);
	free(answer);
	cursor = json_string_value(json_object_get(json, "cursor"));
	err = ERR_DB;
	if (cursor != NULL && strlen(cursor) < CURSOR_MAX &&
	    json_is_integer(json_object_get(json, "silent_after"))) {
		memcpy(ret_cursor, cursor, strlen(cursor) + 1);
		*ret_silent_after = (int)json_integer_value(
		    json_object_get(json, "silent_after"));
		err = ERR_OK;
	}
	json_decref(json);
	return err;
}

static enum error
write_events(const struct event *events, size_t n, char **ret_text)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array != NULL && i < n; i++) {
		if (json_array_append_new(array, event_json(&events[i])) != 0) {
			json_decref(array);
			return ERR_NOMEM;
		}
	}
	*ret_text = json_dumps(array, JSON_COMPACT);
	json_decref(array);
	return *ret_text != NULL ? ERR_OK : ERR_NOMEM;
}

/* What went into quarantine is said: somebody should look after the mapping. */
static void
report(const struct sender *s, const char *answer)
{
	json_t *json = json_loads(answer, 0, NULL);
	const json_t *bad = json_object_get(json, "quarantined");
	const json_t *first = json_array_get(bad, 0);

	if (first != NULL)
		log_warn("events are in quarantine", "source", s->conf->source,
		    "count", log_num((int64_t)json_array_size(bad)), "event",
		    json_string_value(json_object_get(first, "event")),
		    "reason",
		    json_string_value(json_object_get(first, "reason")));
	json_decref(json);
}

static const char events_sql[] =
    "SELECT sekisho.door_events($1, $2::jsonb, $3)";

static enum error
send_once(
    struct sender *s, const struct event *events, size_t n, const char *cursor)
{
	const char *params[] = {s->conf->source, NULL, NULL};
	char *text = NULL, *answer = NULL;
	enum error err;

	err = write_events(events, n, &text);
	if (err != ERR_OK)
		return err;
	params[1] = text;
	params[2] = cursor[0] != '\0' ? cursor : NULL;
	err = call_once(s, "events", events_sql, 3, params, &answer);
	if (err == ERR_OK)
		report(s, answer);
	free(answer);
	free(text);
	return err;
}

void
sender_start(struct sender *sender, const struct event *events, size_t n,
    const char *cursor)
{
	const char *params[] = {sender->conf->source, NULL, NULL};
	char *text = NULL;

	if (sender->db == NULL || write_events(events, n, &text) != ERR_OK)
		return;
	params[1] = text;
	params[2] = cursor[0] != '\0' ? cursor : NULL;
	sender->under_way = db_send(sender->db, "events", events_sql, 3, params,
				CALL_MS) == ERR_OK;
	if (!sender->under_way && !db_usable(sender->db))
		db_close(&sender->db);
	free(text);
}

/* The answer to what was started. ERR_NOTFOUND: nothing was. */
static enum error
finish_once(struct sender *s)
{
	struct db_result *result = NULL;
	char *answer = NULL;
	enum error err;

	if (!s->under_way)
		return ERR_NOTFOUND;
	s->under_way = false;
	err = db_receive(s->db, CALL_MS, &result);
	err = settle(s, err, &result, &answer);
	if (err == ERR_OK)
		report(s, answer);
	free(answer);
	return err;
}

/*
 * The database is there and does not take the whole: it may be one event.
 * Each is tried alone, and what is not taken as it is goes into quarantine.
 * If not even that is taken, it is not the event's fault.
 */
static enum error
send_singly(
    struct sender *s, struct event *events, size_t n, const char *cursor)
{
	enum error err = ERR_OK;
	size_t i;

	for (i = 0; err == ERR_OK && i < n; i++) {
		const char *behind = i + 1 == n ? cursor : "";
		struct event refused;

		err = send_once(s, &events[i], 1, behind);
		if (err != ERR_DB)
			continue;
		refused = events[i];
		mapping_refused(&refused, now());
		err = send_once(s, &refused, 1, behind);
		if (err == ERR_OK)
			log_error("an event was not taken as it is", "event",
			    events[i].id);
	}
	return err;
}

enum error
sender_finish(
    struct sender *sender, struct event *events, size_t n, const char *cursor)
{
	int failed = 0; /* though the connection stands */
	enum error err = finish_once(sender);

	while (err != ERR_OK) {
		if (err == ERR_DENIED)
			return err;
		failed += err == ERR_DB && sender->db != NULL;
		if (err != ERR_NOTFOUND && wait_a_while(sender) != ERR_OK)
			return ERR_CLOSED;
		if (failed >= WHOLE_TRIES && n > 0)
			err = send_singly(sender, events, n, cursor);
		else
			err = send_once(sender, events, n, cursor);
	}
	answered(sender);
	return ERR_OK;
}
