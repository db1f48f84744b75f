-- SPDX-License-Identifier: GPL-2.0-or-later
-- What OCSP responders say of single keys, and who asks them.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sekisho_refresh') THEN
        CREATE ROLE sekisho_refresh LOGIN;
    END IF;
END
$$;
-- It runs unattended and speaks to the outside: it can tell what issuers say
-- of cards, and nothing else.
GRANT USAGE ON SCHEMA sekisho TO sekisho_refresh;

SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- Only for issuers with revocation 'ocsp'. status_this is of the last answer
-- that was believed: an older one cannot take its place.
ALTER TABLE card_key ADD COLUMN status_until timestamptz,
    ADD COLUMN status_this timestamptz;

RESET ROLE;
