/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hid.h - CTAPHID (CTAP 2.1, 11.2) over a Unix SOCK_SEQPACKET socket: each
 * message is one report of 64 octets. Several programs may be connected, as
 * several may open one hidraw device; the key does one thing at a time.
 */
#ifndef SEKISHO_FIDO2KEY_HID_H
#define SEKISHO_FIDO2KEY_HID_H

#include <poll.h>

#include "tests/rigs/fido2key/key.h"

enum { HID_CONNECTIONS = 8, HID_POLLS = HID_CONNECTIONS + 1, HID_MAX = 7609 };

struct hid;

/* key is the caller's, and outlives it. touch_ms < 0: nobody touches it. */
MUST_CHECK enum error hid_new(
    const char *path, struct key *key, int touch_ms, struct hid **ret_hid);
void hid_free(struct hid **hid);

/* Plugged in: there is a socket. Pulled out: there is none, nor any line. */
MUST_CHECK enum error hid_insert(struct hid *hid);
void hid_remove(struct hid *hid);
bool hid_inserted(const struct hid *hid);

void hid_touch(struct hid *hid); /* now; nothing if it does not wait for it */
void hid_touch_after(struct hid *hid, int touch_ms);
bool hid_blinks(const struct hid *hid);

unsigned long hid_cancels(const struct hid *hid);
unsigned long hid_messages(const struct hid *hid);

/* Fills polls; how many. Waits hid_timeout at most, then hid_work. */
size_t hid_polls(const struct hid *hid, struct pollfd polls[HID_POLLS]);
int hid_timeout(const struct hid *hid);
void hid_work(struct hid *hid, const struct pollfd *polls, size_t n);

#endif
