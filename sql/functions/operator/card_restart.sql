-- SPDX-License-Identifier: GPL-2.0-or-later
-- Before a card's keys are made (again): what an interrupted run certified is
-- revoked, for all keys of a card must be proven and nobody has those.
CREATE OR REPLACE FUNCTION sekisho.card_restart(
    p_token uuid,
    p_login text,
    p_number text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_state text;
BEGIN
    v_person := card_holder(p_login);
    PERFORM FROM token k WHERE k.id = p_token AND k.person_id = v_person
        AND k.method = 'card' AND k.status = 'pending' FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('card_not_begun', p_login);
    END IF;
    SELECT c.state INTO v_state FROM card c WHERE c.token_id = p_token;
    IF v_state <> 'new' THEN
        PERFORM refuse('card_state_' || v_state, p_login);
    END IF;
    -- two desks, one number
    PERFORM pg_advisory_xact_lock(hashtext('sekisho card number ' || p_number)) WHERE p_number <> '';
    IF p_number <> '' AND EXISTS (SELECT FROM card c WHERE c.number = p_number
            AND c.token_id <> p_token AND c.state NOT IN ('revoked', 'returned')) THEN
        PERFORM refuse('card_number_taken', p_number);
    END IF;
    UPDATE card_key y SET revoked_at = clock_timestamp(), revoked_why = 'interrupted'
     WHERE y.token_id = p_token AND y.revoked_at IS NULL AND y.proven_at IS NULL;
    UPDATE card c SET number = coalesce(nullif(p_number, ''), c.number), challenge = NULL,
           challenge_until = NULL
     WHERE c.token_id = p_token;
    RETURN card_json(p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_restart(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_restart(uuid, text, text) TO sekisho_operator;
