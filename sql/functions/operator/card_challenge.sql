-- SPDX-License-Identifier: GPL-2.0-or-later
-- The card is written; what remains is its proof (order card_prove). Keeps what
-- the card says of itself and answers with the challenge that its keys sign.
CREATE OR REPLACE FUNCTION sekisho.card_challenge(
    p_token uuid,
    p_guid bytea DEFAULT NULL,
    p_attestation jsonb DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    -- two of them: 244 bits of the server's own strong randomness
    v_challenge bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
BEGIN
    UPDATE card c SET guid = coalesce(p_guid, c.guid),
           attestation = c.attestation || coalesce(p_attestation, '{}'),
           challenge = v_challenge,
           challenge_until = clock_timestamp() + interval '5 minutes',
           changed_at = clock_timestamp(), changed_by = session_user
      FROM token k
     WHERE c.token_id = p_token AND k.id = c.token_id
       AND k.status IN ('pending', 'active') AND c.state IN ('new', 'active');
    IF NOT FOUND THEN
        PERFORM refuse('card_not_begun', p_token::text);
    END IF;
    RETURN jsonb_build_object('id', p_token, 'challenge', encode(v_challenge, 'hex'));
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_challenge(uuid, bytea, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_challenge(uuid, bytea, jsonb) TO sekisho_operator, sekisho_night;
