/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/words.h"

#include <stddef.h>
#include <string.h>

#include "cardtools/text.h"

static const struct word refusals[] = {
    {"person_unknown", N_("there is no person “{}”; “card-admin person list” "
			  "shows all")},
    {"person_exists", N_("there is already a person “{}”; use “card-admin "
			 "person affiliate” to add a new reason to be here")},
    {"person_status_unchanged",
	N_("nothing to do: “{}” already has that status, or has left")},
    {"affiliation_unknown", N_("“{}” is not an affiliation of this person; "
			       "“card-admin person show” lists them")},
    {"client_unknown", N_("there is no client “{}”; “card-admin client list” "
			  "shows all")},
    {"client_exists", N_("there is already a client “{}”; remove it first, or "
			 "use “card-admin "
			 "client set”")},
    {"address_taken", N_("another client already has the address {}; "
			 "“card-admin client list” shows which")},
    {"badge_taken", N_("that card is recorded already: {}")},
    {"fido2_off", N_("FIDO2 keys are not in use here: say for which domain "
		     "they are made with “card-admin setting set fido2.rp_id "
		     "hospital.example”")},
    {"fido2_minutes",
	N_("an invitation is good for 1 to 1440 minutes, not {}")},
    {"fido2_too_many", N_("{} has eight keys already; “card-admin fido2 "
			  "revoke” ends one")},
    {"fido2_known", N_("this key is enrolled already")},
    {"fido2_syncable", N_("keys that a cloud can copy are not accepted here "
			  "(setting fido2.syncable)")},
    {"fido2_model_unlisted", N_("the model {} is not one of those that are "
				"allowed; “card-admin fido2 model-list” shows "
				"them")},
    {"fido2_attestation_missing", N_("the key could not prove that it is of "
				     "the model {}")},
    {"fido2_key_unknown", N_("there is no key {}")},
    {"fido2_model_unknown", N_("the model {} is not listed")},
    {"fido2_state_active", N_("the key {} counts already")},
    {"fido2_state_suspended", N_("the key {} is suspended already")},
    {"fido2_state_lost", N_("the key {} is reported lost already")},
    {"fido2_state_revoked", N_("the key {} is revoked for good")},
    {"station_unknown", N_("“{}” is not in the register, or retired")},
    {"station_name_taken",
	N_("“{}” is in the register already, and not the same")},
    {"station_mac_taken", N_("“{}” has that address already")},
    {"mac_of_nobody", N_("{} is not the address of one machine")},
    {"until_is_past", N_("“{}”: that end is past already")},
    {"vlan_of_people",
	N_("the VLAN {} would have devices and people in it; devices get "
	   "networks of their own")},
    {"end_by_not_allowed",
	N_("that attribute cannot end a session of “{}”: filter-id, "
	   "Session-Timeout, Idle-Timeout, termination-action, or one of a "
	   "vendor's")},
    {"grant_not_allowed", N_("{} cannot be granted: it is decided by the "
			     "server, or means something else in an answer")},
    {"grants_too_many", N_("{}: more than 16 attributes cannot be granted")},
    {"station_certificate_expired", N_("that certificate of “{}” has expired")},
    {"station_certificate_taken", N_("“{}” has that certificate already")},
    {"station_certificate_unknown",
	N_("it has no such certificate that still counts")},
    {"station_issuer_ocsp",
	N_("the issuer {} tells of revocations by OCSP only, which nobody "
	   "asks for machines; load its CRL instead")},
    {"badge_unknown", N_("nobody has the card {}; “card-admin badge list” "
			 "shows all")},
    {"tls_name_invalid", N_("“{}” is not a DNS name as a certificate has it, "
			    "like w3-07.hospital.example")},
    {"tls_name_taken", N_("another client already has a certificate with the "
			  "name {}; “card-admin client list” shows all "
			  "clients")},
    {"zone_unknown",
	N_("there is no zone “{}”; add it with “card-admin zone add”")},
    {"month_malformed", N_("“{}” is not a month like 2027-03")},
    {"presence_counts", N_("“{}” is in that zone, by an entry that counts; "
			   "one by hand would only take that away")},
    {"presence_none", N_("“{}” is in no zone that is known")},
    {"too_many_entries", N_("three entries of “{}” wait for approval already; "
			    "“card-admin order list” shows them")},
    {"zone_exists", N_("there is already a zone “{}”")},
    {"zone_in_use", N_("clients still stand in the zone “{}”; move them with "
		       "“card-admin client set NAME --zone OTHER”")},
    {"zone_has_doors", N_("doors lead to the zone “{}”, or once did: their "
			  "history needs it")},
    {"time_malformed", N_("“{}” is not a time of day like 04:00")},
    {"policy_unknown",
	N_("there is no policy “{}”; “card-admin policy list” shows all")},
    {"no_ma_needs_reason_date_address",
	N_("“{}”: going without Message-Authenticator needs --reason, a date "
	   "within a year, and an address of one host (/32 or /128)")},
    {"keyring_unpublished",
	N_("the server has not published its public key yet; start authd once, "
	   "then try again")},
    {"token_unknown",
	N_("token {} is not in a state for this; “card-admin totp list” shows "
	   "how it stands")},
    {"token_status_unchanged",
	N_("token {} is already so, or was revoked, or was never confirmed; "
	   "“card-admin totp list” shows how it stands")},
    {"too_many_tokens",
	N_("“{}” already has 8 tokens; revoke one with “card-admin totp "
	   "revoke”")},
    {"too_many_orders",
	N_("too many codes were tried for “{}”; wait 15 minutes, or revoke the "
	   "token and enrol a new one")},
    {"setting_unknown",
	N_("there is no setting “{}”; “card-admin setting list” shows all")},
    {"setting_value", N_("{} cannot have that value")},
    {"policy_needs_two_methods",
	N_("“{}” needs methods of two kinds, such as password,totp: with "
	   "fewer nobody could log in")},
    {"throttle_rule_unknown",
	N_("there is no such rule ({}); “card-admin policy throttle” shows "
	   "all")},
    {"ca_exists", N_("there is already a card CA; “card-admin ca show”")},
    {"ca_missing",
	N_("there is no card CA yet; make it with “card-admin ca init”")},
    {"acceptance_needed",
	N_("nobody shows us the revocations of such a key: say with "
	   "--acceptance who accepts that, or with --issuer who certified it")},
    {"issuer_unknown",
	N_("there is no issuer “{}”; “card-admin issuer list” shows all")},
    {"issuer_exists",
	N_("there is already an issuer “{}”, or one with that certificate")},
    {"issuer_without_crl",
	N_("“{}” is retired, or not an issuer whose CRLs are loaded")},
    {"issuer_without_ocsp",
	N_("“{}” is retired, or not an issuer with an OCSP responder")},
    {"issuer_url",
	N_("“{}” is not the address of a CRL or an OCSP responder; it begins "
	   "with http:// or https://")},
    {"card_key_ended", N_("the key {} was revoked or removed meanwhile")},
    {"status_early", N_("the responder of “{}” answers from the future; look "
			"at the clocks")},
    {"status_older", N_("the responder of “{}” gave an older answer than "
			"before")},
    {"status_stale", N_("the responder of “{}” gave an answer that is too "
			"old")},
    {"issuer_changed", N_("“{}” was changed meanwhile; try again")},
    {"revocation_unsupported", N_("revocation by “{}” is not supported")},
    {"certificate_revoked", N_("the certificate {} is revoked by its issuer")},
    {"certificate_held", N_("the certificate {} is suspended by its issuer")},
    {"person_name", N_("“{}” must have a name")},
    {"crl_expired", N_("that CRL of “{}” is past its next update")},
    {"crl_early", N_("that CRL of “{}” is of the future; look at the clocks")},
    {"crl_older", N_("a newer CRL of “{}” is known already")},
    {"sid_malformed", N_("“{}” is not the SID of an account (S-1-5-21-…)")},
    {"rebind_needed",
	N_("“{}” has reached the limit of failures; what failed must be "
	   "replaced: “card-admin password set” or a new “card-admin totp "
	   "enrol”")},
    {"card_unknown",
	N_("there is no card “{}”; “card-admin card list” shows all")},
    {"card_which", N_("“{}” can mean several cards; use the number printed on "
		      "it, or its id from “card-admin card list”")},
    {"card_state_new", N_("card {} was never proven: issue it first")},
    {"card_state_prepared", N_("card {} is in the stock, and nobody's")},
    {"card_state_active", N_("card {} counts, and is not lost or suspended")},
    {"card_state_suspended", N_("card {} is suspended already")},
    {"card_state_lost", N_("card {} is lost; “card-admin card found” brings "
			   "it back")},
    {"card_state_revoked", N_("card {} was revoked for good")},
    {"card_state_returned", N_("card {} was returned")},
    {"card_state_expired", N_("card {} has expired")},
    {"card_taken", N_("that card is in use already: {}")},
    {"card_number_taken", N_("another card has the number {}")},
    {"card_begun", N_("somebody else has just begun with that card ({}); run "
		      "the same command again")},
    {"card_announced_for_another",
	N_("the list of cards names somebody else for {}")},
    {"card_not_begun",
	N_("nothing was begun with that card for “{}”, or it is over")},
    {"card_not_lost", N_("card {} is not lost")},
    {"pledge_missing", N_("“{}” has signed no pledge of confidentiality "
			  "(card-admin person set --pledge DATE)")},
    {"training_missing", N_("the training of “{}” is missing or too long ago "
			    "(card-admin person set --training DATE; setting "
			    "person.training_days)")},
    {"contract_ends", N_("the contract of “{}” ends before that (card-admin "
			 "person set --contract-until DATE)")},
    {"maintenance_kind", N_("“{}” is no maintenance account that is active: "
			    "such work has dedicated ones (card-admin person "
			    "add --kind maintenance)")},
    {"maintenance_window", N_("the window of “{}” is over, runs backwards or "
			      "is longer than setting maintenance.max_hours "
			      "allows")},
    {"maintenance_unclosed", N_("“{}” has work that nobody closed: "
				"card-admin maintenance list --open")},
    {"maintenance_unknown", N_("there is no work {}; “card-admin maintenance "
			       "list” shows all")},
    {"maintenance_decided", N_("work {} was decided already")},
    {"maintenance_own", N_("work {}: who asked for it, or will do it, does "
			   "not approve it")},
    {"maintenance_not_open", N_("work {} was not approved, or is closed")},
    {"maintenance_fields", N_("work {}: say whether personal data was "
			      "accessed, whose, and what was done")},
    {"policy_note_missing", N_("say with --note what was considered")},
    {"identity_proof_own",
	N_("nobody vouches for himself: another officer has to do it")},
    {"identity_proof_second",
	N_("the second officer is another one than yourself")},
    {"identity_proof_unknown", N_("there is no entry {} in the ledger, or it "
				  "is of somebody else; “card-admin proof "
				  "list” shows them")},
    {"identity_copy_broken", N_("{} did not arrive whole; try again")},
    {"password_rule_unknown", N_("there is no rule “{}” for passwords; "
				 "“card-admin policy password” lists them")},
    {"password_rule_name", N_("a rule's name has 1 to 64 characters")},
    {"password_rule_class", N_("“{}” is new: say of which --class it is")},
    {"password_rule_short", N_("a password has at least 8 characters, of class "
			       "a at least 13 (C.14 (4))")},
    {"password_rule_expiry", N_("a password of class b is changed within two "
				"months: at most 59 days (C.14 (4) b)")},
    {"password_rule_unmet", N_("the rule for the passwords of “{}” was made "
			       "stricter meanwhile; try again")},
    {"password_needs_a_card", N_("“{}” has no card that works: give the "
				 "password on a slip (--slip)")},
    {"identity_proof_missing",
	N_("“{}”: write down how the holder's identity was checked "
	   "(--identity-proof; for a password --how and --documents, or "
	   "--proof "
	   "with an entry of today that was not used yet)")},
    {"card_no_escrow",
	N_("the server has no PUK and management key of card {}")},
    {"not_allowed", N_("this role may not do that ({})")},
    {"card_not_prepared", N_("card {} is not a prepared one, or another's")},
    {"temporary_too_long",
	N_("“{}”: a temporary card ends within 14 days from now")},
    {"temporary_exists",
	N_("“{}” has a temporary card already; return it first")},
    {"card_line_incomplete", N_("number or device is missing: {}")},
    {"card_key_taken", N_("the key of that card is bound to “{}” already")},
    {"person_unusable",
	N_("“{}” is suspended, has left, or belongs to nothing now")},
    {"order_unknown",
	N_("there is no order “{}” for this; “card-admin order list” shows "
	   "all")},
    {"order_not_waiting", N_("order {} waits for no approval any more")},
    {"order_expired", N_("order {} was not approved in time; ask again")},
    {"order_changed", N_("order {} is not what that digest says; look at it "
			 "again, and ask who placed it")},
    {"approval_own", N_("order {} is your own; another officer must approve "
			"it")},
    {"approval_twice", N_("you approved order {} already; another officer "
			  "must, too")},
    {"order_rule_unknown",
	N_("orders of the kind “{}” wait for nobody; “card-admin order rules” "
	   "shows those that can")},
    {"order_rule_value", N_("“{}”: not so few approvals, and at most 3")},
    {"order_rule_lower",
	N_("“{}”: only who administers the database may demand fewer "
	   "approvals")},
    {"attestation_unknown",
	N_("there is no maker “{}”; “card-admin attestation list” shows all")},
    {"attestation_exists",
	N_("there is already a maker “{}”, or one with that certificate")},
    {"attestation_too_many", N_("“{}”: 64 makers are enough; remove one")},
    {"attestation_none",
	N_("{}: add a maker first (card-admin attestation add), or no card "
	   "could be issued any more")},
    {"why_missing", N_("“{}”: say with --why what it is needed for")},
    {"door_exists", N_("there is already a door “{}”; use “card-admin door "
		       "set”")},
    {"door_unknown",
	N_("there is no door “{}”; “card-admin door list” shows all")},
    {"door_same_zone", N_("the door “{}” must lead from one zone to another; "
			  "without --from it comes from outside")},
    {"door_method_unknown",
	N_("“{}” is no way to identify somebody at a door; “card-admin door "
	   "add --help” names all")},
    {"uid_too_long", N_("“{}”: the risk of a number that can be copied is "
			"accepted for a year at most")},
    {"uid_why_missing",
	N_("“{}”: say with --why who accepts that a copied card opens logins, "
	   "and why")},
    {"source_exists", N_("there is already a source “{}”")},
    {"source_unknown",
	N_("there is no source “{}”; “card-admin door source-list” shows "
	   "all")},
    {"source_not_yours",
	N_("the source “{}” speaks with another role of the database")},
    {"session_unknown",
	N_("there is no session {}; “card-admin session list” shows them")},
    {"session_over", N_("session {} is over already")},
    {"role_unknown", N_("the database has no role “{}”")},
    {"client_is_no_door",
	N_("the client “{}” is not of kind door: readers are asked for by "
	   "doors")},
    {"door_side_without_card",
	N_("nobody is identified by a card on that side of “{}”; “card-admin "
	   "door set” says how")},
    {"reader_exists", N_("that client has a reader “{}” already")},
    {"reader_unknown",
	N_("that door has no reader “{}”; “card-admin door reader-list” shows "
	   "all")},
    {0},
};

