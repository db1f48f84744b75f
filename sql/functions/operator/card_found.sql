-- SPDX-License-Identifier: GPL-2.0-or-later
-- A lost card is back with its holder, who has shown who they are: it counts
-- again as it did before. One that was suspended besides stays suspended.
CREATE OR REPLACE FUNCTION sekisho.card_found(
    p_card text,
    p_proof text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_token uuid;
    v_person person;
    v_state text;
BEGIN
    IF length(btrim(p_proof)) < 3 THEN
        PERFORM refuse('identity_proof_missing', p_card);
    END IF;
    v_token := card_id_of(p_card, '{lost,suspended,new,prepared}');
    SELECT c.state INTO v_state FROM card c WHERE c.token_id = v_token AND c.lost_at IS NOT NULL;
    IF NOT FOUND THEN
        PERFORM refuse('card_not_lost', p_card);
    END IF;
    PERFORM card_change(v_token, CASE v_state WHEN 'lost' THEN 'active' ELSE v_state END,
        CASE v_state WHEN 'lost' THEN 'active' ELSE k.status END, '') FROM token k WHERE k.id = v_token;
    UPDATE card c SET lost_at = NULL WHERE c.token_id = v_token;
    SELECT p.* INTO v_person FROM person p JOIN token k ON k.person_id = p.id WHERE k.id = v_token;
    PERFORM audit_admin('card_found', v_person.login, v_person.id,
        jsonb_build_object('token', v_token, 'identity_proof', p_proof));
    RETURN card_json(v_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_found(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_found(text, text) TO sekisho_operator, sekisho_night;
