-- SPDX-License-Identifier: GPL-2.0-or-later
-- A key's next state: suspended, active (again), lost, revoked. What follows is what
-- follows for a card (card_change): the person's version, so that no attempt under
-- evaluation counts it, the end of logins in progress, and, where it is lost or
-- revoked, of sessions. A key whose counter stood still may be a copy: whoever
-- resumes it takes that on.
CREATE OR REPLACE FUNCTION sekisho.fido2_change(
    p_token uuid,
    p_state text,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person person;
    v_old text;
    v_ended int;
BEGIN
    SELECT p.* INTO v_person FROM person p JOIN token t ON t.person_id = p.id
     WHERE t.id = p_token AND t.method = 'fido2';
    IF NOT FOUND THEN
        PERFORM refuse('fido2_key_unknown', p_token::text);
    END IF;
    -- the person first, as a login takes them
    PERFORM FROM person p WHERE p.id = v_person.id FOR NO KEY UPDATE;
    SELECT k.state INTO v_old FROM fido2_key k WHERE k.token_id = p_token FOR UPDATE;
    IF NOT (CASE p_state
            WHEN 'suspended' THEN v_old = 'active'
            WHEN 'active' THEN v_old IN ('suspended', 'lost')
            WHEN 'lost' THEN v_old IN ('active', 'suspended')
            WHEN 'revoked' THEN v_old <> 'revoked'
            ELSE false END) THEN
        PERFORM refuse('fido2_state_' || v_old, p_token::text);
    END IF;
    UPDATE fido2_key k SET state = p_state, why = left(p_why, 500), changed_at = clock_timestamp(),
           changed_by = session_user,
           lost_at = CASE p_state WHEN 'lost' THEN clock_timestamp() WHEN 'active' THEN NULL ELSE k.lost_at END
     WHERE k.token_id = p_token;
    UPDATE token t SET status = CASE p_state WHEN 'active' THEN 'active' WHEN 'revoked' THEN 'revoked'
           ELSE 'suspended' END WHERE t.id = p_token;
    UPDATE person p SET version = p.version + 1 WHERE p.id = v_person.id;
    DELETE FROM login l WHERE l.person_id = v_person.id;
    GET DIAGNOSTICS v_ended = ROW_COUNT;
    IF p_state = 'lost' THEN
        PERFORM sessions_end_want(v_person.id, 'fido2_lost');
    ELSIF p_state = 'revoked' THEN
        PERFORM sessions_end_want(v_person.id, 'fido2_revoked', p_token);
    END IF;
    PERFORM audit_admin('fido2_' || CASE p_state WHEN 'active' THEN 'resume' ELSE p_state END,
        v_person.login, v_person.id,
        jsonb_build_object('token', p_token, 'from', v_old, 'why', p_why, 'logins_ended', v_ended));
    RETURN fido2_json(p_token) || jsonb_build_object('logins_ended', v_ended,
        'sessions', sessions_of(v_person.id));
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_change(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_change(uuid, text, text) TO sekisho_operator;
