/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/feedconf.h"

#include <stdio.h>
#include <string.h>

#include "cardtools/feed/stamp.h"

#define AT(field) offsetof(struct feedconf, field)

static const struct conf_setting table[] = {
    {"source", CONF_STRING, AT(source), 1, 64, NULL},
    {"database.connect", CONF_STRING, AT(connect), 0, 1024, ""},
    {"input.from", CONF_STRING, AT(input_word), 1, 8, "stdin"},
    {"input.path", CONF_STRING, AT(path), 0, 1024, ""},
    {"input.listen", CONF_STRING, AT(listen), 0, 255, ""},
    {"input.ca", CONF_STRING, AT(ca), 0, 1024, ""},
    {"input.certificate", CONF_STRING, AT(certificate), 0, 1024, ""},
    {"input.key", CONF_STRING, AT(key), 0, 1024, ""},
    {"input.peers", CONF_STRING, AT(peers), 0, 1024, ""},
    {"input.acknowledge", CONF_BOOL, AT(acknowledge), 0, 0, "false"},
    {"format", CONF_STRING, AT(format_word), 1, 8, NULL},
    {"csv.separator", CONF_STRING, AT(separator), 1, 1, ","},
    {"csv.columns", CONF_STRING, AT(columns), 0, 2048, ""},
    {"map.event", CONF_STRING, AT(event), 0, 255, ""},
    {"map.time", CONF_STRING, AT(time), 1, 255, NULL},
    {"map.time_format", CONF_STRING, AT(time_format), 1, 64, "iso8601"},
    {"map.time_zone", CONF_STRING, AT(time_zone), 1, 64, "UTC"},
    {"map.door", CONF_STRING, AT(door), 0, 255, ""},
    {"map.person", CONF_STRING, AT(person), 0, 255, ""},
    {"map.person_form", CONF_STRING, AT(person_word), 1, 16, "login"},
    {"map.badge_octets", CONF_INT, AT(badge_octets), 4, 10, "4"},
    {"map.badge_reversed", CONF_BOOL, AT(badge_reversed), 0, 0, "false"},
    {"map.kind", CONF_STRING, AT(kind), 1, 255, NULL},
    {"map.seq", CONF_STRING, AT(seq), 0, 255, ""},
    {"map.method", CONF_STRING, AT(method), 0, 255, ""},
    {"doors", CONF_PAIRS, AT(doors), 0, 1000, ""},
    {"kinds", CONF_PAIRS, AT(kinds), 0, 500, ""},
    {"methods", CONF_PAIRS, AT(methods), 0, 100, ""},
    {"heartbeat_event", CONF_STRING, AT(heartbeat_event), 0, 255, ""},
    {0},
};

struct word {
	const char *word;
	int value;
};

static const struct word inputs[] = {
    {"stdin", FEED_STDIN}, {"file", FEED_FILE}, {"tls", FEED_TLS}, {0}};
static const struct word formats[] = {
    {"json", FEED_JSON}, {"csv", FEED_CSV}, {"syslog", FEED_SYSLOG}, {0}};
static const struct word persons[] = {{"login", FEED_LOGIN},
    {"badge", FEED_BADGE}, {"badge_decimal", FEED_BADGE_DECIMAL},
    {"card", FEED_CARD}, {0}};
/* What kinds and methods may become; the database's words, and ignore. */
static const char *const kind_words[] = {"enter", "leave", "opened", "closed",
    "forced", "held", "duress", "passback", "fire", "fire_over", "denied",
    "unknown", "ignore", NULL};
static const char *const method_words[] = {
    "", "card", "card_pin", "biometric", "uid", "code", "attendant", NULL};

static enum error
find_word(const struct word *words, const char *setting, const char *given,
    int *ret_value, char *message)
{
	for (; words->word != NULL; words++) {
		if (strcmp(words->word, given) == 0) {
			*ret_value = words->value;
			return ERR_OK;
		}
	}
	(void)snprintf(
	    message, CONF_MESSAGE, "%s: there is no \"%s\"", setting, given);
	return ERR_CONFIG;
}

