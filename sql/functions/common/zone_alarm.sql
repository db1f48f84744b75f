-- SPDX-License-Identifier: GPL-2.0-or-later
-- Which alarm stands in a zone now (p_at, give or take a clock); NULL: none. Derived from the events of its
-- doors: fire ends with fire_over, a door held open with its closing, all
-- others when an operator says so. Only doors are asked at which one may stand
-- (door.alarmed). Of each door and kind the newest is enough:
-- what ended that one ended those before it. So it takes as long after years
-- as it took on the first day.
CREATE OR REPLACE FUNCTION sekisho.zone_alarm(
    p_zone uuid, p_at timestamptz,
    OUT alarm text, OUT alarm_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    PERFORM FROM door d WHERE d.alarmed AND p_zone IN (d.from_zone, d.to_zone);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT e.kind, e.at INTO alarm, alarm_at
      FROM zone z JOIN door d ON d.alarmed AND z.id IN (d.from_zone, d.to_zone)
           CROSS JOIN (VALUES ('fire'), ('forced'), ('held'), ('duress'), ('passback')) k (kind)
           CROSS JOIN LATERAL (SELECT x.kind, x.at FROM door_event x
                WHERE x.door_id = d.id AND x.kind = k.kind AND x.quarantine = ''
                  -- said once more, for the index
                  AND x.kind IN ('fire', 'forced', 'held', 'duress', 'passback')
                  AND x.at > z.alarm_over_at AND x.at <= p_at + interval '60 seconds'
                ORDER BY x.at DESC LIMIT 1) e
     WHERE z.id = p_zone
       AND NOT EXISTS (SELECT FROM door_event o
            WHERE o.door_id = d.id AND o.quarantine = '' AND o.at >= e.at
              AND o.at <= p_at + interval '60 seconds'
              AND o.kind IN ('fire_over', 'closed')
              AND o.kind = CASE e.kind WHEN 'fire' THEN 'fire_over' WHEN 'held' THEN 'closed' END)
     ORDER BY e.at DESC, e.kind LIMIT 1;
END
$$;
REVOKE ALL ON FUNCTION sekisho.zone_alarm(uuid, timestamptz) FROM PUBLIC;
