/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/fido2_device.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cardtools/text.h"
#include "common/base/clock.h"

enum { REPORT = 64, MANIFEST_MAX = 64 };

static const char prefix[] = "socket:";
static const char *fault = "";

/* A key behind a socket. */
struct line {
	int fd;
	const sigset_t *mask; /* while waiting; NULL: as it is */
};

const char *
fido2_device_fault(void)
{
	return fault;
}

static bool
is_socket(const char *path)
{
	return strncmp(path, prefix, sizeof prefix - 1) == 0;
}

static int
line_connect(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const char *file = path + sizeof prefix - 1;
	int fd, why;

	if (!is_socket(path) || strlen(file) >= sizeof to.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)stpcpy(to.sun_path, file);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
		why = errno;
		(void)close(fd);
		errno = why;
		fd = -1;
	}
	return fd;
}

static void *
line_open(const char *path)
{
	struct line *line = calloc(1, sizeof *line);

	if (line == NULL)
		return NULL;
	line->fd = line_connect(path);
	if (line->fd < 0) {
		free(line);
		return NULL;
	}
	return line;
}

static void
line_close(void *handle)
{
	struct line *line = handle;

	(void)close(line->fd);
	free(line);
}

/* A report of another size is not CTAPHID: as good as none. */
static int
line_read(void *handle, unsigned char *report, size_t len, int ms)
{
	const struct line *line = handle;
	struct pollfd p = {.fd = line->fd, .events = POLLIN};
	struct timespec limit = {
	    .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
	ssize_t n;

	if (len != REPORT)
		return -1;
	/* A signal ends the wait for good: it means, give up. */
	if (ppoll(&p, 1, ms < 0 ? NULL : &limit, line->mask) <= 0)
		return -1;
	n = recv(line->fd, report, len, MSG_DONTWAIT | MSG_TRUNC);
	return n == REPORT ? REPORT : -1;
}

/* What libfido2 writes begins with the number of the report, which is 0. */
static int
line_write(void *handle, const unsigned char *report, size_t len)
{
	const struct line *line = handle;

	if (len != REPORT + 1 ||
	    send(line->fd, report + 1, len - 1, MSG_NOSIGNAL) != REPORT)
		return -1;
	return (int)len;
}

void
fido2_device_interruptible(fido_dev_t *dev, const sigset_t *mask)
{
	struct line *line;

	/* Refused for functions of our own, and only for those. */
	if (fido_dev_set_sigmask(dev, mask) == FIDO_OK)
		return;
	line = fido_dev_io_handle(dev);
	if (line != NULL)
		line->mask = mask;
}

/* Names come from the device: nothing in them may reach a terminal as it is. */
static void
put_name(char ret_name[FIDO2_NAME], const char *maker, const char *product)
{
	char *c;

	(void)snprintf(ret_name, FIDO2_NAME, "%s%s%s",
	    maker != NULL ? maker : "",
	    maker != NULL && product != NULL ? " " : "",
	    product != NULL ? product : "");
	for (c = ret_name; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static enum error
list_usb(const char *wanted, struct fido2_devices *ret)
{
	fido_dev_info_t *info = fido_dev_info_new(MANIFEST_MAX);
	size_t found = 0, i;

	if (info == NULL)
		return ERR_NOMEM;
	if (fido_dev_info_manifest(info, MANIFEST_MAX, &found) != FIDO_OK) {
		fido_dev_info_free(&info, MANIFEST_MAX);
		fault = N_("the list of USB devices cannot be read; is udev "
			   "running?");
		return ERR_SYSTEM;
	}
	for (i = 0; i < found && ret->n < FIDO2_DEVICES_MAX; i++) {
		const fido_dev_info_t *one = fido_dev_info_ptr(info, i);
		const char *path = fido_dev_info_path(one);
		struct fido2_device *to = &ret->device[ret->n];

		if (path == NULL || strlen(path) >= sizeof to->path ||
		    (wanted != NULL && strcmp(path, wanted) != 0))
			continue;
		(void)stpcpy(to->path, path);
		put_name(to->name, fido_dev_info_manufacturer_string(one),
		    fido_dev_info_product_string(one));
		ret->n++;
	}
	fido_dev_info_free(&info, MANIFEST_MAX);
	return ERR_OK;
}

enum error
fido2_device_list(
    const char *const *devices, size_t n, struct fido2_devices *ret)
{
	struct fido2_devices found = {.n = 0};
	enum error err = ERR_OK;
	size_t i;

	fault = "";
	fido_init(0);
	for (i = 0; i < n && err == ERR_OK; i++) {
		struct fido2_device *to = &found.device[found.n];

		if (found.n == FIDO2_DEVICES_MAX)
			break;
		if (strlen(devices[i]) >= sizeof to->path) {
			fault = N_("the name of a device is too long");
			err = ERR_INPUT;
		} else if (!is_socket(devices[i])) {
			err = list_usb(
			    strcmp(devices[i], "usb") == 0 ? NULL : devices[i],
			    &found);
		} else if (fido2_device_present(devices[i])) {
			(void)stpcpy(to->path, devices[i]);
			put_name(to->name, "software key", NULL);
			found.n++;
		}
	}
	if (err == ERR_OK)
		*ret = found;
	return err;
}

bool
fido2_device_present(const char *path)
{
	int fd;

	if (!is_socket(path))
		return access(path, F_OK) == 0;
	fd = line_connect(path);
	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

/* Why a key did not open: libfido2 says only that it did not. */
static enum error
why_closed(const char *path, bool late)
{
	if (!fido2_device_present(path)) {
		fault = N_("the key is not plugged in; plug it in and try "
			   "again");
		return ERR_NOTFOUND;
	}
	if (!is_socket(path) && access(path, R_OK | W_OK) != 0) {
		fault = N_("this user may not open the key; let a udev rule "
			   "give this user the device, then plug the key in "
			   "again");
		return ERR_DENIED;
	}
	if (late) {
		fault = N_("the key does not answer; pull it out, plug it in "
			   "again and try again");
		return ERR_TIMEOUT;
	}
	fault = N_("this device does not answer as a FIDO2 key does; try "
		   "another key");
	return ERR_INPUT;
}

enum error
fido2_device_open(const char *path, fido_dev_t **ret)
{
	static const fido_dev_io_t line = {
	    line_open, line_close, line_read, line_write};
	int64_t began = clock_ms();
	fido_dev_t *dev;
	int r;

	fault = "";
	fido_init(0);
	dev = fido_dev_new();
	if (dev == NULL)
		return ERR_NOMEM;
	if (is_socket(path) &&
	    fido_dev_set_io_functions(dev, &line) != FIDO_OK) {
		fido_dev_free(&dev);
		return ERR_SYSTEM;
	}
	r = fido_dev_set_timeout(dev, FIDO2_OPEN_MS);
	if (r == FIDO_OK)
		r = fido_dev_open(dev, path);
	if (r != FIDO_OK) {
		fido_dev_free(&dev);
		return why_closed(path, clock_ms() - began >= FIDO2_OPEN_MS);
	}
	*ret = dev;
	return ERR_OK;
}

void
fido2_device_close(fido_dev_t **dev)
{
	if (*dev != NULL)
		(void)fido_dev_close(*dev);
	fido_dev_free(dev);
}

const char *
fido2_device_advice(int fido_error)
{
	switch (fido_error) {
	case FIDO_OK:
		return "";
	case FIDO_ERR_PIN_INVALID:
		return N_("the PIN is wrong; type it again");
	case FIDO_ERR_PIN_AUTH_BLOCKED:
		return N_("three wrong PINs in a row; pull the key out, plug "
			  "it in again and try again");
	case FIDO_ERR_PIN_BLOCKED:
		return N_("the PIN is blocked for good; the key must be reset, "
			  "which destroys what it holds, and enrolled anew");
	case FIDO_ERR_PIN_NOT_SET:
		return N_("the key has no PIN yet; set one with fido2-token "
			  "-S, then try again");
	case FIDO_ERR_PIN_REQUIRED:
		return N_("the key wants its PIN");
	case FIDO_ERR_PIN_POLICY_VIOLATION:
		return N_("the key does not take this PIN; choose a longer "
			  "one");
	case FIDO_ERR_UV_BLOCKED:
		return N_("the key does not take fingerprints any more; use "
			  "its PIN");
	case FIDO_ERR_UV_INVALID:
		return N_("the fingerprint did not match; try again");
	case FIDO_ERR_CREDENTIAL_EXCLUDED:
		return N_("this key is enrolled already; use another key");
	case FIDO_ERR_KEY_STORE_FULL:
		return N_("the key is full; use another key");
	case FIDO_ERR_NO_CREDENTIALS:
	case FIDO_ERR_INVALID_CREDENTIAL:
		return N_("this key is not enrolled here; use another key");
	case FIDO_ERR_UNSUPPORTED_ALGORITHM:
	case FIDO_ERR_UNSUPPORTED_OPTION:
	case FIDO_ERR_INVALID_OPTION:
		return N_("the key cannot do what is asked; use another key");
	case FIDO_ERR_ACTION_TIMEOUT:
	case FIDO_ERR_USER_ACTION_TIMEOUT:
		return N_("the key was not touched in time; try again and "
			  "touch it when it blinks");
	case FIDO_ERR_KEEPALIVE_CANCEL:
		return N_("the request was cancelled; try again");
	case FIDO_ERR_OPERATION_DENIED:
	case FIDO_ERR_NOT_ALLOWED:
		return N_("the key refused; try again");
	case FIDO_ERR_CHANNEL_BUSY:
		return N_("another program uses the key; end it and try "
			  "again");
	case FIDO_ERR_TX:
	case FIDO_ERR_RX:
		return N_("the key stopped answering; it was pulled out, or "
			  "not touched in time");
	default:
		return N_("the key answered with an error; pull it out, plug "
			  "it in again and try again");
	}
}
