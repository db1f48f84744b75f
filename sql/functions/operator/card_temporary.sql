-- SPDX-License-Identifier: GPL-2.0-or-later
-- A prepared card is handed out for a shift, to who forgot the own one: ended
-- at p_until, or before when the own card is used again (card_temporary_end).
CREATE OR REPLACE FUNCTION sekisho.card_temporary(
    p_token uuid,
    p_login text,
    p_until timestamptz,
    p_proof text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
BEGIN
    IF NOT (p_until > clock_timestamp() AND p_until <= clock_timestamp() + interval '14 days') THEN
        PERFORM refuse('temporary_too_long', p_login);
    END IF;
    IF EXISTS (SELECT FROM card c JOIN token k ON k.id = c.token_id JOIN person p ON p.id = k.person_id
                WHERE p.login = p_login AND c.temporary_until IS NOT NULL
                  AND c.token_id <> p_token AND k.status IN ('pending', 'active', 'suspended')) THEN
        PERFORM refuse('temporary_exists', p_login);
    END IF;
    v_person := card_hand_out(p_token, p_login, p_proof, p_until);
    PERFORM audit_admin('card_temporary', p_login, v_person, jsonb_build_object(
        'token', p_token, 'until', p_until, 'identity_proof', p_proof));
    RETURN card_json(p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_temporary(uuid, text, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_temporary(uuid, text, timestamptz, text) TO sekisho_operator, sekisho_night;
