-- SPDX-License-Identifier: GPL-2.0-or-later
-- An officer asks that somebody be entered by hand, as having come in by a door:
-- because the reader was broken, because the person was let in. It waits until
-- another officer agrees (order_approve), makes the person present, and is never
-- a factor (presence_of: by_hand). Its arguments are no secret, so they stand in
-- the order as they are.
CREATE OR REPLACE FUNCTION sekisho.presence_enter(
    p_login text,
    p_door text,
    p_why text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid := person_id_of(p_login);
    v_id uuid := gen_random_uuid();
    v_door door;
    w presence;
BEGIN
    IF length(btrim(coalesce(p_why, ''))) < 3 THEN
        PERFORM refuse('why_missing', p_login);
    END IF;
    SELECT d.* INTO v_door FROM door d WHERE d.name = p_door AND d.status = 'active';
    IF v_door.id IS NULL OR v_door.to_zone IS NULL THEN
        PERFORM refuse('door_unknown', p_door);
    END IF;
    -- it would only take a factor away
    w := presence_of(v_person, clock_timestamp(), true);
    IF w.zone_id = v_door.to_zone AND w.fault IS NULL THEN
        PERFORM refuse('presence_counts', p_login);
    END IF;
    IF (SELECT count(*) FROM order_ o WHERE o.person_id = v_person AND o.kind = 'presence_enter'
           AND o.status = 'waiting') >= 3 THEN
        PERFORM refuse('too_many_entries', p_login);
    END IF;
    PERFORM audit_admin('presence_enter_asked', p_login, v_person,
        jsonb_build_object('order', v_id, 'door', p_door, 'why', left(p_why, 500)));
    RETURN order_new(v_id, 'presence_enter', v_person, NULL,
        convert_to(jsonb_build_object('login', p_login, 'door', p_door, 'door_id', v_door.id,
            'zone', (SELECT z.name FROM zone z WHERE z.id = v_door.to_zone),
            'at', clock_timestamp())::text, 'UTF8'),
        (SELECT k.version FROM keyring_key k WHERE k.status = 'current'), p_why);
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_enter(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.presence_enter(text, text, text) TO sekisho_operator;
