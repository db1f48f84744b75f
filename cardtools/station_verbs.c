/* SPDX-License-Identifier: GPL-2.0-or-later */
/* station_verbs.c - one register, two commands: what each is asked with. */
#include "cardtools/nouns.h"
#include "cardtools/station.h"
#include "cardtools/text.h"

#define OF_ALL                                                              \
	{.name = "mac",                                                     \
	    .kind = OPTION_TEXT,                                            \
	    .value = "ADDRESS",                                             \
	    .max = 17,                                                      \
	    .help = N_("its MAC address, in any notation")},                \
	    {.name = "owner",                                               \
		.kind = OPTION_TEXT,                                        \
		.value = "LOGIN",                                           \
		.max = 64,                                                  \
		.help =                                                     \
		    N_("whose it is; a station's owner alone logs in from " \
		       "it")},                                              \
	{                                                                   \
		.name = "until", .kind = OPTION_UNTIL, .value = "DATE",     \
		.help = N_("when it ends by itself")                        \
	}

#define OF_DEVICES                                                            \
	{.name = "maker",                                                     \
	    .kind = OPTION_TEXT,                                              \
	    .value = "TEXT",                                                  \
	    .help = N_("who makes it")},                                      \
	    {.name = "model",                                                 \
		.kind = OPTION_TEXT,                                          \
		.value = "TEXT",                                              \
		.help = N_("what it is")},                                    \
	    {.name = "firmware",                                              \
		.kind = OPTION_TEXT,                                          \
		.value = "TEXT",                                              \
		.help = N_("version of its software, and when it was looked " \
			   "at")},                                            \
	    {.name = "advisory",                                              \
		.kind = OPTION_TEXT,                                          \
		.value = "TEXT",                                              \
		.help = N_("the maker's security information (MDS, SDS)")},   \
	    {.name = "risk",                                                  \
		.kind = OPTION_TEXT,                                          \
		.value = "TEXT",                                              \
		.help = N_("risk assessment: result and date")},              \
	    {.name = "consent",                                               \
		.kind = OPTION_TEXT,                                          \
		.value = "TEXT",                                              \
		.help = N_("whose consent, if it is lent to a patient")},     \
	{                                                                     \
		.name = "note", .kind = OPTION_TEXT, .value = "TEXT",         \
		.help = N_("anything else")                                   \
	}

static const struct option add_options[] = {OF_ALL, {0}};
static const struct option set_options[] = {OF_ALL,
    {.name = "forever",
	.kind = OPTION_FLAG,
	.help = N_("it does not end by itself")},
    {0}};
static const struct option device_add_options[] = {OF_ALL,
    {.name = "vlan",
	.kind = OPTION_TEXT,
	.value = "VLAN",
	.max = 32,
	.help = N_("the network it is let into alone; none that people are "
		   "granted")},
    {.name = "filter-id",
	.kind = OPTION_TEXT,
	.value = "NAME",
	.max = 253,
	.help = N_("the access list that its port gets")},
    OF_DEVICES, {0}};
static const struct option device_set_options[] = {OF_ALL,
    {.name = "forever",
	.kind = OPTION_FLAG,
	.help = N_("it does not end by itself")},
    OF_DEVICES, {0}};
static const struct option list_options[] = {
    {.name = "all", .kind = OPTION_FLAG, .help = N_("retired ones, too")},
    {.name = "expires-before",
	.kind = OPTION_UNTIL,
	.value = "DATE",
	.help = N_("those that end by themselves before that day is over")},
    {0}};
static const struct option why_options[] = {
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("it stands in the audit")},
    {0}};
static const struct option import_options[] = {
    {.name = "dry-run",
	.kind = OPTION_FLAG,
	.help = N_("only say what would be done")},
    {0}};
static const struct option certificate_options[] = {
    {.name = "serial",
	.kind = OPTION_TEXT,
	.value = "HEX",
	.max = 42,
	.help = N_("this one only")},
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("it stands in the audit")},
    {0}};
static const struct option grant_options[] = {
    {.name = "beside",
	.kind = OPTION_FLAG,
	.help = N_("another of the same attribute, not in its place")},
    {0}};

