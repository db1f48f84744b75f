/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fido2_device.h - finds FIDO2 keys and opens them, for card-admin and for a
 * terminal's helper. "usb" stands for what libfido2's manifest lists;
 * "socket:PATH" is a key in software behind a Unix SOCK_SEQPACKET socket, each
 * message one report of CTAPHID (CTAP 2.1, 11.2.4) of 64 octets.
 */
#ifndef SEKISHO_CARDTOOLS_FIDO2_DEVICE_H
#define SEKISHO_CARDTOOLS_FIDO2_DEVICE_H

#include <fido.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

enum {
	FIDO2_DEVICES_MAX = 8,
	FIDO2_PATH = 256,
	FIDO2_NAME = 128,
	FIDO2_OPEN_MS = 3000, /* for a key to say what it is */
};

struct fido2_device {
	char path[FIDO2_PATH]; /* what fido2_device_open takes */
	char name[FIDO2_NAME]; /* maker and product, printable ASCII */
};

struct fido2_devices {
	size_t n;
	struct fido2_device device[FIDO2_DEVICES_MAX];
};

/*
 * The keys that are there now, at most FIDO2_DEVICES_MAX, in the order of the
 * words: "usb", "socket:PATH", or the path of one device. None is no error: n
 * is 0. A socket nobody listens at is a key that is not plugged in. ERR_INPUT:
 * a word is too long; ERR_SYSTEM: libfido2 could not look.
 */
MUST_CHECK enum error fido2_device_list(
    const char *const *devices, size_t n, struct fido2_devices *ret);

/*
 * Whether the key at path is still plugged in. It says nothing of who plugged
 * it in: another key may have taken its place.
 */
bool fido2_device_present(const char *path);

/*
 * Opens a key; close it with fido2_device_close. Questions to it have
 * FIDO2_OPEN_MS until fido_dev_set_timeout says otherwise. ERR_NOTFOUND: it is
 * not there; ERR_DENIED: this user may not open it; ERR_INPUT: what is there
 * does not speak CTAP; ERR_TIMEOUT: it does not answer. fido2_device_fault says
 * so in a sentence.
 */
MUST_CHECK enum error fido2_device_open(const char *path, fido_dev_t **ret);

/* NULL, and a key that was never opened, are fine. Sets NULL. */
void fido2_device_close(fido_dev_t **dev);

/*
 * The signals that may interrupt a wait for this key's answer: mask is in
 * force while it waits, and must outlive dev. An interrupted question fails
 * with FIDO_ERR_RX; fido_dev_cancel then makes the key stop blinking.
 */
void fido2_device_interruptible(fido_dev_t *dev, const sigset_t *mask);

/*
 * What went wrong at the last list or open: an English sentence that says what
 * to do, to be shown as it is or through gettext. "" if nothing did.
 */
const char *fido2_device_fault(void);

/* The same for an error of libfido2 (FIDO_ERR_...) from a key that is open. */
const char *fido2_device_advice(int fido_error);

#endif