static const struct word order_reasons[] = {
    {"code_spent", N_("that code was used before; wait for the next one and "
		      "try again")},
    {"wrong_code",
	N_("the code does not fit; check the clock of phone or token, wait for "
	   "the next code and try again")},
    {"order_malformed",
	N_("the server does not understand the order; is it of another "
	   "version?")},
    {"slot_unknown", N_("the server certifies keys in 9a, 9c, 9d and 9e")},
    {"request_unacceptable",
	N_("the server does not take this key, or the card's request for a "
	   "certificate")},
    {"wrong_signature",
	N_("the card signed something else, or with another key")},
    {"person_not_active",
	N_("the person is suspended, or has no affiliation from now on")},
    {"ca_missing",
	N_("there is no card CA yet; make it with “card-admin ca init”")},
    {"ca_unavailable",
	N_("no card CA answers; look after the token at the server, then try "
	   "again")},
    {"ca_key_missing",
	N_("the server's token does not have the card CA's key")},
    {"ca_changed", N_("the card CA was exchanged meanwhile; try again")},
    {"ca_exists", N_("there is already a card CA; “card-admin ca show”")},
    {"issuer_exists", N_("there is already an issuer of that name")},
    {"certificate_unwritable",
	N_("something about this person cannot be written into a "
	   "certificate")},
    {"key_known", N_("this key is already another card's or another slot's")},
    {"key_unknown", N_("a key that is not recorded for this card signed")},
    {"keys_missing", N_("not all keys of this card have signed")},
    {"card_unusable", N_("this card is suspended, lost, revoked or returned")},
    {"challenge_ended", N_("that took too long, or was begun twice; again")},
    {"not_approved", N_("another officer refused it")},
    {"order_taken_back", N_("it was taken back")},
    {"approval_expired", N_("nobody approved it in time; ask again")},
    {"attestation_wrong",
	N_("what the card attests of its keys is not about these keys, or not "
	   "signed by the card's own attestation key")},
    {"attestation_untrusted",
	N_("the card attests its keys, but no maker that is trusted here "
	   "stands above it; “card-admin attestation list” shows those")},
    {"attestation_without_pin",
	N_("the card attests that it does not ask for the PIN before its key "
	   "signs")},
    {"attestation_missing",
	N_("no maker that is trusted here attests that this card asks for its "
	   "PIN, and the setting card.attestation demands it")},
    {"nothing_in_escrow", N_("the server keeps no such secret of this card")},
    {"escrow_does_not_open",
	N_("the server cannot open what it keeps of this card")},
    {"order_does_not_open", N_("the server cannot open the order; was it "
			       "sealed to another server's "
			       "keyring?")},
    {"token_does_not_open",
	N_("the server cannot open this token's seed; revoke the token and "
	   "enrol a new one")},
    {0},
};

