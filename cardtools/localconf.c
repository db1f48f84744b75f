/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/localconf.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FINGERPRINT_DIGITS = 40, PINS_MAX = 4096 };

static const struct conf_setting table[] = {
    {"database.connect", CONF_STRING, offsetof(struct localconf, connect), 0,
	1024, ""},
    {"keyring.fingerprints", CONF_STRING,
	offsetof(struct localconf, fingerprints), 0, PINS_MAX, ""},
    {"totp.issuer", CONF_STRING, offsetof(struct localconf, issuer), 1, 64,
	"Sekisho"},
    {"card.server_id", CONF_STRING, offsetof(struct localconf, server_id), 1,
	247, "sekisho"},
    {"card.reader", CONF_STRING, offsetof(struct localconf, reader), 0, 128,
	""},
    {"card.module", CONF_STRING, offsetof(struct localconf, module), 1, 255,
	"opensc-pkcs11.so"},
    {"password.words", CONF_STRING, offsetof(struct localconf, words), 0, 255,
	""},
    {"password.house_words", CONF_STRING,
	offsetof(struct localconf, house_words), 0, 255, ""},
    {0},
};

static enum error
user_file(char path[LOCALCONF_PATH])
{
	const char *home = getenv("HOME");
	int n;

	if (home == NULL || home[0] == '\0') {
		const struct passwd *pw = getpwuid(getuid());

		home = pw != NULL ? pw->pw_dir : "/";
	}
	n = snprintf(
	    path, LOCALCONF_PATH, "%s/.config/sekisho/card-admin.conf", home);
	return n < 0 || n >= LOCALCONF_PATH ? ERR_INPUT : ERR_OK;
}

static enum error
find(struct localconf *conf)
{
	const char *own = getenv("SEKISHO_CARD_ADMIN_CONF");
	const char *system = SEKISHO_SYSCONFDIR "/card-admin.conf";
	int n;

	if (own != NULL && own[0] != '\0') {
		n = snprintf(conf->written_to, LOCALCONF_PATH, "%s", own);
		if (n < 0 || n >= LOCALCONF_PATH)
			return ERR_INPUT;
	} else if (user_file(conf->written_to) != ERR_OK) {
		return ERR_INPUT;
	}
	if (access(conf->written_to, F_OK) == 0)
		memcpy(conf->read_from, conf->written_to, LOCALCONF_PATH);
	else if ((own == NULL || own[0] == '\0') && access(system, F_OK) == 0)
		(void)snprintf(conf->read_from, LOCALCONF_PATH, "%s", system);
	return ERR_OK;
}

enum error
localconf_read(struct localconf *conf, char message[CONF_MESSAGE])
{
	if (find(conf) != ERR_OK) {
		(void)snprintf(message, CONF_MESSAGE,
		    "the name of the configuration file is too long");
		return ERR_CONFIG;
	}
	return conf_read(conf->read_from[0] != '\0' ? conf->read_from : NULL,
	    table, conf, message);
}

void
localconf_clear(struct localconf *conf)
{
	conf_clear(table, conf);
}

/* The 40 digits of a fingerprint; false unless there are exactly so many. */
static bool
digits_of(const char *text, size_t len, char ret_digits[FINGERPRINT_DIGITS + 1])
{
	size_t at, n = 0;

	for (at = 0; at < len; at++) {
		unsigned char c = (unsigned char)text[at];

		if (c == ' ' || c == ':' || c == '\t' || c == '\r')
			continue;
		if (!isxdigit(c) || n == FINGERPRINT_DIGITS)
			return false;
		ret_digits[n++] = (char)tolower(c);
	}
	ret_digits[n] = '\0';
	return n == FINGERPRINT_DIGITS;
}

bool
fingerprint_same(const char *a, const char *b)
{
	char left[FINGERPRINT_DIGITS + 1], right[FINGERPRINT_DIGITS + 1];

	return digits_of(a, strlen(a), left) &&
	       digits_of(b, strlen(b), right) && strcmp(left, right) == 0;
}

