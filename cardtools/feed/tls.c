/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/secret.h"

enum {
	KEY_FILE_MAX = 16384,
	SECURITY_LEVEL = 2, /* 112 bits: RSA from 2048 */
	NAME_TEXT = 256,
};

struct tls {
	OSSL_LIB_CTX *library;
	OSSL_PROVIDER *provider;
	SSL_CTX *context;
};

struct tls_line {
	SSL *ssl;
	short events;
};

static char fault[200];

const char *
tls_fault(void)
{
	return fault;
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

/* The private key of a file that others cannot read. */
static const char *
read_key(struct tls *t, const char *path, EVP_PKEY **ret_key)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *why = NULL;
	struct secret *pem = NULL;
	struct stat st;
	size_t used = 0;
	ssize_t n = 1;
	BIO *bio = NULL;

	if (fd < 0 || fstat(fd, &st) != 0)
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "is not a plain file";
	else if ((st.st_mode & 027) != 0) /* a group may be made for it */
		why = "can be read or written by others: chmod 640";
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
		    bio, NULL, no_passphrase, NULL, t->library, NULL);
	why = *ret_key != NULL
		  ? NULL
		  : "has no private key in PEM, or an encrypted one";
out:
	BIO_free(bio);
	secret_free(&pem);
	if (fd >= 0)
		(void)close(fd);
	return why;
}

/* RFC 5425 5.2: the peers that may speak are known by name. */
static bool
set_peers(X509_VERIFY_PARAM *param, const char *peers)
{
	bool any = false;

	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS);
	while (*peers != '\0') {
		const size_t blanks = strspn(peers, " ");
		const size_t len = strcspn(peers + blanks, ",");
		char name[NAME_TEXT];

		(void)snprintf(name, sizeof name, "%.*s",
		    len < NAME_TEXT ? (int)len : NAME_TEXT - 1, peers + blanks);
		/* an empty name would be any */
		if (len == 0 || len >= NAME_TEXT ||
		    X509_VERIFY_PARAM_add1_host(param, name, 0) != 1)
			return false;
		any = true;
		peers += blanks + len;
		peers += *peers == ',';
	}
	return any;
}

