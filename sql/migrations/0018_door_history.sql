-- SPDX-License-Identifier: GPL-2.0-or-later
-- A door event names its door and its source, and these are never deleted: now
-- nobody can. The checks of each event against them, which took a sixth of the
-- time of taking it and locked the same few rows for everybody, are needed no
-- more. A zone is held by its doors and, as a person is, by its events.
--
-- Who was in a zone: without those who went outside, of whom nobody asks there.
-- So it can no more be taken for the index that tells where a person is, as it
-- was while the table's statistics were none: then all that ever happened is read.
SET ROLE sekisho_owner;
SET search_path = sekisho, pg_temp;

CREATE TRIGGER kept BEFORE DELETE OR UPDATE OF id ON door
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER kept BEFORE DELETE OR UPDATE OF id ON door_source
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER kept_all BEFORE TRUNCATE ON door
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER kept_all BEFORE TRUNCATE ON door_source
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
ALTER TABLE door_event DROP CONSTRAINT door_event_door_id_fkey,
    DROP CONSTRAINT door_event_source_id_fkey;
DROP INDEX door_event_zone;
CREATE INDEX door_event_zone ON door_event (zone_id, at)
    WHERE kind IN ('enter', 'leave') AND quarantine = '' AND zone_id IS NOT NULL;

RESET ROLE;
