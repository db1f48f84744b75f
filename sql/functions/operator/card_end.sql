-- SPDX-License-Identifier: GPL-2.0-or-later
-- The end of a card, for good, with its certificates: revoked, or returned to
-- the office, which may then use the plastic again. Sessions that it carried are
-- to be ended.
CREATE OR REPLACE FUNCTION sekisho.card_end(
    p_card text,
    p_state text DEFAULT 'revoked',
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_token uuid;
    v_person person;
    v_ended int;
BEGIN
    IF p_state NOT IN ('revoked', 'returned') THEN
        RAISE EXCEPTION 'a card ends revoked or returned';
    END IF;
    v_token := card_id_of(p_card, CASE p_state
        WHEN 'revoked' THEN '{new,prepared,active,suspended,lost,expired}'::text[]
        ELSE '{new,prepared,active,suspended,lost,expired,revoked}' END);
    v_ended := card_change(v_token, p_state, 'revoked', p_why);
    SELECT p.* INTO v_person FROM person p JOIN token k ON k.person_id = p.id WHERE k.id = v_token;
    PERFORM sessions_end_want(v_person.id, 'card_ended', v_token);
    PERFORM audit_admin('card_' || p_state, v_person.login, v_person.id,
        jsonb_build_object('token', v_token, 'why', p_why, 'logins_ended', v_ended));
    RETURN card_json(v_token) || jsonb_build_object('logins_ended', v_ended,
        'sessions', sessions_of(v_person.id));
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_end(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_end(text, text, text) TO sekisho_operator;
