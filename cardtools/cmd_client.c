/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/grant.h"
#include "cardtools/keyring.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"
#include "common/base/hex.h"

enum {
	SECRET_SHORTEST = 16,
	SECRET_LONGEST = 128,
	GENERATED = 32,
	PATIENCE_MS = 10000,
};

/* Without look-alikes: somebody may have to type it into a device. */
static enum status
generate(struct secret **ret_secret)
{
	static const char alphabet[] =
	    "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	struct secret *secret;
	size_t i;

	if (secret_new(GENERATED, &secret) != ERR_OK)
		return STATUS_UNREACHED;
	for (i = 0; i < GENERATED; i++)
		secret->bytes[i] = (unsigned char)
		    alphabet[randombytes_uniform(sizeof alphabet - 1)];
	*ret_secret = secret;
	return STATUS_DONE;
}

/* Printable ASCII: devices and FreeRADIUS agree on nothing else. */
static bool
acceptable(const struct secret *secret)
{
	size_t i;

	for (i = 0; i < secret->len; i++) {
		if (secret->bytes[i] <= ' ' || secret->bytes[i] > '~')
			return false;
	}
	return secret->len >= SECRET_SHORTEST && secret->len <= SECRET_LONGEST;
}

/* From standard input if a line is there; NULL if not. */
static enum status
read_secret(bool asked_for, struct secret **ret_secret)
{
	struct secret *secret = NULL;
	enum error err;

	if (asked_for)
		err = ask_line(_("Shared secret: "), true, &secret);
	else
		err = ask_maybe(PATIENCE_MS, &secret);
	if (err == ERR_TIMEOUT) {
		say("%s", _("nothing came on standard input; write the secret "
			    "there with --secret-stdin, or use < /dev/null to "
			    "have one made"));
		return STATUS_USAGE;
	}
	if (err != ERR_OK)
		return ask_failed(err);
	if (secret != NULL && !acceptable(secret)) {
		say(_("a shared secret has %d to %d characters: ASCII letters, "
		      "digits, symbols, no blanks"),
		    SECRET_SHORTEST, SECRET_LONGEST);
		secret_free(&secret);
		return STATUS_REFUSED;
	}
	*ret_secret = secret;
	return STATUS_DONE;
}

/* An address, or a network whose host bits are zero. */
static bool
is_network(const char *text)
{
	unsigned char address[16];
	char host[INET6_ADDRSTRLEN + 1];
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	unsigned bits = family == AF_INET ? 32 : 128, at, length = bits;

	if (len > INET6_ADDRSTRLEN)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(family, host, address) != 1)
		return false;
	if (slash != NULL) {
		char *end;

		if (slash[1] < '0' || slash[1] > '9')
			return false;
		length = (unsigned)strtoul(slash + 1, &end, 10);
		if (*end != '\0' || length > bits)
			return false;
	}
	for (at = length; at < bits; at++) {
		if ((address[at / 8] >> (7 - at % 8) & 1) != 0)
			return false;
	}
	return true;
}

static void
show_client(const json_t *client)
{
	const json_t *first = json_object_get(client, "show_first");
	struct sheet *sheet = sheet_new(2, NULL);

	sheet_cell(sheet, _("name"));
	sheet_cell(sheet, field(client, "name"));
	sheet_cell(sheet, _("address"));
	sheet_cell(sheet, field(client, "address"));
	sheet_cell(sheet, _("kind"));
	sheet_cell(sheet, term_words(field(client, "kind")));
	sheet_cell(sheet, _("zone"));
	sheet_cell(sheet, field(client, "zone"));
	sheet_cell(sheet, _("policy"));
	sheet_cell(sheet, field(client, "policy"));
	sheet_cell(sheet, _("codes"));
	sheet_cell(sheet, field(client, "codes"));
	sheet_cell(sheet, _("wrong password shown at once"));
	sheet_cell(sheet, json_is_true(first) ? _("yes") : _("no"));
	sheet_cell(sheet, _("port for Disconnects"));
	if (json_integer_value(json_object_get(client, "coa_port")) == 0) {
		sheet_cell(sheet, _("none"));
	} else {
		char port[8];

		(void)snprintf(port, sizeof port, "%d",
		    (int)json_integer_value(
			json_object_get(client, "coa_port")));
		sheet_cell(sheet, port);
	}
	sheet_cell(sheet, _("language"));
	sheet_cell(sheet, field(client, "lang"));
	if (field(client, "tls_name")[0] != '\0') {
		sheet_cell(sheet, _("certificate over TLS"));
		sheet_cell(sheet, field(client, "tls_name"));
	}
	if (field(client, "no_ma_until")[0] != '\0') {
		sheet_cell(sheet, _("no Message-Authenticator until"));
		sheet_until(sheet, field(client, "no_ma_until"));
		sheet_cell(sheet, _("because"));
		sheet_cell(sheet, field(client, "no_ma_reason"));
	}
	sheet_end(&sheet);
}

