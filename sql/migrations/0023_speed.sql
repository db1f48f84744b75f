-- SPDX-License-Identifier: GPL-2.0-or-later
-- What each event of a door, and each challenge to FIDO2 keys, need not pay for.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

-- A source's own names are compared octet by octet, alike on every node
-- whatever its locale: the order of two events of one moment depends on it.
ALTER TABLE door_event ALTER COLUMN event SET DATA TYPE text COLLATE "C";
-- That made door_event_person anew. Of two indexes about which nothing is known
-- yet the younger is taken, and that has to stay the one that asks for less.
DROP INDEX door_event_zone;
CREATE INDEX door_event_zone ON door_event (zone_id, at)
    WHERE kind IN ('enter', 'leave') AND quarantine = '' AND zone_id IS NOT NULL;

-- Whoever leaves a zone gets a new version: with room in its page a row's new
-- state needs no new entries in the indexes.
ALTER TABLE person SET (fillfactor = 75);

-- Asks for less than the whole of what an attempt has read.
DROP FUNCTION IF EXISTS fido2_offer_of(attempt_view);

RESET ROLE;
