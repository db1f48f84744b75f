-- SPDX-License-Identifier: GPL-2.0-or-later
-- A card of the stock has its keys and waits to be handed out. Their public
-- halves stand in its attestation: a PIV card does not show them without a
-- certificate, and it gets one only with a holder.
CREATE OR REPLACE FUNCTION sekisho.card_prepared(
    p_token uuid,
    p_attestation jsonb)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    PERFORM FROM token k JOIN person p ON p.id = k.person_id
      WHERE k.id = p_token AND k.status = 'pending' AND p.login = 'card stock' FOR UPDATE OF k;
    IF NOT FOUND THEN
        PERFORM refuse('card_not_begun', p_token::text);
    END IF;
    UPDATE card c SET state = 'prepared', attestation = attestation_keep(p_token, p_attestation),
           changed_at = clock_timestamp(), changed_by = session_user
     WHERE c.token_id = p_token AND c.state = 'new';
    IF NOT FOUND THEN
        PERFORM refuse('card_not_begun', p_token::text);
    END IF;
    PERFORM audit_admin('card_prepared', NULL, NULL, jsonb_build_object('token', p_token));
    RETURN card_json(p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_prepared(uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_prepared(uuid, jsonb) TO sekisho_operator;