bool
localconf_trusts(const struct localconf *conf, const char *fingerprint)
{
	char wanted[FINGERPRINT_DIGITS + 1], pin[FINGERPRINT_DIGITS + 1];
	const char *at = conf->fingerprints;

	if (!digits_of(fingerprint, strlen(fingerprint), wanted))
		return false;
	while (*at != '\0') {
		size_t len = strcspn(at, ",;\n");

		if (digits_of(at, len, pin) && strcmp(pin, wanted) == 0)
			return true;
		at += len + (at[len] != '\0');
	}
	return false;
}

/* A text in libconfig's quotation marks. */
static void
put_text(FILE *file, const char *text)
{
	(void)fputc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			(void)fprintf(file, "\\%c", *text);
		else if (*text == '\n')
			(void)fputs("\\n", file);
		else if (*text != '\r')
			(void)fputc(*text, file);
	}
	(void)fputc('"', file);
}

static void
put_file(FILE *file, const struct localconf *conf)
{
	(void)fputs("# card-admin.conf(5), written by \"card-admin keyring "
		    "trust\".\n\ndatabase: {\n"
		    "\t# A libpq connection string; empty: PG* environment.\n"
		    "\tconnect = ",
	    file);
	put_text(file, conf->connect);
	(void)fputs(";\n};\n\nkeyring: {\n"
		    "\t# Fingerprints of the keyrings to seal to.\n"
		    "\tfingerprints = ",
	    file);
	put_text(file, conf->fingerprints);
	(void)fputs(";\n};\n\ntotp: {\n"
		    "\t# How authenticator apps name this house.\n"
		    "\tissuer = ",
	    file);
	put_text(file, conf->issuer);
	(void)fputs(";\n};\n\ncard: {\n"
		    "\t# The server's name in what cards sign (authd.conf).\n"
		    "\tserver_id = ",
	    file);
	put_text(file, conf->server_id);
	(void)fputs(";\n\t# Part of a reader's name; empty: any with a card.\n"
		    "\treader = ",
	    file);
	put_text(file, conf->reader);
	(void)fputs(";\n\t# PKCS#11 module for cards issued elsewhere.\n"
		    "\tmodule = ",
	    file);
	put_text(file, conf->module);
	(void)fputs(";\n};\n\npassword: {\n"
		    "\t# Words that are tried first; empty: as installed.\n"
		    "\twords = ",
	    file);
	put_text(file, conf->words);
	(void)fputs(";\n\t# The hospital's own words; empty: none.\n"
		    "\thouse_words = ",
	    file);
	put_text(file, conf->house_words);
	(void)fputs(";\n};\n", file);
}

/* mkdir -p of everything before the last slash, closed to others. */
static enum error
make_folders(const char *path)
{
	char folder[LOCALCONF_PATH];
	char *slash;

	(void)snprintf(folder, sizeof folder, "%s", path);
	for (slash = strchr(folder + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return ERR_SYSTEM;
		*slash = '/';
	}
	return ERR_OK;
}

static enum error
write_file(const struct localconf *conf)
{
	char temporary[LOCALCONF_PATH + 8];
	FILE *file;
	bool good;
	int fd, why;

	if (make_folders(conf->written_to) != ERR_OK)
		return ERR_SYSTEM;
	(void)snprintf(
	    temporary, sizeof temporary, "%s.XXXXXX", conf->written_to);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return ERR_SYSTEM;
	file = fdopen(fd, "w");
	if (file == NULL) {
		(void)close(fd);
		goto fail;
	}
	put_file(file, conf);
	good = fflush(file) == 0 && ferror(file) == 0 && fsync(fd) == 0;
	good = fclose(file) == 0 && good;
	if (good && rename(temporary, conf->written_to) == 0)
		return ERR_OK;
fail:
	why = errno;
	(void)unlink(temporary);
	errno = why;
	return ERR_SYSTEM;
}

enum error
localconf_trust(struct localconf *conf, const char *fingerprint)
{
	char *pins;
	int n;

	n = asprintf(&pins, "%s%s%s", conf->fingerprints,
	    conf->fingerprints[0] != '\0' ? ", " : "", fingerprint);
	if (n < 0)
		return ERR_NOMEM;
	free(conf->fingerprints);
	conf->fingerprints = pins;
	if (n > PINS_MAX) {
		errno = E2BIG;
		return ERR_SYSTEM;
	}
	return write_file(conf);
}
