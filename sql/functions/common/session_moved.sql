-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether a person has gone elsewhere since an entry: left_zone, moved_zone, or
-- NULL. It is the person's own movement and nothing else, however late we heard of
-- it: no silence, alarm, expiry or nightly clear.
CREATE OR REPLACE FUNCTION sekisho.session_moved(
    p_person uuid, p_door_event bigint)
    RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    -- in this form the index begins at the entry, not at the person's first day
    SELECT CASE WHEN q.zone_id IS NULL THEN 'left_zone' ELSE 'moved_zone' END
      FROM door_event d CROSS JOIN LATERAL (
           SELECT m.zone_id FROM door_event m
            WHERE m.person_id = p_person AND m.kind IN ('enter', 'leave') AND m.quarantine = ''
              AND m.at >= d.at AND (m.at > d.at OR m.kind = 'leave')
              AND m.zone_id IS DISTINCT FROM d.zone_id
            ORDER BY m.at LIMIT 1) q
     WHERE d.id = p_door_event
$$;
REVOKE ALL ON FUNCTION sekisho.session_moved(uuid, bigint) FROM PUBLIC;
