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
BEGIN
    IF NOT p_ground.policy_methods @> '{fido2}' THEN
        RETURN;
    END IF;
    SELECT s.value, p_ground.fido2_uv, coalesce((
            SELECT string_agg(int2send(octet_length(q.credential_id)::int2) || q.credential_id, '' ORDER BY q.n)
              FROM (SELECT k.credential_id, row_number() OVER w AS n,
                           sum(octet_length(k.credential_id) + 2) OVER w AS octets
                      FROM token t JOIN fido2_key k ON k.token_id = t.id
                     WHERE p_ground.person_usable AND t.person_id = p_ground.person_id
                       AND t.method = 'fido2' AND fido2_fault(t, k, s.value) IS NULL
                    WINDOW w AS (ORDER BY t.created_at DESC, t.id)) q
             WHERE q.octets <= 3000), '')
      INTO rp_id, user_verification, credentials
      FROM setting s WHERE s.name = 'fido2.rp_id' AND s.value <> '';
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_offer_of(sekisho.attempt_view) FROM PUBLIC;
