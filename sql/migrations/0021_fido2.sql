-- SPDX-License-Identifier: GPL-2.0-or-later
-- FIDO2 keys. A key is a token with the method fido2; its credential is bound by
-- its public half, as a card's keys are (WebAuthn Level 3, section 7).
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

ALTER DOMAIN token_method DROP CONSTRAINT token_method_check;
ALTER DOMAIN token_method ADD CONSTRAINT token_method_check CHECK (VALUE IN ('totp', 'card', 'fido2'));

-- fido2: the key signed, and somebody touched it (possession). uv: it made sure
-- who, by PIN or fingerprint; so it comes with fido2 and never alone.
ALTER TABLE policy DROP CONSTRAINT policy_methods_check;
ALTER TABLE policy ADD CONSTRAINT policy_methods_check
    CHECK (methods <@ '{password,totp,card,pin,door,fido2,uv}'::text[]);
ALTER TABLE policy ALTER COLUMN methods SET DEFAULT '{password,totp,card,pin,fido2,uv}';
UPDATE policy SET methods = methods || '{fido2,uv}', version = version + 1
 WHERE methods @> '{card,pin}';
-- Whether a key must say that it made sure who touched it.
ALTER TABLE policy ADD COLUMN fido2_uv text NOT NULL DEFAULT 'preferred'
    CHECK (fido2_uv IN ('preferred', 'required'));

CREATE TABLE fido2_key (
    token_id uuid PRIMARY KEY REFERENCES token,
    -- at most eight a person, so that all of them fit into one challenge
    credential_id bytea NOT NULL CHECK (octet_length(credential_id) BETWEEN 16 AND 384),
    key_id bytea NOT NULL UNIQUE GENERATED ALWAYS AS (sha256(credential_id)) STORED,
    algorithm int NOT NULL CHECK (algorithm IN (-7, -8, -35, -257)), -- COSE: ES256, EdDSA, ES384, RS256
    public_key bytea NOT NULL CHECK (octet_length(public_key) BETWEEN 32 AND 516),
    sign_count bigint NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
    rp_id text NOT NULL CHECK (length(rp_id) BETWEEN 1 AND 253),
    aaguid uuid NOT NULL,           -- the model; zeros: it does not say
    uv text NOT NULL CHECK (uv IN ('none', 'pin', 'fingerprint')), -- what it had when it was enrolled
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL CHECK (backup_eligible OR NOT backed_up),
    attestation text NOT NULL CHECK (attestation IN ('none', 'self', 'unverified', 'verified')),
    format text NOT NULL CHECK (length(format) <= 32),
    origin text NOT NULL CHECK (origin IN ('usb', 'import')),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'lost', 'revoked')),
    why text NOT NULL DEFAULT '' CHECK (length(why) <= 500),
    lost_at timestamptz,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text NOT NULL DEFAULT session_user
) WITH (fillfactor = 80); -- room for the next sign_count on the same page

-- Models that are allowed, and who attests to them.
CREATE TABLE fido2_model (
    aaguid uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    root bytea CHECK (octet_length(root) BETWEEN 64 AND 8192), -- certificate in DER
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    added_by text NOT NULL DEFAULT session_user
);

-- What a registration must answer: ours, in time, and once.
CREATE TABLE fido2_challenge (
    challenge bytea PRIMARY KEY CHECK (octet_length(challenge) = 32),
    person_id uuid NOT NULL REFERENCES person,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user
);
CREATE INDEX ON fido2_challenge (expires_at);
CREATE INDEX ON fido2_challenge (person_id);

INSERT INTO setting (name, value, meaning) VALUES
    ('fido2.rp_id', '', 'domain that FIDO2 keys are registered for, such as hospital.example; empty: no FIDO2'),
    ('fido2.origins', '', 'origins of pages whose registrations are imported, with blanks between; empty: https:// and fido2.rp_id'),
    ('fido2.attestation', 'none', 'none: any model of key; listed: those of card-admin fido2 model-list, proven by their makers'),
    ('fido2.syncable', 'refuse', 'keys that a cloud can copy to other devices: refuse or accept');

-- What a round reads grows; a login in progress is begun again.
DELETE FROM login;
ALTER TABLE login DROP COLUMN view;
ALTER TYPE attempt_view ADD ATTRIBUTE fido2_uv text,
    ADD ATTRIBUTE key_algorithm int, ADD ATTRIBUTE key_uv text,
    ADD ATTRIBUTE key_backup boolean, ADD ATTRIBUTE key_rp text;
ALTER TABLE login ADD COLUMN view attempt_view NOT NULL;
DROP FUNCTION IF EXISTS attempt_open(uuid, bigint, boolean, text, uuid, bytea, text);
DROP FUNCTION IF EXISTS attempt_read(uuid, text, uuid, bytea, bytea);
DROP FUNCTION IF EXISTS attempt_record(uuid, bigint, bigint,
    uuid, uuid, bigint, text, text, text, text, text, text[], text[], bytea[], jsonb,
    bytea, bytea, uuid, bigint, int, text, text);
DROP FUNCTION IF EXISTS policy_set(text, text[], int, int, int, int, int, int);

RESET ROLE;
