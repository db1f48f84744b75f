/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/nouns.h"
#include "cardtools/text.h"

const struct noun nouns[] = {
    {"person", person_verbs, N_("staff and others who log in")},
    {"password", password_verbs, N_("passwords")},
    {"totp", totp_verbs, N_("one-time codes of phones and code tokens")},
    {"card", card_verbs, N_("smart cards, from stock to shredder")},
    {"badge", badge_verbs,
	N_("cards with a number and nothing else: whose name they fill in")},
    {"ca", ca_verbs,
	N_("the card CA, which certifies the keys of our own cards")},
    {"attestation", attestation_verbs,
	N_("makers whose word about the keys in their cards is believed")},
    {"issuer", issuer_verbs,
	N_("others whose cards may be bound, and their CRLs")},
    {"order", order_verbs, N_("what needs the approval of another officer")},
    {"unlock", unlock_verbs, N_("let a locked-out person try again")},
    {"client", client_verbs,
	N_("terminals, VPN servers, wireless controllers, doors")},
    {"zone", zone_verbs, N_("areas that clients stand in, and their map")},
    {"door", door_verbs, N_("doors between zones, and who tells us of them")},
    {"presence", presence_verbs, N_("who is in which zone, and was")},
    {"policy", policy_verbs, N_("what a login needs, and what failures cost")},
    {"audit", audit_verbs, N_("who logged in, who was refused, and why")},
    {"report", report_verbs, N_("what must be shown, or mended")},
    {"setting", setting_verbs, N_("numbers and texts of the installation")},
    {"keyring", keyring_verbs,
	N_("the server's public key, to which secrets are sealed")},
    {"completion", completion_verbs, N_("command completion for shells")},
    {0},
};
