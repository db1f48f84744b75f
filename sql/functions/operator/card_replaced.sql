-- SPDX-License-Identifier: GPL-2.0-or-later
-- A new card counts: the person's others end, with their certificates.
CREATE OR REPLACE FUNCTION sekisho.card_replaced(
    p_token uuid,
    p_login text,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_old uuid;
    v_n int := 0;
BEGIN
    v_person := person_id_of(p_login);
    PERFORM FROM token k JOIN card c ON c.token_id = k.id
      WHERE k.id = p_token AND k.person_id = v_person AND k.status = 'active'
        AND c.temporary_until IS NULL FOR UPDATE OF k;
    IF NOT FOUND THEN
        PERFORM refuse('card_not_begun', p_login);
    END IF;
    FOR v_old IN SELECT k.id FROM token k WHERE k.person_id = v_person AND k.method = 'card'
                    AND k.id <> p_token AND k.status <> 'revoked' ORDER BY k.id FOR UPDATE LOOP
        PERFORM card_change(v_old, 'revoked', 'revoked', btrim('replaced ' || p_why));
        PERFORM audit_admin('card_replaced', p_login, v_person, jsonb_build_object(
            'token', v_old, 'by', p_token, 'why', p_why));
        v_n := v_n + 1;
    END LOOP;
    RETURN card_json(p_token) || jsonb_build_object('replaced', v_n);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_replaced(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_replaced(uuid, text, text) TO sekisho_operator;
