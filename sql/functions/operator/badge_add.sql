-- SPDX-License-Identifier: GPL-2.0-or-later
-- From now on this number fills in that login at terminals. It counts for
-- nothing, so nobody's version is raised.
CREATE OR REPLACE FUNCTION sekisho.badge_add(
    p_login text,
    p_number bytea)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_other text;
BEGIN
    v_person := person_id_of(p_login);
    SELECT p.login INTO v_other FROM badge b JOIN person p ON p.id = b.person_id
     WHERE b.number = p_number;
    IF v_other <> p_login THEN
        PERFORM refuse('badge_taken', v_other);
    END IF;
    INSERT INTO badge (number, person_id) VALUES (p_number, v_person) ON CONFLICT (number) DO NOTHING;
    IF FOUND THEN
        PERFORM audit_admin('badge_add', p_login, v_person,
            jsonb_build_object('number', encode(p_number, 'hex')));
    ELSIF v_other IS NULL THEN
        PERFORM refuse('badge_taken', encode(p_number, 'hex')); -- another desk, in this moment
    END IF;
    RETURN jsonb_build_object('number', encode(p_number, 'hex'), 'login', p_login);
END
$$;
REVOKE ALL ON FUNCTION sekisho.badge_add(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.badge_add(text, bytea) TO sekisho_operator;
