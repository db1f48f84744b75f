-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a challenge says to a client that has FIDO2 keys: for which domain, whether
-- the user must be verified, and which credentials the person has: of each its
-- length in two octets and its id, the newest first; nobody has more than eight,
-- which a packet holds. No row where there is no FIDO2 or the policy does not
-- count it. Inlined into what asks: a call of its own took as long as the rest of
-- a first round.
CREATE OR REPLACE FUNCTION sekisho.fido2_offer_of(
    p_methods text[], p_uv text, p_person uuid)
    RETURNS TABLE (rp_id text, user_verification text, credentials bytea)
    LANGUAGE sql STABLE
AS $$
    SELECT s.value, p_uv, coalesce((
            SELECT string_agg(int2send(octet_length(k.credential_id)::int2) || k.credential_id, ''
                       ORDER BY t.created_at DESC, t.id)
              FROM sekisho.token t JOIN sekisho.fido2_key k ON k.token_id = t.id
             WHERE t.person_id = p_person AND t.method = 'fido2'
               AND sekisho.fido2_fault(t, k, s.value) IS NULL), '')
      FROM sekisho.setting s
     WHERE s.name = 'fido2.rp_id' AND s.value <> '' AND p_methods @> '{fido2}'
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_offer_of(text[], text, uuid) FROM PUBLIC;
