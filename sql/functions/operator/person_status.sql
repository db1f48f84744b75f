-- SPDX-License-Identifier: GPL-2.0-or-later
-- Suspends or resumes. Logins in progress end at once; the version makes any
-- attempt that is being evaluated refuse itself.
CREATE OR REPLACE FUNCTION sekisho.person_status(
    p_login text,
    p_status text,
    p_reason text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    v_id := person_id_of(p_login);
    UPDATE person p SET status = p_status, version = p.version + 1,
           entries_from = CASE WHEN p_status = 'active' THEN p.entries_from ELSE clock_timestamp() END
     WHERE p.id = v_id AND p.status <> p_status AND p.status <> 'left';
    IF NOT FOUND THEN
        PERFORM refuse('person_status_unchanged', p_login);
    END IF;
    DELETE FROM login l WHERE l.person_id = v_id;
    IF p_status <> 'active' THEN
        PERFORM sessions_end_want(v_id, 'person_' || p_status);
    END IF;
    PERFORM audit_admin('person_' || p_status, p_login, v_id,
        jsonb_build_object('why', p_reason));
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_status(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_status(text, text, text) TO sekisho_operator;
