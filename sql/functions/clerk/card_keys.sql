-- SPDX-License-Identifier: GPL-2.0-or-later
-- The keys of a card that are not revoked, proven or not. Where another issuer
-- certified one, with what its path is to be validated against.
CREATE OR REPLACE FUNCTION sekisho.card_keys(
    p_token uuid)
    RETURNS TABLE (id uuid, key_id bytea, spki bytea, certificate bytea,
        anchor bytea, crl bytea, unchecked boolean, now_epoch bigint, slot text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT k.id, k.key_id, k.spki, k.certificate,
           CASE WHEN i.kind = 'other' THEN i.certificate END,
           CASE WHEN i.revocation = 'crl' THEN i.crl END,
           -- ocsp: whoever asks the responder tells issuer_status, and before
           -- that no login is possible (card_fault)
           i.revocation IN ('none', 'ocsp'),
           floor(extract(epoch FROM clock_timestamp()))::bigint, k.slot
      FROM card_key k LEFT JOIN issuer i ON i.id = k.issuer_id
     WHERE k.token_id = p_token AND k.revoked_at IS NULL ORDER BY k.slot LIMIT 32
$$;
REVOKE ALL ON FUNCTION sekisho.card_keys(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_keys(uuid) TO sekisho_authd;
