/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reason.h - why an attempt ended as it did. The words go into log and audit
 * (docs/operations.md explains each); the outside gets one uniform text.
 */
#ifndef SEKISHO_AUTHD_REASON_H
#define SEKISHO_AUTHD_REASON_H

enum reason {
	REASON_TWO_FACTORS,	  /* accepted */
	REASON_DOOR_AND_TERMINAL, /* the same, as guideline D.5 allows it */
	REASON_PROVEN_BEFORE,	  /* the same, the second at a login before */
	REASON_FIRST_FACTOR,	  /* challenged for the second */
	REASON_WRONG_PASSWORD,
	REASON_WRONG_CODE,
	REASON_CODE_SPENT, /* right, but used before */
	REASON_UNKNOWN_PERSON,
	REASON_PERSON_UNUSABLE, /* suspended, or outside affiliations */
	REASON_NO_PASSWORD,
	REASON_NO_SECOND_FACTOR, /* a password alone never suffices */
	REASON_NO_PRESENCE,  /* nor an entry into the zone, which would do */
	REASON_DOOR_IN_USE,  /* there is one, used at another terminal */
	REASON_DOOR_SHORT,   /* there is one, but this needs class a */
	REASON_CODE_MISSING, /* the client appends, nothing was */
	REASON_MUST_CHANGE,  /* and where it stands alone it cannot be */
	REASON_WITH_CARD,    /* it counts beside a card alone */
	REASON_PASSWORD_CHANGED,   /* accepted, and the password is a new one */
	REASON_CHANGE_ASKED,	   /* challenged for a new one */
	REASON_CHANGE_GIVEN_UP,	   /* none that was typed would do */
	REASON_METHOD_NOT_COUNTED, /* policy counts no such method */
	REASON_DELAY_RUNNING,
	REASON_FIRST_FACTOR_FAILED, /* hidden until now */
	REASON_STATE_UNKNOWN,	    /* spent, expired, altered, another's */
	REASON_STATE_MALFORMED,
	REASON_NAME_MALFORMED,
	REASON_CREDENTIAL_MALFORMED,
	REASON_NO_CREDENTIAL,
	REASON_SCHEME_CHAP,
	REASON_SCHEME_MSCHAP,
	REASON_DECIDE_REFUSED,
	REASON_WRONG_SIGNATURE,
	REASON_SIGNATURE_MALFORMED, /* or a key it cannot be of */
	REASON_CERTIFICATE_UNKNOWN, /* nobody recorded it, whatever its key */
	REASON_CERTIFICATE_ALONE, /* asks for no PIN, and EAP-TLS for nothing */
	REASON_CARD_UNKNOWN,
	REASON_CARD_OF_ANOTHER,
	REASON_CARD_PENDING, /* has not proven itself */
	REASON_CARD_SUSPENDED,
	REASON_CARD_LOST,
	REASON_CARD_REVOKED,
	REASON_CARD_EXPIRED,
	REASON_CARD_NOT_YET_VALID,
	REASON_ISSUER_RETIRED,
	REASON_CRL_STALE,     /* fails closed */
	REASON_STATUS_STALE,  /* the same, of an OCSP responder's answer */
	REASON_BADGE_UNKNOWN, /* a number that is nobody's who could log in */
	REASON_BADGE_TOO_MANY,
	REASON_BADGE_NOT_HERE, /* asked by a client that is no terminal */
	REASON_RENEWAL_NOT_HERE,
	REASON_RENEWAL_NOT_OURS, /* not a card that we issued for good */
	REASON_RENEWAL_NOT_DUE,
	REASON_CARD_ACCEPTED,  /* an entry: the card has proven itself */
	REASON_ENTRY_NOT_HERE, /* asked by a client that is no door */
	REASON_ENTRY_MALFORMED,
	REASON_READER_UNKNOWN,
	REASON_DOOR_METHOD_OTHER, /* its side is recorded as another kind */
	REASON_DOOR_ASKS_PIN,	  /* a key that signs without one */
	REASON_DOOR_CODE,	  /* which nobody checks */
	REASON_DOOR_NO_LOGIN,	  /* a login at a client of kind door */
	REASON_FIDO2_UNKNOWN,
	REASON_FIDO2_OF_ANOTHER,
	REASON_FIDO2_SUSPENDED,
	REASON_FIDO2_LOST,
	REASON_FIDO2_REVOKED,
	REASON_FIDO2_RP_CHANGED, /* registered for another domain */
	REASON_FIDO2_MALFORMED,
	REASON_FIDO2_WRONG_SIGNATURE,
	REASON_FIDO2_OTHER_RP,	       /* signed for another domain */
	REASON_FIDO2_PRESENCE_MISSING, /* nobody touched it */
	REASON_FIDO2_UV_MISSING,       /* the policy demands it */
	REASON_FIDO2_BACKUP_CHANGED,   /* other BE flag than recorded */
	REASON_FIDO2_COUNTER,	       /* did not grow: copied? */
	REASON_STATION_UNNAMED,	       /* the client tells no address */
	REASON_STATION_UNKNOWN,
	REASON_STATION_RANDOM, /* unknown, and made up: a private address */
	REASON_STATION_RETIRED,
	REASON_STATION_EXPIRED,
	REASON_STATION_OF_ANOTHER,
	REASON_STATION_OF_PEOPLE,  /* people log in at it: not alone */
	REASON_STATION_NOT_ALONE,  /* the policy lets no such device in alone */
	REASON_STATION_NO_NETWORK, /* nothing says what it may reach */
	REASON_STATION_NAME, /* another name than its certificate is for */
	REASON_STATION_CERTIFICATE_REVOKED,
	REASON_STATION_CERTIFICATE_EXPIRED,
	REASON_RESUME_UNKNOWN, /* a session of no accept that we know */
	REASON_RESUME_EXPIRED,
	REASON_RESUME_CHANGED, /* what carried it was changed since */
	REASON_COUNT
};

/* The stable word, e.g. "wrong_password". */
const char *reason_text(enum reason reason);

/* Of a word from the database; REASON_DECIDE_REFUSED for an unknown one. */
enum reason reason_from_text(const char *text);

#endif
