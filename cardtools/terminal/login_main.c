/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sekisho-login-helper - what pam_sekisho starts for a login: it has the
 * shared secret and speaks RADIUS, so that the application has neither.
 * Standard input is its socket to pam_sekisho.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardtools/terminal/login.h"
#include "cardtools/terminal/rights.h"
#include "cardtools/terminal/session.h"
#include "common/base/log.h"

/* A card helper, where a card may stand for whoever is logging in. */
static bool
wants_card(const struct settings *s, const struct dialogue *d)
{
	if (!s->card)
		return false;
	/* Who comes from afar has not put a card into the reader here. */
	if (d->rhost[0] != '\0')
		return false;
	if (s->client_id[0] == '\0') {
		log_warn("client_id is not set: no card can be used");
		return false;
	}
	return true;
}

/* The same for FIDO2 keys. */
static bool
wants_fido2(const struct settings *s, const struct dialogue *d)
{
	if (!s->fido2 || d->rhost[0] != '\0')
		return false;
	if (s->client_id[0] == '\0') {
		log_warn("client_id is not set: no FIDO2 key can be used");
		return false;
	}
	return true;
}

/* Nobody should look at nothing, and pull a card that is being read. */
static void
card_is_slow(void *dialogue)
{
	if (dialogue_tell(dialogue, false, SPEECH_CARD_SLOW, 0, "") != ERR_OK)
		return; /* who is gone will be noticed at the next question */
}

static enum error
serve(const char *conf, struct settings *s, struct dialogue *d)
{
	struct radius radius = {.settings = s, .watched = d->fd};
	struct login login = {.settings = s, .dialogue = d, .radius = &radius};
	struct card card = {.fd = -1};
	struct fido2 fido2 = {.fd = -1};
	char message[CONF_MESSAGE];
	struct secret *secret = NULL;
	struct radsec *radsec = NULL;
	enum error err;

	err = settings_read(conf, s, message);
	d->language = settings_language(s, d->hint);
	d->contact = s->contact != NULL ? s->contact : "";
	if (err == ERR_OK)
		err = radius_secrets(s, &secret, &radsec, message);
	if (err != ERR_OK) {
		log_error("not set up", "why", message);
		goto out;
	}
	log_open("login", rights_log_level(s));
	err = packet_init(s->dictionary);
	if (err != ERR_OK) {
		log_error("no dictionary", "why", packet_fault());
		goto out;
	}
	if (wants_card(s, d)) {
		err = card_open(
		    s, conf, geteuid() == 0 ? s->card_user : NULL, &card);
		card.slow = card_is_slow;
		card.whom = d;
		if (err == ERR_OK)
			login.card = &card;
		else
			log_error("no card helper", "user", s->card_user, "why",
			    error_text(err));
	}
	if (wants_fido2(s, d)) {
		err = fido2_open(
		    s, conf, geteuid() == 0 ? s->fido2_user : NULL, &fido2);
		fido2.watched = d->fd;
		if (err == ERR_OK)
			login.fido2 = &fido2;
		else
			log_error("no FIDO2 helper", "user", s->fido2_user,
			    "why", error_text(err));
	}
	err = rights_drop(s);
	if (err != ERR_OK)
		goto out;
	radius.secret = secret;
	radius.radsec = radsec;
	err = login_run(&login);
	if (err == ERR_CLOSED)
		goto out;
	if (err == ERR_DENIED)
		login.result = RESULT_ABANDONED;
	else if (err != ERR_OK)
		login.result = RESULT_UNAVAILABLE;
	if (login.result == RESULT_ACCEPT)
		session_again(s, login.user, login.class_hex);
	err = dialogue_done(d, login.result, login.user,
	    login.with_card ? login.seen.reader : "",
	    login.with_card ? login.seen.key_id : "", login.class_hex);
	goto done;
out:
	if (err != ERR_CLOSED &&
	    dialogue_tell(d, true, SPEECH_BROKEN, 0, "") == ERR_OK)
		err = dialogue_done(d, RESULT_UNAVAILABLE, "", "", "", "");
done:
	card_close(&card);
	fido2_close(&fido2);
	radsec_free(&radsec);
	secret_free(&secret);
	return err;
}

static int
check(const char *conf)
{
	char message[CONF_MESSAGE];
	struct secret *secret = NULL;
	struct radsec *radsec = NULL;
	struct settings s;
	enum error err;

	err = settings_read(conf, &s, message);
	if (err == ERR_OK)
		err = radius_secrets(&s, &secret, &radsec, message);
	if (err == ERR_OK && packet_init(s.dictionary) != ERR_OK) {
		(void)snprintf(message, sizeof message, "dictionary %s: %s",
		    s.dictionary, packet_fault());
		err = ERR_CONFIG;
	}
	if (err != ERR_OK)
		(void)fprintf(stderr, "sekisho-login-helper: %s\n", message);
	radsec_free(&radsec);
	secret_free(&secret);
	settings_clear(&s);
	return err != ERR_OK;
}

int
main(int argc, char *argv[])
{
	struct settings settings = {0};
	const char *conf = NULL;
	struct dialogue dialogue;
	struct stat st;
	bool only_check = false;
	enum error err;
	int option;

	while ((option = getopt(argc, argv, "c:n")) != -1) {
		if (option == 'c')
			conf = optarg;
		else if (option == 'n')
			only_check = true;
		else
			return 2;
	}
	if (only_check)
		return check(conf);
	if (fstat(STDIN_FILENO, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		(void)fputs(
		    "sekisho-login-helper is started by pam_sekisho(8); "
		    "by hand only with -n [-c FILE]\n",
		    stderr);
		return 2;
	}
	secret_harden_process();
	if (dialogue_start(STDIN_FILENO, &dialogue) != ERR_OK)
		return 1;
	err = serve(conf, &settings, &dialogue);
	settings_clear(&settings);
	return err != ERR_OK;
}
