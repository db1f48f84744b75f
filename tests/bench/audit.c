/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench-audit - an export of so many events as the server would write it,
 * signed by a key of its own; or how fast the same lines are hashed by
 * SHA-256 alone, which is the least that verifying them can cost.
 */
#include <inttypes.h>
#include <popt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/crypto/statement.h"

enum { BATCH = 2000, LINE = 1024 };

static const unsigned char secret_key[STATEMENT_SECRET_KEY] = {1};

/* As long as an accept's, with two proofs. */
static size_t
event(uint64_t id, char line[LINE])
{
	int n = snprintf(line, LINE,
	    "{\"v\": 1, \"at\": \"2027-04-01T08:00:00.%06" PRIu64
	    "Z\", \"id\": %" PRIu64 ", \"ref\": null, \"kind\": \"login\", "
	    "\"node\": \"node1\", \"actor\": \"sekisho_authd\", \"count\": 1, "
	    "\"login\": \"staff%06" PRIu64
	    "\", \"scope\": \"local\", \"until\": null, \"detail\": {}, "
	    "\"reason\": \"two_factors\", \"outcome\": \"accept\", "
	    "\"purpose\": "
	    "\"login\", \"evidence\": [{\"at\": 1806537600, \"until\": "
	    "1806537720, \"client\": \"w3-01\", \"method\": \"password\", "
	    "\"category\": \"knowledge\"}, {\"at\": 1806537600, \"token\": "
	    "\"6f1c9a52-0000-4000-8000-00000000000a\", \"until\": 1806537720, "
	    "\"client\": \"w3-01\", \"method\": \"totp\", \"category\": "
	    "\"possession\"}], \"client_id\": "
	    "\"6f1c9a52-0000-4000-8000-00000000000b\", \"person_id\": "
	    "\"6f1c9a52-0000-4000-8000-00000000000c\"}",
	    id % 1000000, id, id % 1000000);

	return (size_t)n;
}

static void
write_batch(struct statement *s, uint64_t number, uint64_t n)
{
	static char list[(size_t)2 * (8 + MERKLE_HASH) * BATCH + 1];
	char text[STATEMENT_TEXT], hex[2 * STATEMENT_SIGNATURE + 1];
	unsigned char signature[STATEMENT_SIGNATURE], leaf[MERKLE_HASH];
	char line[LINE], *at = list, *c;
	struct merkle tree;
	uint64_t i;
	size_t len;

	s->batch = number;
	s->first = s->last + 1;
	s->last += n;
	s->leaves = n;
	merkle_begin(&tree);
	for (i = s->first; i <= s->last; i++) {
		len = event(i, line);
		merkle_leaf(line, len, leaf);
		merkle_add(&tree, leaf);
		(void)snprintf(at, 17, "%016" PRIx64, i);
		hex_encode(leaf, MERKLE_HASH, at + 16);
		at += 16 + 2 * MERKLE_HASH;
	}
	merkle_root(&tree, s->root);
	len = statement_text(s, text);
	if (statement_sign(secret_key, text, len, signature) != ERR_OK)
		abort();
	statement_hash(text, len, s->previous);
	hex_encode(signature, sizeof signature, hex);
	(void)fputs("{\"statement\":\"", stdout);
	for (c = text; *c != '\0'; c++)
		(void)fputs(*c == '\n' ? "\\n" : (char[]){*c, '\0'}, stdout);
	(void)printf("\",\"signature\":\"%s\",\"leaves\":\"%s\"}\n", hex, list);
	for (i = s->first; i <= s->last; i++) {
		(void)event(i, line);
		(void)puts(line);
	}
}

static void
generate(uint64_t n)
{
	unsigned char public_key[STATEMENT_PUBLIC_KEY];
	struct statement s = {.at = "2027-04-01T08:00:10.000000Z"};
	char text[2 * STATEMENT_PUBLIC_KEY + 1];
	uint64_t batch;

	statement_public_key(secret_key, public_key);
	statement_key_id(public_key, s.key);
	hex_encode(public_key, sizeof public_key, text);
	(void)fprintf(stderr, "%s\n", text);
	for (batch = 1; n > 0; batch++) {
		uint64_t some = n < BATCH ? n : BATCH;

		write_batch(&s, batch, some);
		n -= some;
	}
}

/* Lines that are there already, as hashing alone finds them. */
static void
hash(uint64_t n)
{
	unsigned char leaf[MERKLE_HASH];
	char line[LINE];
	size_t len = event(1, line);
	int64_t begun = clock_ms();
	uint64_t i;

	for (i = 0; i < n; i++) {
		line[20] = (char)('0' + i % 10);
		merkle_leaf(line, len, leaf);
	}
	(void)printf("{\"per_second\": %.0f, \"octets\": %zu}\n",
	    (double)n * 1000 / (double)(clock_ms() - begun + 1), len);
}

int
main(int argc, const char **argv)
{
	long long events = 1000000;
	int only_hash = 0;
	const struct poptOption options[] = {
	    {"events", 'n', POPT_ARG_LONGLONG, &events, 0, "so many", "N"},
	    {"hash", 0, POPT_ARG_NONE, &only_hash, 0, "hash them alone", NULL},
	    POPT_AUTOHELP POPT_TABLEEND};
	poptContext pop = poptGetContext(NULL, argc, argv, options, 0);
	int rc = poptGetNextOpt(pop);

	poptFreeContext(pop);
	if (rc != -1 || events < 1 || sodium_init() < 0)
		return 2;
	if (only_hash != 0)
		hash((uint64_t)events);
	else
		generate((uint64_t)events);
	return ferror(stdout) != 0;
}
