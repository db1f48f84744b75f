-- SPDX-License-Identifier: GPL-2.0-or-later
-- Refuses an order that the token's state does not allow, or the caller's
-- rights. Escrowed secrets go to those only who may enrol: they had them once.
CREATE OR REPLACE FUNCTION sekisho.order_allowed(
    p_kind text,
    p_person uuid,
    p_token uuid)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_token token;
    v_card card;
BEGIN
    SELECT k.* INTO v_token FROM token k WHERE k.id = p_token AND k.person_id = p_person;
    SELECT c.* INTO v_card FROM card c WHERE c.token_id = v_token.id;
    IF NOT coalesce(CASE p_kind
            WHEN 'totp_confirm' THEN v_token.method = 'totp' AND v_token.status = 'pending'
            WHEN 'totp_resync' THEN v_token.method = 'totp' AND v_token.status = 'active'
            WHEN 'card_certificate' THEN v_token.status IN ('pending', 'active')
                AND v_card.state IN ('new', 'prepared', 'active')
            WHEN 'card_prove' THEN v_token.status IN ('pending', 'active')
                AND v_card.state IN ('new', 'prepared', 'active')
                AND v_card.challenge_until > clock_timestamp()
            -- also of a card that was lost and found, or returned
            WHEN 'card_puk' THEN v_card.puk IS NOT NULL
            WHEN 'card_management' THEN v_card.management IS NOT NULL
            ELSE v_token.status IN ('pending', 'active') END, false) THEN
        PERFORM refuse(CASE WHEN p_kind ~ '^card' THEN 'card_state' ELSE 'token_unknown' END,
            p_token::text);
    END IF;
    IF p_kind IN ('card_puk', 'card_management')
        AND NOT pg_has_role(session_user, 'sekisho_enrolment', 'member') THEN
        PERFORM refuse('not_allowed', p_kind);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_allowed(text, uuid, uuid) FROM PUBLIC;