static const struct word outcomes[] = {
    {"accept", N_("accepted")},
    {"reject", N_("refused")},
    {"done", N_("done")},
    {"refused", N_("refused")},
    {"expired", N_("expired")},
    {"retired", N_("retired")},
    {"abandoned", N_("abandoned")},
    {0},
};

static const struct word terms[] = {
    {"requested", N_("asked for")},
    {"approved", N_("approved")},
    {"to_be_closed", N_("over, to be closed")},
    {"in_person", N_("in person")},
    {"video", N_("by video")},
    {"call_back", N_("by calling back")},
    {"known", N_("known by sight")},
    {"password_reset", N_("new password")},
    {"password_leaked", N_("password may be known")},
    {"password_set", N_("password chosen at the desk")},
    {"other", N_("other")},
    {"knowledge", N_("knowledge")},
    {"possession", N_("possession")},
    {"inherence", N_("inherence")},
    {"password", N_("password")},
    {"totp", N_("one-time code")},
    {"card", N_("card")},
    {"pin", N_("PIN")},
    {"active", N_("active")},
    {"pending", N_("waiting for its first code")},
    {"suspended", N_("suspended")},
    {"revoked", N_("revoked")},
    {"left", N_("left")},
    {"staff", N_("staff")},
    {"operator", N_("operator")},
    {"maintenance", N_("maintenance")},
    {"terminal", N_("terminal")},
    {"door", N_("door")},
    {"vpn", N_("VPN")},
    {"wlan", N_("wireless")},
    {"inside", N_("inside")},
    {"outside", N_("outside")},
    {"new", N_("begun")},
    {"prepared", N_("in stock")},
    {"lost", N_("lost")},
    {"returned", N_("returned")},
    {"waiting", N_("waits for approval")},
    {"done", N_("done")},
    {"refused", N_("refused")},
    {"expired", N_("expired")},
    {"ca_init", N_("card CA")},
    {"card_puk", N_("PUK, for work at the desk")},
    {"card_management", N_("management key, for work at the desk")},
    {"escrow_puk", N_("PUK, to be shown")},
    {"presence_enter", N_("entry by hand")},
    {"escrow_management", N_("management key, to be shown")},
    {"enforced", N_("enforced")},
    {"none", N_("none")},
    {"unknown", N_("unknown")},
    {"fido2", N_("FIDO2 key")},
    {"uv", N_("PIN or finger at the key")},
    {"fingerprint", N_("fingerprint")},
    {"self", N_("by itself only")},
    {"unverified", N_("by an unknown maker")},
    {"verified", N_("by a trusted maker")},
    {0},
};

