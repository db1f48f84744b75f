/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/radsec.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/secret.h"

enum {
	KEY_FILE_MAX = 16384,
	HEADER = 4, /* RFC 2865 3: code, identifier, length */
	SHORTEST = 20,
	SECURITY_LEVEL = 2, /* 112 bits: RSA from 2048 */
};

struct radsec {
	OSSL_LIB_CTX *library;
	OSSL_PROVIDER *provider;
	SSL_CTX *context;
	const char *name; /* of the server, in the settings */
};

struct radsec_line {
	SSL *ssl;
	int fd;
};

static char fault[160];

const char *
radsec_fault(void)
{
	return fault;
}

/* What OpenSSL has to say, and an empty queue. */
static const char *
reason(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *text = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return text != NULL ? text : "no reason is given";
}

/* Nobody is there to be asked for a passphrase. */
static int
no_passphrase(char *buffer, int size, int writing, void *data)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

static const char *
file_fault(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "is not a plain file";
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "belongs to another user: it must be root's";
	if ((st.st_mode & 077) != 0)
		return "can be read or written by others: chmod 600";
	return NULL;
}

/* The private key of a file that is nobody else's. */
static const char *
read_key(struct radsec *r, const char *path, EVP_PKEY **ret_key)
{
	int fd = open(
	    path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
	const char *why = file_fault(fd);
	struct secret *pem = NULL;
	size_t used = 0;
	ssize_t n = 1;
	BIO *bio = NULL;

	if (why != NULL)
		goto out;
	why = "out of memory";
	if (secret_new(KEY_FILE_MAX, &pem) != ERR_OK)
		goto out;
	while (n > 0 && used < pem->len) {
		n = read(fd, pem->bytes + used, pem->len - used);
		if (n > 0)
			used += (size_t)n;
	}
	why = "cannot be read, or is longer than any key";
	if (n != 0)
		goto out;
	bio = BIO_new_mem_buf(pem->bytes, (int)used);
	if (bio != NULL)
		*ret_key = PEM_read_bio_PrivateKey_ex(
		    bio, NULL, no_passphrase, NULL, r->library, NULL);
	why = *ret_key != NULL ? NULL
			       : "has no private key in PEM, or an encrypted "
				 "one";
out:
	BIO_free(bio);
	secret_free(&pem);
	if (fd >= 0)
		(void)close(fd);
	return why;
}

/* A context of our own: nothing of the machine's openssl.cnf. */
static bool
make_context(struct radsec *r)
{
	X509_VERIFY_PARAM *param;

	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return false;
	r->library = OSSL_LIB_CTX_new();
	if (r->library == NULL)
		return false;
	r->provider = OSSL_PROVIDER_load(r->library, "default");
	r->context = SSL_CTX_new_ex(r->library, NULL, TLS_client_method());
	if (r->provider == NULL || r->context == NULL)
		return false;
	SSL_CTX_set_security_level(r->context, SECURITY_LEVEL);
	SSL_CTX_set_verify(r->context, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_mode(r->context, SSL_MODE_AUTO_RETRY);
	(void)SSL_CTX_set_session_cache_mode(r->context, SSL_SESS_CACHE_OFF);
	param = SSL_CTX_get0_param(r->context);
	/* RFC 6614 2.3: the name is one of subjectAltName, whole. */
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS);
	return SSL_CTX_set_min_proto_version(r->context, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(
		   r->context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
	       X509_VERIFY_PARAM_set1_host(param, r->name, 0) == 1;
}

enum error
radsec_new(const struct settings *settings, struct radsec **ret_radsec,
    char message[CONF_MESSAGE])
{
	struct radsec *r = calloc(1, sizeof *r);
	enum error err = ERR_CONFIG;
	EVP_PKEY *key = NULL;
	const char *why;

	if (r == NULL)
		return ERR_NOMEM;
	r->name = settings->radsec_name;
	(void)snprintf(message, CONF_MESSAGE,
	    "radsec_name %s is no name that "
	    "a certificate can have",
	    r->name);
	if (!make_context(r))
		goto out;
	(void)snprintf(message, CONF_MESSAGE,
	    "radsec_ca %s has no certificates that can be read",
	    settings->radsec_ca);
	if (SSL_CTX_load_verify_file(r->context, settings->radsec_ca) != 1)
		goto out;
	(void)snprintf(message, CONF_MESSAGE,
	    "radsec_certificate %s has no certificate that can be used",
	    settings->radsec_certificate);
	if (SSL_CTX_use_certificate_chain_file(
		r->context, settings->radsec_certificate) != 1)
		goto out;
	why = read_key(r, settings->radsec_key, &key);
	if (why == NULL && (SSL_CTX_use_PrivateKey(r->context, key) != 1 ||
			       SSL_CTX_check_private_key(r->context) != 1))
		why = "is not the key of radsec_certificate";
	(void)snprintf(message, CONF_MESSAGE, "radsec_key %s: %s",
	    settings->radsec_key, why != NULL ? why : "");
	if (why != NULL)
		goto out;
	/* A server that closes must not end the helper. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
		err = ERR_SYSTEM;
		goto out;
	}
	message[0] = '\0';
	*ret_radsec = r;
	r = NULL;
	err = ERR_OK;
out:
	ERR_clear_error();
	EVP_PKEY_free(key);
	radsec_free(&r);
	return err;
}

void
radsec_free(struct radsec **radsec)
{
	struct radsec *r = *radsec;

	if (r == NULL)
		return;
	SSL_CTX_free(r->context);
	if (r->provider != NULL)
		(void)OSSL_PROVIDER_unload(r->provider);
	OSSL_LIB_CTX_free(r->library);
	free(r);
	*radsec = NULL;
}

/* Until the socket is ready for events. */
static enum error
await(int fd, short events, const struct radsec_wait *wait)
{
	for (;;) {
		struct pollfd p[2] = {{.fd = fd, .events = events},
		    {.fd = wait->watched, .events = POLLRDHUP}};
		int64_t left = wait->until - clock_ms();
		int n = left > 0 ? poll(p, 2, (int)left) : 0;

		if (n < 0 && errno != EINTR)
			return ERR_SYSTEM;
		/* Also for who always has something to say. */
		if (n == 0) {
			(void)snprintf(
			    fault, sizeof fault, "no answer in time");
			return ERR_TIMEOUT;
		}
		if (n > 0 && p[1].revents != 0)
			return ERR_CLOSED;
		if (n > 0)
			return ERR_OK;
	}
}

static enum error
reach(const struct server *server, const struct radsec_wait *wait, int *ret_fd)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *info = NULL;
	int problem = 0;
	socklen_t len = sizeof problem;
	int fd = -1;
	const int one = 1;
	enum error err = ERR_SYSTEM;

	if (getaddrinfo(server->host, server->port, &hints, &info) != 0)
		return ERR_CONFIG;
	fd = socket(
	    info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		problem = errno;
	else if (connect(fd, info->ai_addr, info->ai_addrlen) != 0) {
		problem = errno;
		if (problem == EINPROGRESS) {
			err = await(fd, POLLOUT, wait);
			if (err != ERR_OK)
				goto out;
			if (getsockopt(
				fd, SOL_SOCKET, SO_ERROR, &problem, &len) != 0)
				problem = errno;
		}
	}
	if (problem != 0) {
		(void)snprintf(fault, sizeof fault, "%s", strerror(problem));
		err = ERR_SYSTEM;
		goto out;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	*ret_fd = fd;
	fd = -1;
	err = ERR_OK;
out:
	if (fd >= 0)
		(void)close(fd);
	freeaddrinfo(info);
	return err;
}

/* What a call of SSL_... that gave rv waits for. ERR_OK: call it again. */
static enum error
again(struct radsec_line *line, int rv, const struct radsec_wait *wait)
{
	long verified = SSL_get_verify_result(line->ssl);
	int problem = errno;

	switch (SSL_get_error(line->ssl, rv)) {
	case SSL_ERROR_WANT_READ:
		return await(line->fd, POLLIN, wait);
	case SSL_ERROR_WANT_WRITE:
		return await(line->fd, POLLOUT, wait);
	case SSL_ERROR_ZERO_RETURN:
		(void)snprintf(
		    fault, sizeof fault, "the server closed the connection");
		return ERR_SYSTEM;
	case SSL_ERROR_SYSCALL:
		(void)snprintf(fault, sizeof fault, "%s",
		    problem != 0 && problem != ECONNRESET && problem != EPIPE
			? strerror(problem)
			: "the server closed the connection");
		ERR_clear_error();
		return ERR_SYSTEM;
	default:
		break;
	}
	/* FreeRADIUS refuses a certificate without an alert. */
	if (ERR_GET_REASON(ERR_peek_last_error()) ==
	    SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		(void)snprintf(
		    fault, sizeof fault, "the server closed the connection");
		ERR_clear_error();
		return ERR_SYSTEM;
	}
	if (verified != X509_V_OK) {
		(void)snprintf(fault, sizeof fault,
		    "the server's certificate: %s",
		    X509_verify_cert_error_string(verified));
		ERR_clear_error();
		return ERR_CRYPTO;
	}
	(void)snprintf(fault, sizeof fault, "TLS: %s", reason());
	return ERR_SYSTEM;
}

enum error
radsec_open(const struct radsec *radsec, const struct server *server,
    const struct radsec_wait *wait, struct radsec_line **ret_line)
{
	struct radsec_line *line = calloc(1, sizeof *line);
	enum error err;
	int rv;

	if (line == NULL)
		return ERR_NOMEM;
	fault[0] = '\0';
	line->fd = -1;
	err = reach(server, wait, &line->fd);
	if (err != ERR_OK)
		goto out;
	err = ERR_NOMEM;
	line->ssl = SSL_new(radsec->context);
	if (line->ssl == NULL || SSL_set_fd(line->ssl, line->fd) != 1 ||
	    SSL_set_tlsext_host_name(line->ssl, radsec->name) != 1)
		goto out;
	do {
		errno = 0;
		rv = SSL_connect(line->ssl);
		err = rv == 1 ? ERR_OK : again(line, rv, wait);
	} while (rv != 1 && err == ERR_OK);
	/* SSL_VERIFY_PEER has seen to both; nothing rests on one line alone. */
	if (err == ERR_OK && (SSL_get_verify_result(line->ssl) != X509_V_OK ||
				 SSL_get0_peer_certificate(line->ssl) == NULL))
		err = ERR_CRYPTO;
	if (err == ERR_OK) {
		*ret_line = line;
		line = NULL;
	}
out:
	ERR_clear_error();
	radsec_close(&line);
	return err;
}

enum error
radsec_send(struct radsec_line *line, const unsigned char *octets, size_t len,
    const struct radsec_wait *wait)
{
	enum error err = ERR_OK;
	size_t n;

	/* Without partial writes it is all or nothing. */
	while (err == ERR_OK) {
		errno = 0;
		if (SSL_write_ex(line->ssl, octets, len, &n) == 1)
			return ERR_OK;
		err = again(line, 0, wait);
	}
	return err;
}

static enum error
receive(struct radsec_line *line, unsigned char *octets, size_t len,
    const struct radsec_wait *wait)
{
	enum error err = ERR_OK;
	size_t at = 0, n;

	while (err == ERR_OK && at < len) {
		errno = 0;
		if (SSL_read_ex(line->ssl, octets + at, len - at, &n) == 1)
			at += n;
		else
			err = again(line, 0, wait);
	}
	return err;
}

enum error
radsec_receive(struct radsec_line *line, unsigned char *octets, size_t cap,
    size_t *ret_len, const struct radsec_wait *wait)
{
	enum error err = receive(line, octets, HEADER, wait);
	size_t len;

	if (err != ERR_OK)
		return err;
	len = (size_t)(octets[2] << 8 | octets[3]);
	if (len < SHORTEST || len > cap) {
		(void)snprintf(
		    fault, sizeof fault, "a packet of %zu octets", len);
		return ERR_INPUT;
	}
	err = receive(line, octets + HEADER, len - HEADER, wait);
	if (err == ERR_OK)
		*ret_len = len;
	return err;
}

void
radsec_close(struct radsec_line **line)
{
	struct radsec_line *l = *line;

	if (l == NULL)
		return;
	/* Said once; nobody waits for the other end to say it too. */
	if (l->ssl != NULL && SSL_is_init_finished(l->ssl) == 1)
		(void)SSL_shutdown(l->ssl);
	ERR_clear_error();
	SSL_free(l->ssl);
	if (l->fd >= 0)
		(void)close(l->fd);
	free(l);
	*line = NULL;
}
