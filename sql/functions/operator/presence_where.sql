-- SPDX-License-Identifier: GPL-2.0-or-later
-- Where a colleague is: only with a reason, and it is written down who asked.
CREATE OR REPLACE FUNCTION sekisho.presence_where(
    p_login text,
    p_why text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid := person_id_of(p_login);
    w presence;
BEGIN
    IF coalesce(btrim(p_why), '') = '' THEN
        PERFORM refuse('why_missing', p_login);
    END IF;
    PERFORM audit_admin('presence_where', p_login, v_person, jsonb_build_object('why', left(p_why, 500)));
    w := presence_of(v_person, clock_timestamp(), true);
    RETURN jsonb_build_object('login', p_login,
        'zone', (SELECT z.name FROM zone z WHERE z.id = w.zone_id), 'since', w.since,
        'until', w.until, 'door', w.door, 'method', w.method,
        'counts', w.zone_id IS NOT NULL AND w.fault IS NULL, 'fault', w.fault);
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_where(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.presence_where(text, text) TO sekisho_operator;