static const struct word settings[] = {
    {"password.opslimit", N_("Argon2id passes of new password hashes")},
    {"password.memlimit_kib",
	N_("Argon2id memory of new password hashes, KiB")},
    {"password.door_chars",
	N_("characters of a password that is enough with an entry")},
    {"card.realm", N_("what follows LOGIN@ in certificates of cards")},
    {"card.validity_days",
	N_("how long certificates of cards are valid, days")},
    {"card.crl_hours", N_("hours between two CRLs of the card CA")},
    {"card.crl_url", N_("where clients find the CRL of the card CA")},
    {"card.attestation",
	N_("1: own cards count only if a trusted maker attests the PIN")},
    {"order.approval_hours",
	N_("hours in which an order must be approved and collected")},
    {"tally_seconds", N_("refusals inside a delay are summed up this long")},
    {"card.renew_days", N_("days before its end from which a card may be "
			   "renewed at a terminal; 0: never")},
    {"door.list_hours", N_("hours in which a door may let in by its list when "
			   "no server answers; 0: no list")},
    {"site.timezone",
	N_("in which times of day are meant, like a zone's nightly clear")},
    {"session.end_tries",
	N_("Disconnects in vain after which a session is named as one that "
	   "cannot be ended")},
    {"session.keep_days", N_("sessions that are over are kept so many days")},
    {"fido2.rp_id", N_("domain that FIDO2 keys are enrolled for; empty: none "
		       "are in use")},
    {"fido2.origins", N_("origins of pages whose registrations are imported")},
    {"fido2.attestation",
	N_("none: any model of key; listed: only allowed ones, proven")},
    {"fido2.syncable",
	N_("keys that a cloud can copy to other devices: refuse or accept")},
    {"maintenance.max_hours",
	N_("longest window of a maintenance account, hours")},
    {"person.training_days", N_("days for which a training counts")},
    {"person.pledge_needed", N_("1: nobody gets a card without a pledge, and a "
				"training that counts")},
    {"password.guess_bits",
	N_("bits that a password has left when names, words, dates and runs "
	   "of keys are taken off")},
    {"card.lost_days", N_("days after which a lost card is revoked for good")},
    {0},
};

const char *
look_up(const struct word *table, const char *key)
{
	for (; table->key != NULL; table++) {
		if (strcmp(table->key, key) == 0)
			return _(table->text);
	}
	return NULL;
}

const char *
refusal_words(const char *key)
{
	const char *text = look_up(refusals, key);

	return text != NULL ? text : _("refused by a rule: {}");
}

const char *
order_words(const char *reason)
{
	const char *text = look_up(order_reasons, reason);

	return text != NULL ? text : _("the server refused: {}");
}

const char *
outcome_words(const char *outcome)
{
	const char *text = look_up(outcomes, outcome);

	return text != NULL ? text : outcome;
}

const char *
setting_words(const char *name)
{
	return look_up(settings, name);
}

const char *
term_words(const char *term)
{
	const char *text = look_up(terms, term);

	return text != NULL ? text : term;
}
