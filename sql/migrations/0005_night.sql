-- SPDX-License-Identifier: GPL-2.0-or-later
-- The security office's cards: the stock, and who may act at night.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sekisho_night') THEN
        CREATE ROLE sekisho_night LOGIN;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA sekisho TO sekisho_night;

SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Prepared cards are nobody's, and a token is always somebody's: until it is
-- handed out a card belongs to this person. A blank cannot stand in a login
-- (common/rules/name.h), so nobody can be added or log in by this name;
-- besides it has left and belongs to nothing.
INSERT INTO person (login, name, status) VALUES ('card stock', 'stock of cards', 'left');

INSERT INTO setting (name, value, meaning) VALUES
    ('card.lost_days', '14', 'days after which a lost card is revoked for good');

-- A PUK on its way into a card stands beside the one it has still: only
-- together are they safe from an interruption.
ALTER TABLE card ADD COLUMN puk_next bytea,
    ADD COLUMN puk_next_version int REFERENCES keyring_key;
CREATE INDEX card_temporary ON card (token_id) WHERE temporary_until IS NOT NULL;

-- Why and with whose word a card was handed out, unblocked or given back: the
-- audit has it; here stands only which acts of the night the day has seen.
CREATE TABLE night_review (
    audit_id bigint PRIMARY KEY,
    reviewed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reviewed_by text NOT NULL DEFAULT session_user
);
CREATE INDEX audit_night ON audit (id) WHERE detail ? 'night';

RESET ROLE;
