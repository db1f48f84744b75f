-- SPDX-License-Identifier: GPL-2.0-or-later
-- Somebody leaves (guideline 6.6 C.2): all that is his ends at once or not at all.
-- The receipt says what ended, and what is left for people to do: sessions that
-- are being ended, machines that are still in his name, a role in the database.
-- It is for good: who comes back is added anew, under another login.
CREATE OR REPLACE FUNCTION sekisho.person_leave(
    p_login text,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_id uuid := person_id_of(p_login);
    v_login text;
    v_cards jsonb := '[]';
    v_keys jsonb := '[]';
    v_tokens jsonb;
    v_affiliations jsonb;
    v_passwords int;
    v_logins int;
    v_sessions int;
    v_receipt jsonb;
    v_token uuid;
BEGIN
    -- the person first, as a login takes them
    PERFORM FROM person p WHERE p.id = v_id FOR NO KEY UPDATE;
    UPDATE person p SET status = 'left', version = p.version + 1, entries_from = v_now
     WHERE p.id = v_id AND p.status <> 'left' RETURNING p.login INTO v_login;
    IF NOT FOUND THEN
        PERFORM refuse('person_status_unchanged', p_login);
    END IF;
    DELETE FROM login l WHERE l.person_id = v_id;
    GET DIAGNOSTICS v_logins = ROW_COUNT;
    FOR v_token IN SELECT c.token_id FROM card c JOIN token k ON k.id = c.token_id
                    WHERE k.person_id = v_id AND c.state NOT IN ('revoked', 'returned') ORDER BY c.token_id LOOP
        PERFORM card_change(v_token, 'revoked', 'revoked', 'left');
        PERFORM audit_admin('card_revoked', v_login, v_id, jsonb_build_object('token', v_token, 'why', 'left'));
        v_cards := v_cards || jsonb_build_array((SELECT c.number FROM card c WHERE c.token_id = v_token));
    END LOOP;
    FOR v_token IN SELECT y.token_id FROM fido2_key y JOIN token k ON k.id = y.token_id
                    WHERE k.person_id = v_id AND y.state <> 'revoked' ORDER BY y.token_id LOOP
        PERFORM fido2_change(v_token, 'revoked', 'left');
        v_keys := v_keys || jsonb_build_array((SELECT k.label FROM token k WHERE k.id = v_token));
    END LOOP;
    -- whatever else there is
    WITH ended AS (UPDATE token k SET status = 'revoked'
         WHERE k.person_id = v_id AND k.status <> 'revoked' RETURNING k.label)
    SELECT coalesce(jsonb_agg(e.label), '[]') INTO v_tokens FROM ended e;
    UPDATE verifier v SET status = 'revoked' WHERE v.person_id = v_id AND v.status = 'active';
    GET DIAGNOSTICS v_passwords = ROW_COUNT;
    -- what has not begun never was
    WITH ended AS (UPDATE affiliation a SET valid_until = v_now
         WHERE a.person_id = v_id AND a.valid_from < v_now AND (a.valid_until IS NULL OR a.valid_until > v_now)
         RETURNING a.unit),
    never AS (DELETE FROM affiliation a WHERE a.person_id = v_id AND a.valid_from >= v_now RETURNING a.unit)
    SELECT coalesce(jsonb_agg(e.unit), '[]') INTO v_affiliations FROM (TABLE ended UNION ALL TABLE never) e;
    v_sessions := sessions_end_want(v_id, 'person_left');
    v_receipt := jsonb_build_object('login', v_login, 'at', v_now, 'by', session_user, 'why', p_why, 'password', v_passwords > 0,
        'cards', v_cards, 'fido2', v_keys, 'tokens', v_tokens, 'affiliations', v_affiliations, 'logins_ended', v_logins,
        'sessions_ending', v_sessions,
        'stations', (SELECT coalesce(jsonb_agg(t.name ORDER BY t.name), '[]') FROM station t
                      WHERE t.owner_id = v_id AND t.status <> 'retired'),
        'role', EXISTS (SELECT FROM pg_roles r WHERE r.rolname = v_login));
    PERFORM audit_admin('person_leave', v_login, v_id, v_receipt);
    RETURN v_receipt || jsonb_build_object('sessions', sessions_of(v_id));
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_leave(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_leave(text, text) TO sekisho_operator;
