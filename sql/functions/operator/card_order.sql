-- SPDX-License-Identifier: GPL-2.0-or-later
-- Asks the server for what a card needs: a certificate, the check of its proof,
-- or an escrowed secret, which comes back sealed to who asks. A secret of a card
-- that somebody has is released with a recorded reason only; each release is
-- in the audit (clerk), and its reason here. The night asks for cards that it
-- hands out for a shift, and for no other.
CREATE OR REPLACE FUNCTION sekisho.card_order(
    p_id uuid,
    p_kind text,
    p_token uuid,
    p_args bytea,
    p_key_version int,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person person;
    v_status text;
    v_card card;
BEGIN
    SELECT k.status INTO v_status FROM token k WHERE k.id = p_token FOR UPDATE;
    SELECT c.* INTO v_card FROM card c WHERE c.token_id = p_token;
    SELECT p.* INTO v_person FROM person p JOIN token k ON k.person_id = p.id WHERE k.id = p_token;
    IF v_card.token_id IS NULL OR by_night() AND v_card.temporary_until IS NULL THEN
        PERFORM refuse('card_unknown', p_token::text);
    END IF;
    CASE
    WHEN p_kind IN ('card_certificate', 'card_prove') THEN
        IF v_status NOT IN ('pending', 'active') OR v_card.state NOT IN ('new', 'active')
            OR v_card.lost_at IS NOT NULL THEN
            PERFORM refuse('card_state_' || v_card.state, p_token::text);
        END IF;
    WHEN p_kind IN ('card_puk', 'card_management') THEN
        IF v_card.puk IS NULL OR v_card.management IS NULL THEN
            PERFORM refuse('card_no_escrow', p_token::text);
        END IF;
        -- to those who may enrol, for they had them once; or to the night
        IF NOT by_night() AND NOT pg_has_role(session_user, 'sekisho_enrolment', 'MEMBER') THEN
            PERFORM refuse('not_allowed', p_kind);
        END IF;
        IF v_card.state IN ('active', 'suspended', 'lost') AND length(btrim(p_why)) < 3 THEN
            PERFORM refuse('identity_proof_missing', p_token::text);
        END IF;
        PERFORM audit_admin(p_kind || '_asked', nullif(v_person.login, 'card stock'), v_person.id,
            jsonb_build_object('token', p_token, 'order', p_id, 'identity_proof', p_why));
    END CASE;
    IF (SELECT count(*) FROM order_ o WHERE o.token_id = p_token
           AND o.placed_at > clock_timestamp() - interval '15 minutes') >= 200 THEN
        PERFORM refuse('too_many_orders', v_person.login);
    END IF;
    RETURN order_new(p_id, p_kind, v_person.id, p_token, p_args, p_key_version, p_why);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_order(uuid, text, uuid, bytea, int, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_order(uuid, text, uuid, bytea, int, text) TO sekisho_operator, sekisho_night;
