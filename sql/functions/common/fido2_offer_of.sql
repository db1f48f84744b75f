-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a challenge says to a client that has FIDO2 keys: for which domain, whether
-- the user must be verified, and which credentials the person has: of each its
-- length in two octets and its id, the newest first, as many as a packet holds.
-- All NULL where there is no FIDO2 or the policy does not count it.
CREATE OR REPLACE FUNCTION sekisho.fido2_offer_of(
    p_ground sekisho.attempt_view,
    OUT rp_id text, OUT user_verification text, OUT credentials bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_one bytea;
BEGIN
    IF NOT p_ground.policy_methods @> '{fido2}' THEN
        RETURN;
    END IF;
    SELECT nullif(s.value, '') INTO rp_id FROM setting s WHERE s.name = 'fido2.rp_id';
    IF rp_id IS NULL THEN
        RETURN;
    END IF;
    user_verification := p_ground.fido2_uv;
    credentials := '';
    IF p_ground.person_usable THEN
        FOR v_one IN SELECT k.credential_id FROM token t JOIN fido2_key k ON k.token_id = t.id
              WHERE t.person_id = p_ground.person_id AND t.method = 'fido2'
                AND fido2_fault(t, k, fido2_offer_of.rp_id) IS NULL
              ORDER BY t.created_at DESC, t.id LIMIT 8 LOOP
            EXIT WHEN octet_length(credentials) + octet_length(v_one) > 3000;
            credentials := credentials || int2send(octet_length(v_one)::int2) || v_one;
        END LOOP;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_offer_of(sekisho.attempt_view) FROM PUBLIC;
