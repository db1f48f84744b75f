-- SPDX-License-Identifier: GPL-2.0-or-later
-- A prepared card is handed out for good.
CREATE OR REPLACE FUNCTION sekisho.card_activate(
    p_token uuid,
    p_login text,
    p_proof text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
BEGIN
    v_person := card_hand_out(p_token, p_login, p_proof, NULL);
    PERFORM audit_admin('card_activate', p_login, v_person, jsonb_build_object(
        'token', p_token, 'identity_proof', p_proof));
    RETURN card_json(p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_activate(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_activate(uuid, text, text) TO sekisho_operator;
