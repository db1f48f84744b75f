/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change.h - what Sekisho-Purpose says where the password is to be changed. */
#ifndef SEKISHO_WIRE_CHANGE_H
#define SEKISHO_WIRE_CHANGE_H

#define CHANGE_PURPOSE "password-change"

#endif
