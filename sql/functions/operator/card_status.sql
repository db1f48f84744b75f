-- SPDX-License-Identifier: GPL-2.0-or-later
-- Suspends or resumes a card. One that was never proven is not made active here,
-- nor one that is lost: that is card_found, with proof of who has it.
CREATE OR REPLACE FUNCTION sekisho.card_status(
    p_card text,
    p_status text,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_token uuid;
    v_person person;
BEGIN
    CASE p_status
    WHEN 'suspended' THEN
        v_token := card_id_of(p_card, '{active,lost}');
    WHEN 'active' THEN
        v_token := card_id_of(p_card, '{suspended}');
        IF EXISTS (SELECT FROM card c WHERE c.token_id = v_token AND c.lost_at IS NOT NULL) THEN
            PERFORM refuse('card_state_lost', p_card);
        END IF;
    END CASE;
    PERFORM card_change(v_token, p_status, p_status, p_why);
    SELECT p.* INTO v_person FROM person p JOIN token k ON k.person_id = p.id WHERE k.id = v_token;
    PERFORM audit_admin('card_' || p_status, v_person.login, v_person.id,
        jsonb_build_object('token', v_token, 'why', p_why));
    RETURN card_json(v_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_status(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_status(text, text, text) TO sekisho_operator;
