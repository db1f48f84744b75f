/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nouns.h - the verbs that each cmd_NOUN.c gives to table.c. */
#ifndef SEKISHO_CARDTOOLS_NOUNS_H
#define SEKISHO_CARDTOOLS_NOUNS_H

#include "cardtools/command.h"

extern const struct verb attestation_verbs[];
extern const struct verb audit_verbs[];
extern const struct verb badge_verbs[];
extern const struct verb ca_verbs[];
extern const struct verb card_verbs[];
extern const struct verb client_verbs[];
extern const struct verb completion_verbs[];
extern const struct verb device_verbs[];
extern const struct verb door_verbs[];
extern const struct verb fido2_verbs[];
extern const struct verb issuer_verbs[];
extern const struct verb keyring_verbs[];
extern const struct verb maintenance_verbs[];
extern const struct verb order_verbs[];
extern const struct verb password_verbs[];
extern const struct verb person_verbs[];
extern const struct verb policy_verbs[];
extern const struct verb presence_verbs[];
extern const struct verb proof_verbs[];
extern const struct verb session_verbs[];
extern const struct verb report_verbs[];
extern const struct verb setting_verbs[];
extern const struct verb station_verbs[];
extern const struct verb totp_verbs[];
extern const struct verb unlock_verbs[];
extern const struct verb zone_verbs[];

/* These have a file of their own. */
enum status audit_forward(struct call *call);
enum status door_reader_add(struct call *call);
enum status door_reader_list(struct call *call);
enum status door_reader_remove(struct call *call);
enum status door_source_add(struct call *call);
enum status door_source_list(struct call *call);
enum status door_source_remove(struct call *call);
enum status door_source_set(struct call *call);
enum status person_import(struct call *call);
enum status person_leave(struct call *call);
enum status policy_confirm(struct call *call);
enum status policy_explain(struct call *call);
enum status presence_watch(struct call *call);
enum status session_watch(struct call *call);
enum status totp_import(struct call *call);
enum status zone_map(struct call *call);
extern const struct option audit_forward_options[];
extern const struct option door_reader_options[];
extern const struct option person_import_options[];
extern const struct option person_leave_options[];
extern const struct option policy_confirm_options[];
extern const struct option door_reader_list_options[];
extern const struct option door_source_options[];
extern const struct option door_source_set_options[];

#endif
