-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether a person has gone elsewhere since an entry: left_zone, moved_zone, or
-- NULL. It is the person's own movement and nothing else, however late we heard of
-- it: no silence, alarm, expiry or nightly clear.
CREATE OR REPLACE FUNCTION sekisho.session_moved(
    p_person uuid, p_door_event bigint)
    RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT CASE WHEN m.zone_id IS NULL THEN 'left_zone' ELSE 'moved_zone' END
      FROM door_event d JOIN door_event m ON m.person_id = p_person
     WHERE d.id = p_door_event AND m.kind IN ('enter', 'leave') AND m.quarantine = ''
       AND m.zone_id IS DISTINCT FROM d.zone_id
       AND (m.at > d.at OR m.at = d.at AND m.kind = 'leave')
     ORDER BY m.at LIMIT 1
$$;
REVOKE ALL ON FUNCTION sekisho.session_moved(uuid, bigint) FROM PUBLIC;
