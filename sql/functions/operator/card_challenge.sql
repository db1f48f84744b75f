-- SPDX-License-Identifier: GPL-2.0-or-later
-- The card is written; what remains is its proof (order card_prove). Keeps what
-- the card says of itself and answers with the challenge that its keys sign. By
-- night only for temporary cards.
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
    IF p_attestation IS NOT NULL AND EXISTS (SELECT FROM card c WHERE c.token_id = p_token
            AND (c.temporary_until IS NOT NULL OR NOT by_night())) THEN
        p_attestation := attestation_keep(p_token, p_attestation);
    END IF;
    UPDATE card c SET guid = coalesce(p_guid, c.guid),
           -- the keys that were recorded when it was prepared are not the caller's to change
           attestation = c.attestation || (coalesce(p_attestation, '{}') - 'keys'),
           challenge = v_challenge,
           challenge_until = clock_timestamp() + interval '5 minutes',
           changed_at = clock_timestamp(), changed_by = session_user
      FROM token k
     WHERE c.token_id = p_token AND k.id = c.token_id
       AND k.status IN ('pending', 'active') AND c.state IN ('new', 'active')
       AND (c.temporary_until IS NOT NULL OR NOT by_night());
    IF NOT FOUND THEN
        PERFORM refuse('card_not_begun', p_token::text);
    END IF;
    -- How it is known that 9A wants its PIN: it refused to sign without, and
    -- the maker's attestation says so besides.
    IF p_attestation -> 'refused_before_pin' = 'true' THEN
        UPDATE card_key y SET pin_known_by = CASE
                   WHEN p_attestation #>> '{9a,chain}' = 'own'
                    AND (p_attestation #>> '{9a,pin_policy}')::int >= 2 THEN 'refused before PIN, attested'
                   ELSE 'refused before PIN' END
         WHERE y.token_id = p_token AND y.slot = '9a' AND y.pin = 'enforced'
           AND y.revoked_at IS NULL AND y.proven_at IS NULL;
    END IF;
    RETURN jsonb_build_object('id', p_token, 'challenge', encode(v_challenge, 'hex'));
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_challenge(uuid, bytea, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_challenge(uuid, bytea, jsonb) TO sekisho_operator, sekisho_night;
