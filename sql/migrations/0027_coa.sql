-- SPDX-License-Identifier: GPL-2.0-or-later
-- Clients that do not end a session by a Disconnect, but by a change of it (RFC 5176
-- 2.2): a switch that takes a port down, a gateway that sets a time. And names in
-- the characters of old gateways.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- As policy.grants; empty: a Disconnect-Request.
ALTER TABLE client ADD COLUMN end_by jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_array_length(end_by) <= 16),
    ADD COLUMN charset text NOT NULL DEFAULT 'utf-8' CHECK (charset IN ('utf-8', 'cp932', 'iso-8859-1'));
DROP FUNCTION IF EXISTS client_set(text, text, text, text, boolean, text, bytea, int, text, int);
DROP FUNCTION IF EXISTS disconnects_due(int, int, bigint[]);

RESET ROLE;
