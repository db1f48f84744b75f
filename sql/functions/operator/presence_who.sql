-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who is, or was at a time, in a zone. An entry lasts a day at most, so only
-- movements of that day can have brought somebody here; most have moved on, and
-- of these nothing more is asked.
CREATE OR REPLACE FUNCTION sekisho.presence_who(
    p_zone text,
    p_at timestamptz DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_zone uuid := zone_id_of(p_zone);
    v_at timestamptz := coalesce(p_at, clock_timestamp());
    v_until timestamptz := v_at + CASE WHEN p_at IS NULL THEN interval '60 seconds' ELSE '0' END;
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('login', p.login, 'name', p.name,
            'since', w.since, 'until', w.until, 'door', w.door, 'method', w.method,
            'counts', w.fault IS NULL, 'fault', w.fault) ORDER BY w.since, p.login), '[]')
      FROM (SELECT DISTINCT e.person_id FROM door_event e
             WHERE e.zone_id = v_zone AND e.kind IN ('enter', 'leave') AND e.quarantine = ''
               AND e.at > v_at - interval '1 day' AND e.at <= v_until) c
           JOIN person p ON p.id = c.person_id
               -- as presence_of finds it
               AND v_zone = (SELECT v.zone_id FROM door_event v
                    WHERE v.person_id = c.person_id AND v.kind IN ('enter', 'leave') AND v.quarantine = ''
                      AND v.at <= v_until
                    ORDER BY v.at DESC, v.kind DESC, v.source_id, v.event LIMIT 1),
           LATERAL presence_of(c.person_id, v_at, p_at IS NULL) w
     WHERE w.zone_id = v_zone AND w.until > v_at);
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_who(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.presence_who(text, timestamptz) TO sekisho_operator, sekisho_auditor;