static enum error
check_pairs(const struct conf_pairs *pairs, const char *setting,
    const char *const *words, char *message)
{
	size_t i, w;

	for (i = 0; i < pairs->n; i++) {
		for (w = 0; words[w] != NULL; w++) {
			if (strcmp(words[w], pairs->pair[i].to) == 0)
				break;
		}
		if (words[w] == NULL) {
			(void)snprintf(message, CONF_MESSAGE,
			    "%s: there is no \"%.100s\"", setting,
			    pairs->pair[i].to);
			return ERR_CONFIG;
		}
	}
	return ERR_OK;
}

static enum error
check_input(const struct feedconf *c, char *message)
{
	const char *why = NULL;

	switch (c->input) {
	case FEED_STDIN:
		break;
	case FEED_FILE:
		if (c->path[0] != '/')
			why = "input.path must be an absolute path";
		else if (c->acknowledge)
			why = "input.acknowledge: nobody reads what a file "
			      "is told";
		break;
	case FEED_TLS:
		/* each source proves who it is (guideline: forged feed) */
		if (c->listen[0] == '\0' || c->ca[0] == '\0' ||
		    c->certificate[0] == '\0' || c->key[0] == '\0' ||
		    c->peers[0] == '\0')
			why = "TLS needs input.listen, ca, certificate, key "
			      "and peers";
		break;
	}
	if (why == NULL)
		return ERR_OK;
	(void)snprintf(message, CONF_MESSAGE, "%s", why);
	return ERR_CONFIG;
}

static enum error
check(struct feedconf *c, char *message)
{
	int input, format, person;
	enum error err;

	err = find_word(inputs, "input.from", c->input_word, &input, message);
	if (err == ERR_OK)
		err = find_word(
		    formats, "format", c->format_word, &format, message);
	if (err == ERR_OK)
		err = find_word(persons, "map.person_form", c->person_word,
		    &person, message);
	if (err == ERR_OK)
		err = check_pairs(&c->kinds, "kinds", kind_words, message);
	if (err == ERR_OK)
		err =
		    check_pairs(&c->methods, "methods", method_words, message);
	if (err != ERR_OK)
		return err;
	c->input = (enum feed_input)input;
	c->format = (enum feed_format)format;
	c->person_form = (enum feed_person)person;
	if (c->badge_octets != 4 && c->badge_octets != 7 &&
	    c->badge_octets != 8 && c->badge_octets != 10) {
		(void)snprintf(message, CONF_MESSAGE,
		    "map.badge_octets must be 4, 7, 8 or 10");
		return ERR_CONFIG;
	}
	if (stamp_format_check(c->time_format) != ERR_OK) {
		(void)snprintf(message, CONF_MESSAGE,
		    "map.time_format: say epoch, epoch_ms, iso8601 or a "
		    "pattern of strptime(3)");
		return ERR_CONFIG;
	}
	if (stamp_zone(c->time_zone) != ERR_OK) {
		(void)snprintf(message, CONF_MESSAGE,
		    "map.time_zone: no zone is called \"%s\"", c->time_zone);
		return ERR_CONFIG;
	}
	return check_input(c, message);
}

enum error
feedconf_read(
    const char *path, struct feedconf *conf, char message[CONF_MESSAGE])
{
	enum error err = conf_read(path, table, conf, message);

	return err == ERR_OK ? check(conf, message) : err;
}

enum error
feedconf_read_text(
    const char *text, struct feedconf *conf, char message[CONF_MESSAGE])
{
	enum error err = conf_read_text("text", text, table, conf, message);

	return err == ERR_OK ? check(conf, message) : err;
}

void
feedconf_clear(struct feedconf *conf)
{
	conf_clear(table, conf);
}