/* A context of our own: nothing of the machine's openssl.cnf. */
static bool
make_context(struct tls *t)
{
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return false;
	t->library = OSSL_LIB_CTX_new();
	if (t->library == NULL)
		return false;
	t->provider = OSSL_PROVIDER_load(t->library, "default");
	t->context = SSL_CTX_new_ex(t->library, NULL, TLS_server_method());
	if (t->provider == NULL || t->context == NULL)
		return false;
	SSL_CTX_set_security_level(t->context, SECURITY_LEVEL);
	SSL_CTX_set_verify(t->context,
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	(void)SSL_CTX_set_mode(t->context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set_session_cache_mode(t->context, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_options(t->context,
	    SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	return SSL_CTX_set_num_tickets(t->context, 0) == 1 &&
	       SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(
		   t->context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

enum error
tls_new(const char *ca, const char *certificate, const char *key,
    const char *peers, struct tls **ret_tls, char message[CONF_MESSAGE])
{
	struct tls *t = calloc(1, sizeof *t);
	enum error err = ERR_CONFIG;
	EVP_PKEY *private = NULL;
	const char *why;

	if (t == NULL)
		return ERR_NOMEM;
	(void)snprintf(message, CONF_MESSAGE, "TLS cannot be set up");
	if (!make_context(t))
		goto out;
	(void)snprintf(message, CONF_MESSAGE,
	    "input.peers: \"%s\" are no names that a certificate can have",
	    peers);
	if (!set_peers(SSL_CTX_get0_param(t->context), peers))
		goto out;
	(void)snprintf(message, CONF_MESSAGE,
	    "input.ca %s has no certificates that can be read", ca);
	if (SSL_CTX_load_verify_file(t->context, ca) != 1)
		goto out;
	(void)snprintf(message, CONF_MESSAGE,
	    "input.certificate %s has no certificate that can be used",
	    certificate);
	if (SSL_CTX_use_certificate_chain_file(t->context, certificate) != 1)
		goto out;
	why = read_key(t, key, &private);
	if (why == NULL && (SSL_CTX_use_PrivateKey(t->context, private) != 1 ||
			       SSL_CTX_check_private_key(t->context) != 1))
		why = "is not the key of input.certificate";
	(void)snprintf(message, CONF_MESSAGE, "input.key %s: %s", key,
	    why != NULL ? why : "");
	if (why != NULL)
		goto out;
	message[0] = '\0';
	*ret_tls = t;
	t = NULL;
	err = ERR_OK;
out:
	ERR_clear_error();
	EVP_PKEY_free(private);
	tls_free(&t);
	return err;
}

void
tls_free(struct tls **tls)
{
	struct tls *t = *tls;

	if (t == NULL)
		return;
	SSL_CTX_free(t->context);
	if (t->provider != NULL)
		(void)OSSL_PROVIDER_unload(t->provider);
	OSSL_LIB_CTX_free(t->library);
	free(t);
	*tls = NULL;
}

enum error
tls_begin(struct tls *tls, int fd, struct tls_line **ret_line)
{
	struct tls_line *line = calloc(1, sizeof *line);

	if (line == NULL)
		return ERR_NOMEM;
	line->events = POLLIN;
	line->ssl = SSL_new(tls->context);
	if (line->ssl == NULL || SSL_set_fd(line->ssl, fd) != 1) {
		tls_end(&line);
		return ERR_NOMEM;
	}
	SSL_set_accept_state(line->ssl);
	*ret_line = line;
	return ERR_OK;
}

/* What a call that gave rv waits for, or why it failed. */
static enum error
outcome(struct tls_line *line, int rv)
{
	const int problem = errno;
	unsigned long code;
	const char *text;

	switch (SSL_get_error(line->ssl, rv)) {
	case SSL_ERROR_WANT_READ:
		line->events = POLLIN;
		return ERR_BUSY;
	case SSL_ERROR_WANT_WRITE:
		line->events = POLLOUT;
		return ERR_BUSY;
	case SSL_ERROR_ZERO_RETURN:
		(void)snprintf(fault, sizeof fault, "closed");
		return ERR_CLOSED;
	case SSL_ERROR_SYSCALL:
		(void)snprintf(fault, sizeof fault, "%s",
		    problem != 0 ? strerror(problem) : "closed");
		ERR_clear_error();
		return ERR_CLOSED;
	default:
		break;
	}
	code = ERR_peek_last_error();
	text = code != 0 ? ERR_reason_error_string(code) : NULL;
	(void)snprintf(fault, sizeof fault, "%s%s%s",
	    text != NULL ? text : "no reason is given",
	    SSL_get_verify_result(line->ssl) != X509_V_OK ? ": " : "",
	    SSL_get_verify_result(line->ssl) != X509_V_OK
		? X509_verify_cert_error_string(
		      SSL_get_verify_result(line->ssl))
		: "");
	ERR_clear_error();
	return ERR_CRYPTO;
}

enum error
tls_handshake(struct tls_line *line)
{
	int rv;

	errno = 0;
	ERR_clear_error();
	rv = SSL_accept(line->ssl);
	if (rv != 1)
		return outcome(line, rv);
	line->events = POLLIN;
	/* SSL_VERIFY_PEER has seen to both; nothing rests on one line alone */
	if (SSL_get_verify_result(line->ssl) != X509_V_OK ||
	    SSL_get0_peer_certificate(line->ssl) == NULL) {
		(void)snprintf(fault, sizeof fault, "no certificate");
		return ERR_CRYPTO;
	}
	return ERR_OK;
}

enum error
tls_read(struct tls_line *line, char *octets, size_t size, size_t *ret_len)
{
	enum error err;

	errno = 0;
	ERR_clear_error();
	if (SSL_read_ex(line->ssl, octets, size, ret_len) == 1)
		return ERR_OK;
	err = outcome(line, 0);
	return err == ERR_CRYPTO ? ERR_CLOSED : err;
}

enum error
tls_write(struct tls_line *line, const char *octets, size_t len)
{
	size_t n;

	errno = 0;
	ERR_clear_error();
	if (SSL_write_ex(line->ssl, octets, len, &n) == 1) {
		line->events = POLLIN;
		return ERR_OK;
	}
	return outcome(line, 0);
}

short
tls_events(const struct tls_line *line)
{
	return line->events;
}

bool
tls_pending(const struct tls_line *line)
{
	return SSL_has_pending(line->ssl) == 1;
}

void
tls_end(struct tls_line **line)
{
	struct tls_line *l = *line;

	if (l == NULL)
		return;
	/* Said once; nobody waits for the other end to say it too. */
	if (l->ssl != NULL && SSL_is_init_finished(l->ssl) == 1)
		(void)SSL_shutdown(l->ssl);
	ERR_clear_error();
	SSL_free(l->ssl);
	free(l);
	*line = NULL;
}
