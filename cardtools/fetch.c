/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECT_SECONDS = 10, REDIRECTIONS = 3 };

struct fetch {
	CURL *curl;
	char why[CURL_ERROR_SIZE];
	unsigned char *octets;
	size_t len, cap, max;
	enum error err; /* of receive */
};

enum error
fetch_new(struct fetch **ret_fetch)
{
	struct fetch *f = calloc(1, sizeof *f);

	if (f == NULL)
		return ERR_NOMEM;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(f);
		return ERR_NOMEM;
	}
	f->curl = curl_easy_init();
	if (f->curl == NULL) {
		fetch_free(&f);
		return ERR_NOMEM;
	}
	*ret_fetch = f;
	return ERR_OK;
}

void
fetch_free(struct fetch **fetch)
{
	if (*fetch == NULL)
		return;
	curl_easy_cleanup((*fetch)->curl);
	curl_global_cleanup();
	free((*fetch)->octets);
	free(*fetch);
	*fetch = NULL;
}

/* Takes what comes, or less than that: then libcurl gives up. */
static size_t
receive(char *octets, size_t one, size_t len, void *context)
{
	struct fetch *f = context;
	unsigned char *more;
	size_t cap = f->cap;

	(void)one; /* is 1 */
	if (len > f->max - f->len) {
		f->err = ERR_BUSY;
		return 0;
	}
	while (cap < f->len + len + 1)
		cap = cap == 0 ? 4096 : 2 * cap;
	if (cap > f->cap) {
		more = realloc(f->octets, cap);
		if (more == NULL) {
			f->err = ERR_NOMEM;
			return 0;
		}
		f->octets = more;
		f->cap = cap;
	}
	memcpy(f->octets + f->len, octets, len);
	f->len += len;
	f->octets[f->len] = '\0';
	return len;
}

static CURLcode
prepare(
    struct fetch *f, const struct fetch_question *q, struct curl_slist *headers)
{
	/* from https only to https: nothing on the way is to weaken it */
	const char *onward =
	    strncasecmp(q->url, "https:", 6) == 0 ? "https" : "http,https";
	CURL *c = f->curl;
	CURLcode rc = CURLE_OK;

	curl_easy_reset(c);
#define SET(name, value) \
	(rc = rc == CURLE_OK ? curl_easy_setopt(c, name, value) : rc)
	SET(CURLOPT_ERRORBUFFER, f->why);
	SET(CURLOPT_URL, q->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_REDIR_PROTOCOLS_STR, onward);
	SET(CURLOPT_FOLLOWLOCATION, q->type == NULL ? 1L : 0L);
	SET(CURLOPT_MAXREDIRS, (long)REDIRECTIONS);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	SET(CURLOPT_TIMEOUT, q->seconds);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)q->max);
	SET(CURLOPT_WRITEFUNCTION, receive);
	SET(CURLOPT_WRITEDATA, f);
	SET(CURLOPT_USERAGENT, "Sekisho");
	if (q->type != NULL) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->len);
		SET(CURLOPT_POSTFIELDS, q->body);
		SET(CURLOPT_HTTPHEADER, headers);
	}
#undef SET
	return rc;
}

static enum error
judge(struct fetch *f, CURLcode rc)
{
	long code = 0;

	if (f->err != ERR_OK) {
		(void)snprintf(f->why, sizeof f->why, "%s",
		    f->err == ERR_BUSY ? "the answer is too large"
				       : error_text(f->err));
		return f->err;
	}
	if (rc == CURLE_OK) {
		(void)curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &code);
		if (code == 200 && f->len > 0)
			return ERR_OK;
		(void)snprintf(f->why, sizeof f->why,
		    code == 200 ? "an empty answer" : "HTTP status %ld", code);
		return ERR_DENIED;
	}
	if (f->why[0] == '\0')
		(void)snprintf(
		    f->why, sizeof f->why, "%s", curl_easy_strerror(rc));
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return ERR_TIMEOUT;
	if (rc == CURLE_FILESIZE_EXCEEDED)
		return ERR_BUSY;
	if (rc == CURLE_OUT_OF_MEMORY)
		return ERR_NOMEM;
	return rc == CURLE_UNSUPPORTED_PROTOCOL || rc == CURLE_URL_MALFORMAT
		   ? ERR_INPUT
		   : ERR_CLOSED;
}

enum error
fetch(struct fetch *fetch, const struct fetch_question *question,
    unsigned char **ret_octets, size_t *ret_len)
{
	struct curl_slist *headers = NULL;
	char type[128];
	enum error err;
	CURLcode rc;

	free(fetch->octets);
	fetch->octets = NULL;
	fetch->len = fetch->cap = 0;
	fetch->max = question->max;
	fetch->err = ERR_OK;
	fetch->why[0] = '\0';
	if (question->type != NULL) {
		(void)snprintf(
		    type, sizeof type, "Content-Type: %s", question->type);
		headers = curl_slist_append(NULL, type);
		if (headers == NULL)
			return ERR_NOMEM;
	}
	rc = prepare(fetch, question, headers);
	if (rc == CURLE_OK)
		rc = curl_easy_perform(fetch->curl);
	err = judge(fetch, rc);
	curl_slist_free_all(headers);
	if (err != ERR_OK)
		return err;
	*ret_octets = fetch->octets;
	*ret_len = fetch->len;
	fetch->octets = NULL;
	return ERR_OK;
}

const char *
fetch_why(const struct fetch *fetch)
{
	return fetch->why;
}
