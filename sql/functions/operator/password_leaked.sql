-- SPDX-License-Identifier: GPL-2.0-or-later
-- Somebody else may know a password (guideline C.14 (2)): from this commit on it
-- opens nothing, and sessions that it opened are ended. No proof of identity is
-- asked for, as nothing is given out.
CREATE OR REPLACE FUNCTION sekisho.password_leaked(
    p_login text,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid := person_id_of(p_login);
    v_ended int;
    v_had boolean;
BEGIN
    PERFORM FROM person p WHERE p.id = v_id FOR UPDATE;
    UPDATE verifier v SET status = 'revoked' WHERE v.person_id = v_id AND v.status = 'active';
    v_had := FOUND;
    UPDATE person p SET version = p.version + 1 WHERE p.id = v_id;
    DELETE FROM login l WHERE l.person_id = v_id;
    v_ended := sessions_end_want(v_id, 'password_leaked');
    PERFORM audit_admin('password_leaked', p_login, v_id,
        jsonb_build_object('why', left(p_why, 500), 'revoked', v_had, 'sessions_ending', v_ended));
    RETURN jsonb_build_object('login', p_login, 'revoked', v_had, 'sessions_ending', v_ended,
        'sessions', sessions_of(v_id));
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_leaked(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.password_leaked(text, text) TO sekisho_operator, sekisho_night;
