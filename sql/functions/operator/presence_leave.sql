-- SPDX-License-Identifier: GPL-2.0-or-later
-- An officer enters that somebody has left, out of all zones. One is enough: an
-- exit only ends things.
CREATE OR REPLACE FUNCTION sekisho.presence_leave(
    p_login text,
    p_why text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid := person_id_of(p_login);
    w presence;
BEGIN
    IF length(btrim(coalesce(p_why, ''))) < 3 THEN
        PERFORM refuse('why_missing', p_login);
    END IF;
    w := presence_of(v_person, clock_timestamp(), true);
    IF w.zone_id IS NULL THEN
        PERFORM refuse('presence_none', p_login);
    END IF;
    -- an entry by a clock that is ahead is left, too
    PERFORM presence_by_hand(v_person, 'leave',
        (SELECT e.door_id FROM door_event e WHERE e.id = w.event_id), NULL,
        greatest(clock_timestamp(), w.since), gen_random_uuid()::text,
        jsonb_build_object('asked_by', session_user, 'why', left(p_why, 500)));
    PERFORM audit_admin('presence_leave', p_login, v_person, jsonb_build_object('why', left(p_why, 500),
        'zone', (SELECT z.name FROM zone z WHERE z.id = w.zone_id), 'door', w.door, 'since', w.since));
    RETURN jsonb_build_object('login', p_login, 'zone', NULL);
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_leave(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.presence_leave(text, text) TO sekisho_operator;
