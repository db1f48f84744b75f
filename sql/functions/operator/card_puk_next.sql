-- SPDX-License-Identifier: GPL-2.0-or-later
-- A card that was unblocked gets a new PUK. The new one is stored beside the old
-- before the card gets it; the second call, without a box, says that the card
-- has it, or that it was found to have it after an interruption.
CREATE OR REPLACE FUNCTION sekisho.card_puk_next(
    p_token uuid,
    p_puk bytea DEFAULT NULL,
    p_key_version int DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person person;
BEGIN
    PERFORM FROM token k WHERE k.id = p_token AND k.method = 'card' FOR UPDATE;
    IF p_puk IS NOT NULL THEN
        UPDATE card c SET puk_next = p_puk, puk_next_version = p_key_version
         WHERE c.token_id = p_token AND c.puk IS NOT NULL;
    ELSE
        UPDATE card c SET puk = c.puk_next, puk_version = c.puk_next_version,
               puk_next = NULL, puk_next_version = NULL,
               changed_at = clock_timestamp(), changed_by = session_user
         WHERE c.token_id = p_token AND c.puk_next IS NOT NULL;
    END IF;
    IF NOT FOUND THEN
        PERFORM refuse('card_no_escrow', p_token::text);
    END IF;
    IF p_puk IS NULL THEN
        SELECT p.* INTO v_person FROM person p JOIN token k ON k.person_id = p.id WHERE k.id = p_token;
        PERFORM audit_admin('card_puk_changed', v_person.login, v_person.id,
            jsonb_build_object('token', p_token));
    END IF;
    RETURN card_json(p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_puk_next(uuid, bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_puk_next(uuid, bytea, int) TO sekisho_operator;
