-- SPDX-License-Identifier: GPL-2.0-or-later
-- At which doors no alarm stands any more (door.alarmed). Their rows are locked
-- first: an alarm that comes meanwhile waits, and sets it again.
CREATE OR REPLACE FUNCTION sekisho.alarm_housekeeping()
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    PERFORM FROM door d WHERE d.alarmed ORDER BY d.id FOR NO KEY UPDATE;
    IF FOUND THEN
        WITH quiet AS MATERIALIZED (
            SELECT q.zone_id
              FROM (SELECT DISTINCT unnest(ARRAY[d.from_zone, d.to_zone]) AS zone_id
                      FROM door d WHERE d.alarmed) q
             WHERE (SELECT a.alarm FROM zone_alarm(q.zone_id, clock_timestamp()) a) IS NULL)
        UPDATE door d SET alarmed = false
         WHERE d.alarmed
           AND (d.from_zone IS NULL OR d.from_zone IN (SELECT zone_id FROM quiet))
           AND (d.to_zone IS NULL OR d.to_zone IN (SELECT zone_id FROM quiet));
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.alarm_housekeeping() FROM PUBLIC;
