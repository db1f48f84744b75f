-- SPDX-License-Identifier: GPL-2.0-or-later
-- What terminals ask beside logins.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Cards with a number and nothing else (FeliCa, MIFARE): whose it is fills in
-- a login name, and proves nothing. In clear, because the office must find the
-- number that it has before it, and 32 bits would be found in any digest.
CREATE TABLE badge (
    number bytea PRIMARY KEY CHECK (octet_length(number) IN (4, 7, 8, 10)),
    person_id uuid NOT NULL REFERENCES person,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    added_by text NOT NULL DEFAULT session_user
);
CREATE INDEX ON badge (person_id);

-- Certificates that are renewed over the same keys, at a terminal: an order
-- that a worker places, because the card has signed for it.
ALTER TABLE order_ DROP CONSTRAINT order__kind_check;
ALTER TABLE order_ ADD CONSTRAINT order__kind_check CHECK (kind IN ('totp_confirm', 'totp_resync',
    'card_certificate', 'card_prove', 'card_puk', 'card_management', 'ca_init', 'card_renew'));
-- when it was last renewed so: for some days an interrupted one can be repeated
ALTER TABLE card ADD COLUMN renewed_at timestamptz;
INSERT INTO setting (name, value, meaning) VALUES
    ('card.renew_days', '60', 'days before its end from which a holder may renew a card at a terminal; 0: never');
-- its result has one more column now; on an empty database it is not there yet
DROP FUNCTION IF EXISTS card_keys(uuid);

RESET ROLE;
