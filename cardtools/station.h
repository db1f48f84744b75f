/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * station.h - stations (people log in from them) and devices (nobody does),
 * which are one register with two commands.
 */
#ifndef SEKISHO_CARDTOOLS_STATION_H
#define SEKISHO_CARDTOOLS_STATION_H

#include <jansson.h>

#include "cardtools/command.h"
#include "common/rules/mac.h"

/* "station" or "device": which command it is. */
#define STATION_KIND(call) ((call)->noun->name)

/* The name as the register keeps it. What is wrong has been said. */
enum status station_name(const char *text, char ret_name[NAME_MAX_OCTETS + 1]);

/* An address in any notation; ret_mac is empty for an empty text. */
enum status station_mac(const char *text, char ret_mac[MAC_TEXT]);

/* The record, or what a change made of it; sentence may be NULL. */
void station_answer(
    const struct call *call, const json_t *station, const char *sentence);

/* cmd_station.c: of either command */
enum status station_add(struct call *call);
enum status station_set(struct call *call);
enum status station_list(struct call *call);
enum status station_show(struct call *call);
enum status station_retire(struct call *call);
enum status device_grant(struct call *call);
/* station_import.c */
enum status station_import(struct call *call);
/* station_certificate.c */
enum status station_certificate_add(struct call *call);
enum status station_certificate_revoke(struct call *call);

#endif