/* A generated secret is shown this once. */
static enum status
answer_client(struct call *call, json_t *client, const struct secret *generated)
{
	if (call->json) {
		if (generated != NULL &&
		    json_object_set_new(client, "secret",
			json_string((const char *)generated->bytes)) != 0)
			return STATUS_UNREACHED;
		out_json(client, false);
		return STATUS_DONE;
	}
	show_client(client);
	if (generated != NULL)
		out(_("\nThe shared secret, shown only now:\n  %s\n"),
		    (const char *)generated->bytes);
	return STATUS_DONE;
}

static const char *
yes_no(const char *text)
{
	if (text == NULL)
		return NULL;
	return strcmp(text, "yes") == 0 ? "true" : "false";
}

static enum status
add(struct call *call, const struct secret *secret, bool generated)
{
	char id[UUID_TEXT], box[BOX_TEXT];
	struct keyring keyring;
	enum status status;
	json_t *client;

	status = keyring_trusted(call, &keyring);
	if (status != STATUS_DONE)
		return status;
	uuid_random(id);
	status = keyring_seal(
	    &keyring, SEAL_CLIENT, id, secret->bytes, secret->len, box);
	if (status != STATUS_DONE)
		return status;
	status = database_call(call, "client_add",
	    PARAMETERS({"p_id", id}, {"p_name", call->arg[0]},
		{"p_address", option(call, "address")},
		{"p_kind", option(call, "kind")}, {"p_sealed", box},
		{"p_key_version", keyring.version},
		{"p_zone", option(call, "zone")},
		{"p_policy", option(call, "policy")},
		{"p_codes", option(call, "codes")},
		{"p_show_first", yes_no(option(call, "show-first"))},
		{"p_lang", option(call, "lang")},
		{"p_no_ma_until",
		    option(call, "no-message-authenticator-until")},
		{"p_no_ma_reason", option(call, "reason")},
		{"p_tls_name", option(call, "tls-name")},
		{"p_coa_port", option(call, "coa-port")}),
	    &client);
	if (status != STATUS_DONE)
		return status;
	status = answer_client(call, client, generated ? secret : NULL);
	json_decref(client);
	return status;
}

static enum status
client_add(struct call *call)
{
	const char *address = option(call, "address");
	struct secret *secret = NULL;
	bool generated = false;
	enum status status;

	if (address == NULL || option(call, "kind") == NULL) {
		say("%s", _("--address and --kind are missing, for example "
			    "--address 192.0.2.7 --kind terminal"));
		return STATUS_USAGE;
	}
	if (!is_network(address)) {
		say(_("--address: “%s” is not an address or network (no bits "
		      "behind its length), like 192.0.2.7 or 192.0.2.0/24"),
		    address);
		return STATUS_USAGE;
	}
	if (strlen(call->arg[0]) > 64) {
		say("%s", _("a client's name has at most 64 characters"));
		return STATUS_USAGE;
	}
	status = read_secret(option(call, "secret-stdin") != NULL, &secret);
	if (status == STATUS_DONE && secret == NULL) {
		generated = true;
		status = generate(&secret);
	}
	if (status == STATUS_DONE)
		status = add(call, secret, generated);
	secret_free(&secret);
	return status;
}

/* Seals a new secret for a client that already has an id. */
static enum status
new_box(struct call *call, const struct secret *secret, char *ret_box,
    struct keyring *ret_keyring)
{
	enum status status;
	json_t *client;

	status = keyring_trusted(call, ret_keyring);
	if (status != STATUS_DONE)
		return status;
	status = database_call(
	    call, "client_show", PARAMETERS({"p_name", call->arg[0]}), &client);
	if (status != STATUS_DONE)
		return status;
	status = keyring_seal(ret_keyring, SEAL_CLIENT, field(client, "id"),
	    secret->bytes, secret->len, ret_box);
	json_decref(client);
	return status;
}

