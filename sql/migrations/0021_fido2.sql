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

-- Domains and no CHECKs: those are made ready anew for each statement, a counter's
-- too that they do not ask about, and took twice as long as the update itself.
CREATE DOMAIN fido2_credential AS bytea CHECK (octet_length(VALUE) BETWEEN 16 AND 384);
CREATE DOMAIN fido2_algorithm AS int CHECK (VALUE IN (-7, -8, -35, -257)); -- COSE: ES256, EdDSA, ES384, RS256
CREATE DOMAIN fido2_public_key AS bytea CHECK (octet_length(VALUE) BETWEEN 32 AND 516);
CREATE DOMAIN fido2_count AS bigint CHECK (VALUE BETWEEN 0 AND 4294967295);
CREATE DOMAIN fido2_rp AS text CHECK (length(VALUE) BETWEEN 1 AND 253);
CREATE DOMAIN fido2_verification AS text CHECK (VALUE IN ('none', 'pin', 'fingerprint'));
CREATE DOMAIN fido2_attestation AS text CHECK (VALUE IN ('none', 'self', 'unverified', 'verified'));
CREATE DOMAIN fido2_format AS text CHECK (length(VALUE) <= 32);
CREATE DOMAIN fido2_origin AS text CHECK (VALUE IN ('usb', 'import'));
CREATE DOMAIN fido2_state AS text CHECK (VALUE IN ('active', 'suspended', 'lost', 'revoked'));
CREATE DOMAIN fido2_why AS text CHECK (length(VALUE) <= 500);
CREATE TABLE fido2_key (
    token_id uuid PRIMARY KEY REFERENCES token,
    -- at most eight a person, so that all of them fit into one challenge
    credential_id fido2_credential NOT NULL,
    key_id bytea NOT NULL UNIQUE GENERATED ALWAYS AS (sha256(credential_id)) STORED,
    algorithm fido2_algorithm NOT NULL,
    public_key fido2_public_key NOT NULL,
    sign_count fido2_count NOT NULL,
    rp_id fido2_rp NOT NULL,
    aaguid uuid NOT NULL,           -- the model; zeros: it does not say
    uv fido2_verification NOT NULL, -- what it had when it was enrolled
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL,     -- only where it is eligible
    attestation fido2_attestation NOT NULL,
    format fido2_format NOT NULL,
    origin fido2_origin NOT NULL,
    state fido2_state NOT NULL DEFAULT 'active',
    why fido2_why NOT NULL DEFAULT '',
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
