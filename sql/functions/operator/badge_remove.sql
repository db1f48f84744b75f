-- SPDX-License-Identifier: GPL-2.0-or-later
-- A number that is nobody's any more.
CREATE OR REPLACE FUNCTION sekisho.badge_remove(
    p_number bytea)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person person;
BEGIN
    SELECT p.* INTO v_person FROM badge b JOIN person p ON p.id = b.person_id
     WHERE b.number = p_number FOR UPDATE OF b;
    IF NOT FOUND THEN
        PERFORM refuse('badge_unknown', encode(p_number, 'hex'));
    END IF;
    DELETE FROM badge b WHERE b.number = p_number;
    -- nor does an entry by it count any more
    UPDATE person p SET entries_from = clock_timestamp() WHERE p.id = v_person.id;
    PERFORM audit_admin('badge_remove', v_person.login, v_person.id,
        jsonb_build_object('number', encode(p_number, 'hex')));
    RETURN jsonb_build_object('number', encode(p_number, 'hex'), 'login', v_person.login);
END
$$;
REVOKE ALL ON FUNCTION sekisho.badge_remove(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.badge_remove(bytea) TO sekisho_operator;
