-- SPDX-License-Identifier: GPL-2.0-or-later
-- Which alarm stands in a zone; NULL: none. Derived from the events of its
-- doors: fire ends with fire_over, a door held open with its closing, all
-- others when an operator says so.
CREATE OR REPLACE FUNCTION sekisho.zone_alarm(
    p_zone uuid, p_at timestamptz,
    OUT alarm text, OUT alarm_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    SELECT e.kind, e.at INTO alarm, alarm_at
      FROM zone z JOIN door d ON z.id IN (d.from_zone, d.to_zone)
           JOIN door_event e ON e.door_id = d.id
     WHERE z.id = p_zone AND e.quarantine = ''
       AND e.kind IN ('fire', 'forced', 'held', 'duress', 'passback')
       AND e.at > z.alarm_over_at AND e.at <= p_at + interval '60 seconds'
       AND NOT EXISTS (SELECT FROM door_event o
            WHERE o.door_id = d.id AND o.quarantine = '' AND o.at >= e.at
              AND o.at <= p_at + interval '60 seconds'
              AND o.kind = CASE e.kind WHEN 'fire' THEN 'fire_over' WHEN 'held' THEN 'closed' END)
     ORDER BY e.at DESC, e.kind LIMIT 1;
END
$$;
REVOKE ALL ON FUNCTION sekisho.zone_alarm(uuid, timestamptz) FROM PUBLIC;
