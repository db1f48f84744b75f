-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether what cards and FIDO2 keys proved in earlier rounds of a login still stands: each has
-- a key that counts now. A card may have been revoked, its issuer retired, or
-- its time have passed between two rounds.
CREATE OR REPLACE FUNCTION sekisho.card_evidence_counts(
    p_evidence jsonb, p_at timestamptz)
    RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM jsonb_array_elements(p_evidence) e
         WHERE e ->> 'method' IN ('card', 'pin') AND NOT EXISTS (
            SELECT FROM card_key k JOIN card d ON d.token_id = k.token_id
                   JOIN token t ON t.id = k.token_id
                   LEFT JOIN issuer i ON i.id = k.issuer_id
             WHERE k.token_id = (e ->> 'token')::uuid
               AND card_fault(t, d, k, i, p_at) IS NULL))
        AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(p_evidence) e
         WHERE e ->> 'method' IN ('fido2', 'uv') AND NOT EXISTS (
            SELECT FROM fido2_key k JOIN token t ON t.id = k.token_id
             WHERE k.token_id = (e ->> 'token')::uuid AND fido2_fault(t, k,
                (SELECT s.value FROM setting s WHERE s.name = 'fido2.rp_id')) IS NULL));
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_evidence_counts(jsonb, timestamptz) FROM PUBLIC;
