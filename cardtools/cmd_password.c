/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/judge.h"
#include "cardtools/keyring.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/proof.h"
#include "cardtools/slip.h"
#include "cardtools/text.h"
#include "cardtools/token.h"
#include "cardtools/when.h"
#include "common/db/db.h"
#include "common/rules/password.h"

enum {
	GROUPS = 4, /* of a password that is given out, four characters each */
	SECRET = 32,
	CODE_DIGITS = 10,
};

struct password {
	/* Of the longest rule that it met (class a or c), not its own. */
	unsigned min_chars;
	size_t len;
	unsigned char nfc[PASSWORD_MAX_OCTETS];
};

/* How it is stored. */
struct giving {
	const char *proof; /* entry of the ledger, or NULL */
	bool must_change, with_card;
};

/* On a terminal twice, as nobody sees what is typed. */
static enum status
read_password(struct call *call, const json_t *about, unsigned door_chars,
    struct password *ret_password)
{
	struct secret *line = NULL, *again = NULL;
	enum status status = STATUS_REFUSED;
	enum error err;

	err = ask_line(_("New password: "), true, &line);
	if (err == ERR_OK && ask_interactive())
		err = ask_line(_("Once more: "), true, &again);
	if (err != ERR_OK) {
		status = ask_failed(err);
	} else if (again != NULL && !secret_equal(line->bytes, line->len,
					again->bytes, again->len)) {
		say("%s", _("the two are not the same; nothing was changed"));
	} else if (password_normalise(line->bytes, line->len, ret_password->nfc,
		       sizeof ret_password->nfc,
		       &ret_password->len) != ERR_OK) {
		say(_("a password is text in UTF-8 of at most %d octets"),
		    PASSWORD_MAX_OCTETS);
	} else {
		status =
		    judge_password(call, about, door_chars, ret_password->nfc,
			ret_password->len, &ret_password->min_chars);
	}
	secret_free(&line);
	secret_free(&again);
	return status;
}

static enum status
store(struct call *call, const json_t *about, const struct keyring *keyring,
    const struct password *password, const struct giving *giving,
    json_t **ret_answer)
{
	unsigned char salt[PWHASH_SALT], tag[PWHASH_TAG];
	char id[UUID_TEXT], salt_text[2 * PWHASH_SALT + 3], box[BOX_TEXT];
	char opslimit[16], memlimit[16], min_chars[16];
	enum status status;

	randombytes_buf(salt, sizeof salt);
	if (pwhash_tag(&keyring->cost, salt, password->nfc, password->len,
		tag) != ERR_OK) {
		say(_("not enough memory to hash the password (%u KiB)"),
		    keyring->cost.memlimit_kib);
		return STATUS_UNREACHED;
	}
	status = keyring_seal(
	    keyring, SEAL_PASSWORD, field(about, "id"), tag, sizeof tag, box);
	sodium_memzero(tag, sizeof tag);
	if (status != STATUS_DONE)
		return status;
	uuid_random(id);
	db_bytea(salt, sizeof salt, salt_text);
	(void)snprintf(opslimit, sizeof opslimit, "%u", keyring->cost.opslimit);
	(void)snprintf(
	    memlimit, sizeof memlimit, "%u", keyring->cost.memlimit_kib);
	(void)snprintf(min_chars, sizeof min_chars, "%u", password->min_chars);
	return database_call(call, "password_set",
	    PARAMETERS({"p_login", field(about, "login")}, {"p_id", id},
		{"p_salt", salt_text}, {"p_opslimit", opslimit},
		{"p_memlimit_kib", memlimit}, {"p_sealed", box},
		{"p_key_version", keyring->version}, {"p_min_chars", min_chars},
		{"p_proof", giving->proof},
		{"p_must_change", giving->must_change ? "true" : "false"},
		{"p_with_card", giving->with_card ? "true" : "false"}),
	    ret_answer);
}