/* "disconnect", or an attribute of a CoA-Request; as JSON, to be freed. */
static enum status
read_end_by(const char *text, char **ret_json)
{
	char attribute[64];
	const char *name, *equals;
	enum status status;
	json_t *list;

	if (text == NULL)
		return STATUS_DONE;
	if (strcmp(text, "disconnect") == 0) {
		*ret_json = strdup("[]");
		return *ret_json != NULL ? STATUS_DONE : STATUS_UNREACHED;
	}
	equals = strchr(text, '=');
	if (equals == NULL || equals == text ||
	    (size_t)(equals - text) >= sizeof attribute) {
		say(_("--end-by: “%s” is neither disconnect nor "
		      "ATTRIBUTE=VALUE"),
		    text);
		return STATUS_USAGE;
	}
	(void)snprintf(
	    attribute, sizeof attribute, "%.*s", (int)(equals - text), text);
	status = grant_make(attribute, equals + 1, &name, &list);
	if (status != STATUS_DONE)
		return status;
	*ret_json = out_json_text(list);
	json_decref(list);
	return *ret_json != NULL ? STATUS_DONE : STATUS_UNREACHED;
}

static enum status
client_set(struct call *call)
{
	bool make = option(call, "new-secret") != NULL;
	struct secret *secret = NULL;
	struct keyring keyring = {{0}, {0}, {0}, {0, 0}, 0};
	char box[BOX_TEXT], *end_by = NULL;
	enum status status;
	json_t *client;

	status = read_end_by(option(call, "end-by"), &end_by);
	if (status != STATUS_DONE)
		return status;
	if (option(call, "secret-stdin") != NULL)
		status = read_secret(true, &secret);
	else if (make)
		status = generate(&secret);
	if (status == STATUS_DONE && secret != NULL)
		status = new_box(call, secret, box, &keyring);
	if (status == STATUS_DONE)
		status = database_call(call, "client_set",
		    PARAMETERS({"p_name", call->arg[0]},
			{"p_zone", option(call, "zone")},
			{"p_policy", option(call, "policy")},
			{"p_codes", option(call, "codes")},
			{"p_show_first", yes_no(option(call, "show-first"))},
			{"p_lang", option(call, "lang")},
			{"p_tls_name", option(call, "tls-name")},
			{"p_coa_port", option(call, "coa-port")},
			{"p_end_by", end_by},
			{"p_charset", option(call, "charset")},
			{"p_sealed", secret != NULL ? box : NULL},
			{"p_key_version",
			    secret != NULL ? keyring.version : NULL}),
		    &client);
	if (status == STATUS_DONE) {
		status = answer_client(call, client,
		    make && option(call, "secret-stdin") == NULL ? secret
								 : NULL);
		json_decref(client);
	}
	secret_free(&secret);
	free(end_by);
	return status;
}

