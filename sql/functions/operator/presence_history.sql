-- SPDX-License-Identifier: GPL-2.0-or-later
-- A person's movements between two times: with a reason, and written down.
CREATE OR REPLACE FUNCTION sekisho.presence_history(
    p_login text,
    p_why text,
    p_from timestamptz,
    p_to timestamptz)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid := person_id_of(p_login);
BEGIN
    IF coalesce(btrim(p_why), '') = '' THEN
        PERFORM refuse('why_missing', p_login);
    END IF;
    PERFORM audit_admin('presence_history', p_login, v_person, jsonb_build_object(
        'why', left(p_why, 500), 'from', p_from, 'to', p_to));
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('at', e.at, 'kind', e.kind,
            'door', d.name, 'zone', z.name, 'method', e.method,
            'by_hand', coalesce(e.detail ->> 'by' = 'officer', false), 'quarantine', e.quarantine)
            ORDER BY e.at, e.kind), '[]')
      FROM (SELECT x.* FROM door_event x WHERE x.person_id = v_person AND x.kind IN ('enter', 'leave')
               AND x.quarantine = '' AND x.at >= p_from AND x.at < p_to
             ORDER BY x.at DESC LIMIT 10000) e
           LEFT JOIN door d ON d.id = e.door_id LEFT JOIN zone z ON z.id = e.zone_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_history(text, text, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.presence_history(text, text, timestamptz, timestamptz) TO sekisho_operator;
