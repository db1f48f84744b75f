-- SPDX-License-Identifier: GPL-2.0-or-later
-- EAP-TLS: a certificate is found by serial number and issuer, which is all that
-- FreeRADIUS tells of it.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

CREATE INDEX card_key_of_serial ON card_key (serial) WHERE serial IS NOT NULL;
DROP FUNCTION IF EXISTS attempt_read(uuid, text, uuid, bytea, bytea, boolean);

RESET ROLE;
