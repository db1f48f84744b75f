/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/desk.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardtools/ask.h"
#include "cardtools/output.h"
#include "cardtools/pin.h"
#include "cardtools/text.h"
#include "common/base/clock.h"

enum {
	WAIT_MS = 60000,
	BUSY_MS =
	    2000, /* whoever was killed with the card still has it a bit */
	POLL_MS = 250,
	PIN_ATTEMPTS = 3
};

static enum status
say_not_open(enum error err, const char *wanted, const char *readers)
{
	switch (err) {
	case ERR_NOTFOUND:
		if (wanted != NULL)
			say(_("no reader whose name contains “%s” has a card "
			      "in it"),
			    wanted);
		else
			say("%s", _("no reader has a card in it; put one in"));
		break;
	case ERR_INPUT:
		say(_("several readers have a card; name one with --reader:\n"
		      "%s"),
		    readers);
		break;
	case ERR_BUSY:
		say("%s", _("another program is using the card; end it, or "
			    "wait until it is done"));
		break;
	case ERR_SYSTEM:
		say("%s", _("the card service does not answer; is pcscd "
			    "running?"));
		break;
	case ERR_CRYPTO:
		say("%s", _("that card has no PIV application, or does not "
			    "answer as one"));
		break;
	default:
		say("%s", _("the card does not answer; take it out and put it "
			    "in again"));
		break;
	}
	return STATUS_READER;
}

enum status
desk_open(struct call *call, int steps, struct desk *ret_desk)
{
	const struct timespec pause = {0, POLL_MS * 1000000L};
	const char *wanted = option(call, "reader");
	char readers[PIV_READERS];
	int64_t begun = clock_ms();
	struct piv *piv = NULL;
	bool asked = false;
	enum error err;

	if (wanted == NULL && call->conf.reader[0] != '\0')
		wanted = call->conf.reader;
	for (;;) {
		err = piv_open(wanted, &piv, readers);
		if (err == ERR_BUSY && clock_ms() - begun < BUSY_MS) {
			(void)nanosleep(&pause, NULL);
			continue;
		}
		if (err != ERR_NOTFOUND || !ask_interactive() ||
		    clock_ms() - begun > WAIT_MS)
			break;
		if (!asked)
			say("%s", _("put the card into the reader…"));
		asked = true;
		(void)nanosleep(&pause, NULL);
	}
	if (err != ERR_OK)
		return say_not_open(err, wanted, readers);
	*ret_desk = (struct desk){.call = call,
	    .piv = piv,
	    .steps = steps,
	    .begun = clock_ms(),
	    .last = clock_ms(),
	    .verbose = option(call, "verbose") != NULL};
	return STATUS_DONE;
}

bool
desk_next(struct call *call)
{
	const struct timespec pause = {0, POLL_MS * 1000000L};
	const char *wanted = option(call, "reader");
	bool gone = false;
	int64_t begun = clock_ms();

	if (wanted == NULL && call->conf.reader[0] != '\0')
		wanted = call->conf.reader;
	say("%s", _("next card, please…"));
	while (clock_ms() - begun < WAIT_MS) {
		bool there = piv_present(wanted);

		if (gone && there)
			return true;
		gone = gone || !there;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

void
desk_close(struct desk *desk)
{
	piv_close(&desk->piv);
}

static void
show_time(struct desk *desk)
{
	int64_t now = clock_ms();

	if (desk->verbose && desk->doing != NULL)
		(void)fprintf(stderr, "  %s: %d ms\n", desk->doing,
		    (int)(now - desk->last));
	desk->last = now;
}

void
desk_step(struct desk *desk, const char *text)
{
	show_time(desk);
	desk->doing = text;
	desk->step++;
	if (!desk->call->json)
		(void)fprintf(
		    stderr, "%d/%d %s\n", desk->step, desk->steps, text);
}

void
desk_done(struct desk *desk)
{
	show_time(desk);
	desk->doing = NULL;
	if (desk->verbose)
		(void)fprintf(stderr, _("  all: %d ms\n"),
		    (int)(desk->last - desk->begun));
}

enum status
desk_took(const struct desk *desk, enum error err)
{
	switch (err) {
	case ERR_OK:
		return STATUS_DONE;
	case ERR_CLOSED:
		say("%s", _("the card or its reader is gone. Nothing counts "
			    "yet that did not before: put it in and run the "
			    "same command again"));
		break;
	case ERR_MISMATCH:
		say(_("the card refused (%s): PIN, PUK or key is not the one "
		      "it has"),
		    piv_why(desk->piv));
		break;
	case ERR_DENIED:
		say(_("the card is blocked or refused (%s)"),
		    piv_why(desk->piv));
		break;
	case ERR_NOTFOUND:
		say(_("the card cannot do that (%s)"), piv_why(desk->piv));
		break;
	default:
		say(_("the card failed (%s). Run the same command again"),
		    piv_why(desk->piv)[0] != '\0' ? piv_why(desk->piv)
						  : error_text(err));
		break;
	}
	return STATUS_READER;
}

/* One PIN that is good, or what is wrong with it. */
static enum status
read_pin(const char *const *known, size_t n, struct secret **ret_pin,
    enum pin_fault *ret_fault)
{
	struct secret *pin = NULL;
	enum error err;

	err = ask_line(_("New PIN, chosen by the holder: "), true, &pin);
	if (err != ERR_OK)
		return ask_failed(err);
	*ret_fault = pin_judge((const char *)pin->bytes, pin->len, known, n);
	if (*ret_fault != PIN_GOOD) {
		say("%s", pin_words(*ret_fault));
		secret_free(&pin);
		return STATUS_REFUSED;
	}
	*ret_pin = pin;
	return STATUS_DONE;
}

enum status
desk_new_pin(const char *const *known, size_t n, struct secret **ret_pin)
{
	struct secret *pin = NULL, *again = NULL;
	enum pin_fault fault = PIN_GOOD;
	enum status status = STATUS_REFUSED;
	enum error err;
	bool same;
	int i;

	for (i = 0; i < PIN_ATTEMPTS; i++) {
		status = read_pin(known, n, &pin, &fault);
		if (status == STATUS_REFUSED && ask_interactive())
			continue;
		if (status != STATUS_DONE || pin == NULL || !ask_interactive())
			break;
		err = ask_line(_("The same again: "), true, &again);
		if (err != ERR_OK) {
			status = ask_failed(err);
			break;
		}
		same = secret_equal(
		    pin->bytes, pin->len, again->bytes, again->len);
		secret_free(&again);
		if (same)
			break;
		say("%s", _("the two are not the same"));
		secret_free(&pin);
		status = STATUS_REFUSED;
	}
	if (status == STATUS_DONE)
		*ret_pin = pin;
	else
		secret_free(&pin);
	return status;
}
