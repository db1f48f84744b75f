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

RESET ROLE;
