/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authd/crl.h"
#include "authd/sandbox.h"
#include "common/base/log.h"
#include "common/crypto/certificate.h"
#include "common/crypto/pem.h"

enum crl_column { P_NUMBER, P_CERTIFICATE, P_CRL };

enum { CRL_MAX = 64 << 20 };

enum error
crl_shelf_open(const char *path, struct crl_shelf *ret_shelf)
{
	struct crl_shelf shelf = {.folder = -1, .number = -1};

	if (path[0] != '\0') {
		shelf.folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (shelf.folder < 0)
			return ERR_SYSTEM;
	}
	*ret_shelf = shelf;
	return ERR_OK;
}

static enum error
write_all(int fd, const void *octets, size_t len)
{
	const char *p = octets;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_SYSTEM;
		p += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

/* Beside it first: who reads sees the old one or the new one. */
static enum error
put(int folder, const char *name, const void *octets, size_t len)
{
	char other[48];
	enum error err;
	int fd;

	(void)snprintf(
	    other, sizeof other, ".%s.%08" PRIx32, name, randombytes_random());
	fd = openat(folder, other, SANDBOX_CREATE, 0644);
	if (fd < 0)
		return ERR_SYSTEM;
	err = write_all(fd, octets, len);
	/* the umask is for secrets, and this is for everybody */
	if (err == ERR_OK && (fchmod(fd, 0644) != 0 || fsync(fd) != 0))
		err = ERR_SYSTEM;
	if (close(fd) != 0 && err == ERR_OK)
		err = ERR_SYSTEM;
	if (err == ERR_OK && renameat(folder, other, folder, name) != 0)
		err = ERR_SYSTEM;
	if (err != ERR_OK)
		(void)unlinkat(folder, other, 0);
	return err;
}

static enum error
put_both(int folder, const unsigned char *certificate, size_t certificate_len,
    const unsigned char *crl, size_t crl_len)
{
	char *one = NULL, *two = NULL, *both = NULL;
	enum error err;
	int n;

	err = pem_encode(PEM_CERTIFICATE, certificate, certificate_len, &one);
	if (err == ERR_OK)
		err = pem_encode(PEM_CRL, crl, crl_len, &two);
	if (err == ERR_OK) {
		n = asprintf(&both, "%s%s", one, two);
		err = n < 0 ? ERR_NOMEM
			    : put(folder, "card.pem", both, (size_t)n);
	}
	if (err == ERR_OK)
		err = put(folder, "card.crl", crl, crl_len);
	free(one);
	free(two);
	free(both);
	return err;
}

static enum error
publish(const struct db_result *rows, struct crl_shelf *shelf)
{
	unsigned char certificate[CERTIFICATE_MAX], *crl;
	size_t certificate_len, len = strlen(db_text(rows, 0, P_CRL)) / 2;
	enum error err;

	if (len > CRL_MAX)
		return ERR_INPUT;
	err = db_bytes(rows, 0, P_CERTIFICATE, certificate, sizeof certificate,
	    &certificate_len);
	if (err != ERR_OK)
		return err;
	crl = malloc(len + 1);
	if (crl == NULL)
		return ERR_NOMEM;
	err = db_bytes(rows, 0, P_CRL, crl, len, &len);
	if (err == ERR_OK)
		err = put_both(
		    shelf->folder, certificate, certificate_len, crl, len);
	free(crl);
	return err;
}

void
crl_publish(struct duty *d, struct crl_shelf *shelf)
{
	const char *params[1] = {log_num(shelf->number)};
	struct db_result *rows = NULL;
	enum error err;

	if (shelf->folder < 0 ||
	    db_call(d->db, "crl_published",
		"SELECT * FROM sekisho.crl_published($1)", 1, params,
		d->config->database_timeout_ms, &rows) != ERR_OK)
		return;
	if (db_rows(rows) > 0) {
		err = publish(rows, shelf);
		if (err == ERR_OK) {
			shelf->number = db_int(rows, 0, P_NUMBER);
			log_info("clerk: CRL published", "number",
			    log_num(shelf->number));
		} else {
			log_error("clerk: the CRL could not be published",
			    "folder", d->config->crl_path, "why",
			    err == ERR_SYSTEM ? log_errno() : error_text(err));
		}
	}
	db_result_free(&rows);
}