/* What the verbs begin with: a keyring to seal to, and whom it is about. */
static enum status
begin(struct call *call, struct keyring *ret_keyring, json_t **ret_about)
{
	enum status status = keyring_trusted(call, ret_keyring);

	if (status == STATUS_DONE)
		status = judge_about(call, call->arg[0], ret_about);
	return status;
}

static void
id_text(const json_t *proof, char ret[24])
{
	(void)snprintf(ret, 24, "%lld",
	    (long long)json_integer_value(json_object_get(proof, "id")));
}

/* The entry that was named, or one that is made now if there has to be one. */
static enum status
find_proof(struct call *call, const char *purpose, bool needed, char ret[24])
{
	json_t *proof;
	enum status status;

	ret[0] = '\0';
	if (option(call, "proof") != NULL) {
		(void)snprintf(ret, 24, "%s", option(call, "proof"));
		return STATUS_DONE;
	}
	if (!needed && option(call, "how") == NULL &&
	    option(call, "documents") == NULL)
		return STATUS_DONE;
	status = proof_make(call, call->arg[0], purpose, NULL, &proof);
	if (status != STATUS_DONE)
		return status;
	id_text(proof, ret);
	json_decref(proof);
	return STATUS_DONE;
}

static enum status
password_set(struct call *call)
{
	const char *login = call->arg[0];
	struct password password = {.min_chars = 0};
	struct giving giving = {.proof = NULL};
	json_t *about = NULL, *answer = NULL;
	struct keyring keyring;
	char proof[24] = "";
	enum status status;

	status = begin(call, &keyring, &about);
	if (status == STATUS_DONE)
		status =
		    read_password(call, about, keyring.door_chars, &password);
	if (status == STATUS_DONE)
		status = find_proof(call, "password_set",
		    json_is_true(json_object_get(about, "had_one")), proof);
	giving.proof = proof[0] != '\0' ? proof : NULL;
	if (status == STATUS_DONE)
		status =
		    store(call, about, &keyring, &password, &giving, &answer);
	if (status == STATUS_DONE && call->json)
		out_json(answer, false);
	else if (status == STATUS_DONE)
		out(_("The password of %s is set. Logins in progress have "
		      "ended.\n"),
		    login);
	if (status == STATUS_DONE && !call->json &&
	    password.min_chars < keyring.door_chars)
		out(_("It has fewer than %u characters: with an entry through "
		      "a door it is not enough, where\nthat is a factor.\n"),
		    keyring.door_chars);
	json_decref(answer);
	json_decref(about);
	sodium_memzero(&password, sizeof password);
	return status;
}

/*
 * Four groups of three letters and a digit, none that look alike: 74 bits, and
 * as the rules want it, mixed.
 */
static void
make_secret(char ret[SECRET])
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz";
	static const char digits[] = "23456789";
	size_t group, i, to = 0;

	for (group = 0; group < GROUPS; group++) {
		const size_t digit = randombytes_uniform(4);

		if (group > 0)
			ret[to++] = '-';
		for (i = 0; i < 4; i++) {
			if (i == digit)
				ret[to++] = digits[randombytes_uniform(
				    sizeof digits - 1)];
			else
				ret[to++] = letters[randombytes_uniform(
				    sizeof letters - 1)];
		}
	}
	ret[to] = '\0';
}

static void
make_code(char ret[SECRET])
{
	size_t i;

	for (i = 0; i < CODE_DIGITS; i++)
		ret[i] = "0123456789"[randombytes_uniform(10)];
	ret[CODE_DIGITS] = '\0';
}

