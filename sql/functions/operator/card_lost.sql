-- SPDX-License-Identifier: GPL-2.0-or-later
-- Reported lost: from this moment nothing it signs counts. One that was never
-- proven, or was suspended, stays so when it is found. All sessions of its person
-- are to be ended. Answers with where the person may be logged in still.
CREATE OR REPLACE FUNCTION sekisho.card_lost(
    p_card text,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_token uuid;
    v_status text;
    v_state text;
    v_ended int;
    v_person person;
    v_days int;
BEGIN
    v_token := card_id_of(p_card, '{new,prepared,active,suspended}');
    SELECT k.status, c.state INTO v_status, v_state
      FROM token k JOIN card c ON c.token_id = k.id WHERE k.id = v_token;
    IF EXISTS (SELECT FROM card c WHERE c.token_id = v_token AND c.lost_at IS NOT NULL) THEN
        PERFORM refuse('card_state_lost', p_card);
    END IF;
    v_ended := card_change(v_token, CASE v_state WHEN 'active' THEN 'lost' ELSE v_state END,
        CASE v_status WHEN 'active' THEN 'suspended' ELSE v_status END, p_why);
    UPDATE card c SET lost_at = clock_timestamp() WHERE c.token_id = v_token;
    SELECT p.* INTO v_person FROM person p JOIN token k ON k.person_id = p.id WHERE k.id = v_token;
    PERFORM sessions_end_want(v_person.id, 'card_lost');
    PERFORM audit_admin('card_lost', v_person.login, v_person.id,
        jsonb_build_object('token', v_token, 'why', p_why, 'logins_ended', v_ended));
    v_days := (SELECT s.value::int FROM setting s WHERE s.name = 'card.lost_days');
    RETURN card_json(v_token) || jsonb_build_object('logins_ended', v_ended,
        'revoked_after', clock_timestamp() + make_interval(days => v_days),
        'took_ms', round(extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000),
        'sessions', sessions_of(v_person.id));
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_lost(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_lost(text, text) TO sekisho_operator, sekisho_night;
