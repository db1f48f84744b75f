-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whose word about keys is believed: makers' certificates, and what cards said.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- The certificates that stand right above those of cards' attestation keys
-- (slot F9): a maker's root, or the CA below it that signs them.
CREATE TABLE attestation_root (
    name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
    certificate bytea NOT NULL UNIQUE CHECK (octet_length(certificate) BETWEEN 64 AND 8192),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user
);

-- What a card said of its keys when it was last examined: the statement, and
-- the certificate of the key that signed it. Judged by the clerk, when the key
-- is proven.
CREATE TABLE card_attestation (
    token_id uuid NOT NULL REFERENCES card,
    slot text NOT NULL CHECK (length(slot) <= 16),
    statement bytea NOT NULL CHECK (octet_length(statement) BETWEEN 64 AND 4096),
    attester bytea NOT NULL CHECK (octet_length(attester) BETWEEN 64 AND 4096),
    said_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (token_id, slot)
);

INSERT INTO setting (name, value, meaning) VALUES
    ('card.attestation', '0', '1: an own card counts only if its maker attests that 9A wants the PIN');

-- It answers with more now.
DROP FUNCTION IF EXISTS card_keys(uuid);

RESET ROLE;