static enum status
client_list(struct call *call)
{
	const char *const headings[] = {_("NAME"), _("ADDRESS"), _("KIND"),
	    _("ZONE"), _("POLICY"), _("CODES"), _("NO M-A UNTIL")};
	const json_t *client;
	struct sheet *sheet;
	enum status status;
	json_t *list;
	size_t i;

	status =
	    database_call(call, "client_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(7, headings);
	json_array_foreach(list, i, client)
	{
		sheet_cell(sheet, field(client, "name"));
		sheet_cell(sheet, field(client, "address"));
		sheet_cell(sheet, term_words(field(client, "kind")));
		sheet_cell(sheet, field(client, "zone"));
		sheet_cell(sheet, field(client, "policy"));
		sheet_cell(sheet, field(client, "codes"));
		sheet_until(sheet, field(client, "no_ma_until"));
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static enum status
by_name(struct call *call, const char *function, const char *sentence)
{
	enum status status;
	json_t *client;

	status = database_call(
	    call, function, PARAMETERS({"p_name", call->arg[0]}), &client);
	if (status != STATUS_DONE)
		return status;
	if (sentence != NULL && !call->json)
		out("%s\n", sentence);
	else
		status = answer_client(call, client, NULL);
	json_decref(client);
	return status;
}

static enum status
client_show(struct call *call)
{
	return by_name(call, "client_show", NULL);
}

static enum status
client_remove(struct call *call)
{
	return by_name(call, "client_remove",
	    _("Removed: its requests are no longer answered. Its history "
	      "stays."));
}

#define OPTION_ZONE                                                   \
	{                                                             \
		.name = "zone", .kind = OPTION_TEXT, .value = "ZONE", \
		.help = N_("the area it stands in")                   \
	}
#define OPTION_POLICY                                                     \
	{                                                                 \
		.name = "policy", .kind = OPTION_TEXT, .value = "POLICY", \
		.help = N_("what a login needs; the kind's if left out")  \
	}
#define OPTION_CODES                                                        \
	{                                                                   \
		.name = "codes", .kind = OPTION_CHOICE,                     \
		.choices = "prompt|append|either",                          \
		.help =                                                     \
		    N_("codes are asked for, appended to the password, or " \
		       "both")                                              \
	}
#define OPTION_SHOW_FIRST                                                   \
	{                                                                   \
		.name = "show-first", .kind = OPTION_CHOICE,                \
		.choices = "yes|no",                                        \
		.help =                                                     \
		    N_("whether a wrong password is shown before the code " \
		       "is asked for")                                      \
	}
#define OPTION_LANG                                                        \
	{                                                                  \
		.name = "lang", .kind = OPTION_CHOICE, .choices = "ja|en", \
		.help = N_("language until the person is known")           \
	}
#define OPTION_TLS_NAME                                                      \
	{                                                                    \
		.name = "tls-name", .kind = OPTION_TEXT, .value = "NAME",    \
		.help = N_("the DNS name in its certificate, where it uses " \
			   "RADIUS over TLS")                                \
	}
#define OPTION_COA_PORT                                                     \
	{                                                                   \
		.name = "coa-port", .kind = OPTION_NUMBER, .value = "PORT", \
		.min = 0, .max = 65535,                                     \
		.help = N_("where it takes Disconnects (RFC 5176), 3799 "   \
			   "if left out; 0: nowhere")                       \
	}
#define OPTION_SECRET                                                    \
	{                                                                \
		.name = "secret-stdin", .kind = OPTION_FLAG,             \
		.help = N_("read the shared secret from standard input") \
	}

static const struct option add_options[] = {
    {.name = "address",
	.kind = OPTION_TEXT,
	.value = "CIDR",
	.help = N_("where its requests come from; must be given")},
    {.name = "kind",
	.kind = OPTION_CHOICE,
	.choices = "terminal|vpn|wlan|door",
	.help = N_("what it is; must be given")},
    OPTION_ZONE,
    OPTION_POLICY,
    OPTION_CODES,
    OPTION_SHOW_FIRST,
    OPTION_LANG,
    {.name = "no-message-authenticator-until",
	.kind = OPTION_UNTIL,
	.value = "DATE",
	.help = N_("take requests without one, at most a year")},
    {.name = "reason",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("why it cannot send one")},
    OPTION_TLS_NAME,
    OPTION_COA_PORT,
    OPTION_SECRET,
    {0},
};

static const struct option set_options[] = {
    OPTION_ZONE,
    OPTION_POLICY,
    OPTION_CODES,
    OPTION_SHOW_FIRST,
    OPTION_LANG,
    OPTION_TLS_NAME,
    OPTION_COA_PORT,
    {.name = "end-by",
	.kind = OPTION_TEXT,
	.value = "HOW",
	.max = 300,
	.help = N_("disconnect, or an attribute (NAME=VALUE) that a "
		   "CoA-Request ends a session with")},
    {.name = "charset",
	.kind = OPTION_CHOICE,
	.choices = "utf-8|cp932|iso-8859-1",
	.help = N_("the characters in which it sends names and passwords")},
    OPTION_SECRET,
    {.name = "new-secret",
	.kind = OPTION_FLAG,
	.help = N_("make a new shared secret and show it once")},
    {0},
};

const struct verb client_verbs[] = {
    {"add", "NAME", client_add, add_options, N_("add a client"),
	N_("A line on standard input is the shared secret (16 to 128 "
	   "characters); from a\nterminal or with an empty input one is made "
	   "and shown once. --secret-stdin\ninsists on a line.\n\n"
	   "  card-admin client add W3-07 --address 192.0.2.7 --kind terminal "
	   "--zone W3\n"
	   "  card-admin client add vpn1 --address 192.0.2.1 --kind vpn "
	   "--codes "
	   "append\n"
	   "  card-admin client add old-nas --address 192.0.2.9 --kind wlan "
	   "\\\n"
	   "      --no-message-authenticator-until 2027-03-31 --reason "
	   "\"replaced in March\"")},
    {"set", "NAME", client_set, set_options, N_("change a client"),
	N_("What is not given stays. --zone \"\" takes it out of its zone, "
	   "--tls-name \"\" takes\nits certificate from it.\n\n"
	   "  card-admin client set W3-07 --zone W4\n"
	   "  card-admin client set vpn1 --new-secret")},
    {"list", "", client_list, NULL, N_("list all clients"), NULL},
    {"show", "NAME", client_show, NULL, N_("show a client"), NULL},
    {"remove", "NAME", client_remove, NULL,
	N_("answer a client's requests no more"), NULL},
    {0},
};
