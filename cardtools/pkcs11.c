/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/pkcs11.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cardtools/pkcs11_child.h"

enum { ANSWER_MS = 60000 }; /* a module may ask for a touch or a key press */

struct pkcs11 {
	pid_t child;
	int fd;
	size_t n;
	struct pkcs11_certificate certificate[PKCS11_CERTIFICATES];
	char fault[PKCS11_FAULT];
};

static enum error
take(struct pkcs11 *p, void *into, size_t len)
{
	unsigned char *at = into;

	while (len > 0) {
		struct pollfd input = {.fd = p->fd, .events = POLLIN};
		ssize_t n;

		if (poll(&input, 1, ANSWER_MS) == 0) {
			(void)snprintf(p->fault, sizeof p->fault,
			    "the module does not answer");
			return ERR_TIMEOUT;
		}
		n = read(p->fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			(void)snprintf(p->fault, sizeof p->fault,
			    "the module ended its process");
			return ERR_CLOSED;
		}
		at += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

static enum error
take_list(struct pkcs11 *p)
{
	struct pkcs11_list list;
	enum error err;
	size_t i;

	err = take(p, &list, sizeof list);
	if (err != ERR_OK)
		return err;
	list.fault[sizeof list.fault - 1] = '\0';
	memcpy(p->fault, list.fault, sizeof p->fault);
	if (list.err != ERR_OK || list.n > PKCS11_CERTIFICATES)
		return list.err != ERR_OK ? list.err : ERR_INPUT;
	for (i = 0; i < list.n && err == ERR_OK; i++) {
		struct pkcs11_certificate *c = &p->certificate[i];

		err = take(p, c, sizeof *c);
		if (err == ERR_OK &&
		    (c->id_len > PKCS11_ID || c->der_len > PKCS11_DER))
			err = ERR_INPUT;
		c->label[PKCS11_LABEL] = '\0';
		c->token[sizeof c->token - 1] = '\0';
	}
	if (err == ERR_OK)
		p->n = list.n;
	return err;
}

enum error
pkcs11_open(const char *module, struct pkcs11 **ret_pkcs11)
{
	struct pkcs11 *p = calloc(1, sizeof *p);
	enum error err;
	int fd[2];

	if (p == NULL)
		return ERR_NOMEM;
	p->fd = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0) {
		free(p);
		return ERR_SYSTEM;
	}
	p->child = fork();
	if (p->child == 0) {
		(void)close(fd[0]);
		pkcs11_child(fd[1], module);
	}
	(void)close(fd[1]);
	p->fd = fd[0];
	err = p->child < 0 ? ERR_SYSTEM : take_list(p);
	*ret_pkcs11 = p; /* also after a failure: it can say what it was */
	return err;
}

void
pkcs11_close(struct pkcs11 **pkcs11)
{
	struct pkcs11 *p = *pkcs11;

	if (p == NULL)
		return;
	(void)close(p->fd);
	if (p->child > 0) {
		/* it ends by itself unless the module hangs */
		struct timespec pause = {0, 50 * 1000000L};
		int i;

		for (i = 0; i < 40 && waitpid(p->child, NULL, WNOHANG) == 0;
		     i++)
			(void)nanosleep(&pause, NULL);
		if (i == 40) {
			(void)kill(p->child, SIGKILL);
			(void)waitpid(p->child, NULL, 0);
		}
	}
	free(p);
	*pkcs11 = NULL;
}

size_t
pkcs11_count(const struct pkcs11 *p)
{
	return p->n;
}

const struct pkcs11_certificate *
pkcs11_at(const struct pkcs11 *p, size_t i)
{
	return &p->certificate[i];
}

const char *
pkcs11_fault(const struct pkcs11 *p)
{
	return p->fault;
}

static enum error
ask(struct pkcs11 *p, struct pkcs11_request *request,
    struct pkcs11_reply *ret_reply)
{
	enum error err = ERR_OK;

	if (send(p->fd, request, sizeof *request, MSG_NOSIGNAL) !=
	    (ssize_t)sizeof *request)
		err = ERR_CLOSED;
	sodium_memzero(request, sizeof *request);
	if (err == ERR_OK)
		err = take(p, ret_reply, sizeof *ret_reply);
	if (err != ERR_OK)
		return err;
	ret_reply->fault[PKCS11_FAULT - 1] = '\0';
	ret_reply->known_by[64] = '\0';
	memcpy(p->fault, ret_reply->fault, sizeof p->fault);
	return ret_reply->len <= SIGNATURE_MAX ? ret_reply->err : ERR_INPUT;
}

enum error
pkcs11_login(
    struct pkcs11 *p, size_t i, const struct secret *pin, char ret_known_by[65])
{
	struct pkcs11_request request = {.ask = ASK_LOGIN, .which = i};
	struct pkcs11_reply reply;
	enum error err;

	if (pin->len > sizeof request.pin)
		return ERR_MISMATCH;
	memcpy(request.pin, pin->bytes, pin->len);
	request.pin_len = pin->len;
	err = ask(p, &request, &reply);
	if (err == ERR_OK)
		memcpy(ret_known_by, reply.known_by, sizeof reply.known_by);
	return err;
}

enum error
pkcs11_sign(struct pkcs11 *p, const unsigned char digest[SIGNATURE_DIGEST],
    unsigned char ret_signature[SIGNATURE_MAX], size_t *ret_len)
{
	struct pkcs11_request request = {.ask = ASK_SIGN};
	struct pkcs11_reply reply;
	enum error err;

	memcpy(request.digest, digest, SIGNATURE_DIGEST);
	err = ask(p, &request, &reply);
	if (err == ERR_OK) {
		memcpy(ret_signature, reply.signature, reply.len);
		*ret_len = reply.len;
	}
	return err;
}