const struct verb station_verbs[] = {
    {"add", "NAME", station_add, add_options,
	N_("put a machine that people log in from into the register"),
	N_("Where a policy asks for registered stations (card-admin policy "
	   "set NAME\n--registered-stations yes), nobody logs in from another, "
	   "and no password is\nlooked at. An address is easily copied: it is "
	   "no factor.\n\n"
	   "  card-admin station add w3-cart2 --mac 00:1b:c5:04:40:a2\n"
	   "  card-admin station add sato-note --mac 001B-C504-40A3 --owner "
	   "sato --until 2028-03-31")},
    {"set", "NAME", station_set, set_options, N_("change its record"),
	N_("What is not given stays; --owner none takes the owner away. If "
	   "the address or\nthe owner changes, its sessions are ended.\n\n"
	   "  card-admin station set w3-cart2 --mac 00:1b:c5:04:40:b7")},
    {"list", "[SEARCH]", station_list, list_options,
	N_("list stations; by part of a name, an owner or an address"),
	N_("  card-admin station list\n"
	   "  card-admin station list 00-1B-C5-04-40-A2\n"
	   "  card-admin station list --expires-before 2027-03-31")},
    {"show", "NAME", station_show, NULL, N_("show one, by name or address"),
	NULL},
    {"retire", "NAME", station_retire, why_options,
	N_("refuse it from now on, and end its sessions"),
	N_("  card-admin station retire w3-cart2 --why \"given back to the "
	   "lessor\"")},
    {"import", "FILE", station_import, import_options,
	N_("add many from comma separated values"),
	N_("Columns: name, address, owner, until (the last two may be left "
	   "out), in UTF-8\nor CP932, with or without a heading. What is there "
	   "already is left alone, so the\nsame file can be run again.\n\n"
	   "  card-admin station import carts.csv --dry-run\n"
	   "  card-admin station import carts.csv")},
    {"certificate-add", "NAME FILE", station_certificate_add, NULL,
	N_("let a certificate of the machine's own count"),
	N_("FILE is its certificate in PEM or DER; which of the issuers "
	   "trusted here has\nsigned it is found out. A machine with a "
	   "certificate can come in alone where a\npolicy says so "
	   "(--devices certificate), as host/NAME. It is no factor of "
	   "anybody's.\n\n"
	   "  card-admin station certificate-add w3-cart2 w3-cart2.pem")},
    {"certificate-revoke", "NAME", station_certificate_revoke,
	certificate_options, N_("let it count no more: at once"),
	N_("  card-admin station certificate-revoke w3-cart2 --why "
	   "\"reinstalled\"")},
    {0},
};

const struct verb device_verbs[] = {
    {"add", "NAME", station_add, device_add_options,
	N_("record a device that nobody logs in at"),
	N_("A modality, an infusion pump, a printer (guideline C.16). With an "
	   "address it is\nlet in where a policy says --devices mac, into its "
	   "own network and no other; an\naddress is easily copied, so give "
	   "that network nothing but what the device\nneeds. With a "
	   "certificate (certificate-add) it is safer.\n\n"
	   "  card-admin device add ct-2 --mac 00:1b:c5:04:41:07 --vlan 210 "
	   "\\\n      --filter-id to-image-server --owner sato --maker Example "
	   "\\\n      --risk \"low, 2027-01-12\" --until 2031-03-31")},
    {"set", "NAME", station_set, device_set_options, N_("change its record"),
	N_("What is not given stays; --owner none takes the owner away. If "
	   "the address or\nthe owner changes, its sessions are ended.\n\n"
	   "  card-admin device set ct-2 --firmware \"4.1, 2027-04-02\"")},
    {"grant", "NAME ATTRIBUTE [VALUE]", device_grant, grant_options,
	N_("change what it may reach; without VALUE take that away"),
	N_("ATTRIBUTE is vlan, filter-id, termination-action, or a name of "
	   "FreeRADIUS's\ndictionaries.\n\n"
	   "  card-admin device grant ct-2 vlan 211\n"
	   "  card-admin device grant ct-2 Cisco-AVPair "
	   "\"ip:inacl#1=permit ip any host 10.2.0.7\"\n"
	   "  card-admin device grant ct-2 filter-id")},
    {"list", "[SEARCH]", station_list, list_options,
	N_("list devices; by part of a name, an owner or an address"), NULL},
    {"show", "NAME", station_show, NULL, N_("show one, by name or address"),
	NULL},
    {"retire", "NAME", station_retire, why_options,
	N_("refuse it from now on, and end its sessions"),
	N_("  card-admin device retire ct-2 --why \"faulty, sent in\"")},
    {"import", "FILE", station_import, import_options,
	N_("add many from comma separated values"),
	N_("Columns: name, address, vlan, filter-id, owner, until (the last "
	   "three may be left\nout), in UTF-8 or CP932, with or without a "
	   "heading.\n\n  card-admin device import pumps.csv --dry-run")},
    {"certificate-add", "NAME FILE", station_certificate_add, NULL,
	N_("let a certificate of the machine's own count"), NULL},
    {"certificate-revoke", "NAME", station_certificate_revoke,
	certificate_options, N_("let it count no more: at once"), NULL},
    {0},
};