/* The slip's file, before anything is changed; "-" is a pipe to a printer. */
static enum status
open_slip(const char *path, FILE **ret_file)
{
	int fd;

	if (strcmp(path, "-") == 0) {
		*ret_file = isatty(STDOUT_FILENO) ? NULL : stdout;
		if (*ret_file != NULL)
			return STATUS_DONE;
		say("%s", _("--slip - writes PDF: send it to a printer "
			    "(| lp), or name a file"));
		return STATUS_USAGE;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	*ret_file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (*ret_file != NULL)
		return STATUS_DONE;
	say("%s: %s", path, strerror(errno));
	return STATUS_USAGE;
}

static enum status
write_slip(struct call *call, const json_t *about, const char *secret, FILE *to)
{
	const char *name = field(about, "name");
	char utc[WHEN_TEXT], date[WHEN_TEXT];
	struct slip slip = {.issuer = call->conf.issuer,
	    .login = call->arg[0],
	    .name = name,
	    .secret = secret,
	    .date = date,
	    .english = strcmp(field(about, "lang"), "en") == 0};

	when_utc(time(NULL), utc);
	when_local(utc, false, date);
	if (slip_write(to, &slip) == ERR_OK)
		return STATUS_DONE;
	say(_("the slip could not be written: %s"), strerror(errno));
	return STATUS_UNREACHED;
}

static enum status
end_slip(FILE *file, const char *path, enum status status)
{
	if (file == NULL || file == stdout || path == NULL)
		return status;
	if (fclose(file) != 0 && status == STATUS_DONE) {
		say("%s: %s", path, strerror(errno));
		status = STATUS_UNREACHED;
	}
	if (status != STATUS_DONE)
		(void)unlink(path); /* it would open nothing */
	return status;
}

/* Somebody else may know it: that ends first, whatever comes after. */
static enum status
end_leaked(struct call *call)
{
	json_t *answer;
	enum status status = database_call(call, "password_leaked",
	    PARAMETERS(
		{"p_login", call->arg[0]}, {"p_why", option(call, "note")}),
	    &answer);

	if (status != STATUS_DONE)
		return status;
	(void)fprintf(stderr,
	    _("The old password of %s opens nothing any more; sessions being "
	      "ended: %lld.\n"),
	    call->arg[0],
	    (long long)json_integer_value(
		json_object_get(answer, "sessions_ending")));
	json_decref(answer);
	return STATUS_DONE;
}

static void
say_reset(const struct call *call, const char *path, const char *code)
{
	if (code[0] != '\0')
		out(_("Tell the holder this code. It works beside the card "
		      "alone, and is to be changed at once:\n\n  %s\n"),
		    code);
	else if (path != NULL && strcmp(path, "-") != 0)
		out(_("The slip is in %s. Print it, fold it twice, seal it; "
		      "then delete the file.\nThe password on it works for one "
		      "login, at which %s chooses another.\n"),
		    path, call->arg[0]);
}

static enum status
reset(struct call *call, const json_t *about, const struct keyring *keyring,
    const char *path)
{
	const bool leaked = option(call, "suspected-leak") != NULL;
	struct giving giving = {NULL, true, path == NULL};
	struct password password = {.min_chars = 0};
	char secret[SECRET] = "", id[24] = "";
	json_t *answer = NULL;
	FILE *slip = NULL;
	enum status status = STATUS_DONE;

	if (path != NULL) {
		make_secret(secret);
		password.min_chars = 13;
		status = open_slip(path, &slip);
	} else {
		make_code(secret);
		password.min_chars = 8;
	}
	if (status == STATUS_DONE)
		status = find_proof(call,
		    leaked ? "password_leaked" : "password_reset", true, id);
	giving.proof = id;
	password.len = strlen(secret);
	memcpy(password.nfc, secret, password.len);
	if (status == STATUS_DONE && slip != NULL)
		status = write_slip(call, about, secret, slip);
	if (status == STATUS_DONE)
		status =
		    store(call, about, keyring, &password, &giving, &answer);
	status = end_slip(slip, path, status);
	if (status == STATUS_DONE && call->json && slip != stdout) {
		if (path == NULL)
			(void)json_object_set_new(
			    answer, "code", json_string(secret));
		out_json(answer, false);
	} else if (status == STATUS_DONE) {
		say_reset(call, path, path == NULL ? secret : "");
	}
	json_decref(answer);
	sodium_memzero(&password, sizeof password);
	sodium_memzero(secret, sizeof secret);
	return status;
}

static enum status
password_reset(struct call *call)
{
	const char *path = option(call, "slip");
	json_t *about = NULL;
	struct keyring keyring;
	enum status status;

	if ((path == NULL) == (option(call, "with-card") == NULL)) {
		say("%s", _("--slip FILE or --with-card: how does the new "
			    "password reach its owner, and nobody else?"));
		return STATUS_USAGE;
	}
	status = begin(call, &keyring, &about);
	if (status == STATUS_DONE && option(call, "suspected-leak") != NULL)
		status = end_leaked(call);
	if (status == STATUS_DONE)
		status = reset(call, about, &keyring, path);
	json_decref(about);
	return status;
}

static enum status
password_leaked(struct call *call)
{
	enum status status;
	json_t *answer;

	status = database_call(call, "password_leaked",
	    PARAMETERS(
		{"p_login", call->arg[0]}, {"p_why", option(call, "why")}),
	    &answer);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(answer, false);
	else
		out(_("The password of %s opens nothing any more; sessions "
		      "being ended: %lld.\nNext: card-admin password reset "
		      "%s\n"),
		    call->arg[0],
		    (long long)json_integer_value(
			json_object_get(answer, "sessions_ending")),
		    call->arg[0]);
	json_decref(answer);
	return STATUS_DONE;
}

#define OPTION_PROOF                                                        \
	{                                                                   \
		.name = "proof", .kind = OPTION_NUMBER, .value = "ENTRY",   \
		.min = 1, .max = LONG_MAX,                                  \
		.help = N_("an entry of the ledger that was made for this") \
	}

static const struct option set_options[] = {OPTION_PROOF, PROOF_OPTIONS, {0}};

static const struct option reset_options[] = {
    {.name = "slip",
	.kind = OPTION_TEXT,
	.value = "FILE",
	.help = N_("a page to print, fold and seal (PDF); -: to a printer")},
    {.name = "with-card",
	.kind = OPTION_FLAG,
	.help = N_("a code instead, which works beside the person's card "
		   "alone")},
    {.name = "suspected-leak",
	.kind = OPTION_FLAG,
	.help = N_("first of all end the old one, and sessions")},
    OPTION_PROOF,
    PROOF_OPTIONS,
    {0},
};

static const struct option leaked_options[] = {
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 500,
	.help = N_("why; kept in the audit")},
    {0},
};

const struct verb password_verbs[] = {
    {"set", "LOGIN", password_set, set_options,
	N_("a person at the desk chooses a password"),
	N_("Asks twice on a terminal, or takes one line from standard input. "
	   "What it must be\nmade of says the rule of the person's group "
	   "(card-admin policy password); names,\nbirth dates, words and runs "
	   "of keys are refused. It is hashed here and sealed to\nthe server's "
	   "keyring; nobody can read it back. Who has had one before needs "
	   "an\nentry in the ledger: --how and --documents make it.\n\n"
	   "  card-admin password set suzuki\n"
	   "  card-admin password set suzuki --how in-person --documents "
	   "\"職員証 0042\"")},
    {"reset", "LOGIN", password_reset, reset_options,
	N_("give out a password for one login, with an entry in the ledger"),
	N_("For who has forgotten it, or somebody else may know it. The slip "
	   "is "
	   "for its\nowner's eyes alone; with --with-card a code is shown, of "
	   "no use without the card.\nEither must be changed at the first "
	   "login.\n\n"
	   "  card-admin password reset suzuki --how in-person --documents "
	   "\"運転免許証\" \\\n      --copy menkyo.pdf --slip suzuki.pdf\n"
	   "  card-admin password reset suzuki --suspected-leak --how "
	   "call-back "
	   "\\\n      --documents \"内線 1234\" --with-card")},
    {"leaked", "LOGIN", password_leaked, leaked_options,
	N_("somebody else may know it: it ends now, with the sessions"),
	N_("  card-admin password leaked suzuki --why \"typed into a mail\"")},
    {0},
};
