-- SPDX-License-Identifier: GPL-2.0-or-later
-- The keys of a card that are not revoked, proven or not.
CREATE OR REPLACE FUNCTION sekisho.card_keys(
    p_token uuid)
    RETURNS TABLE (id uuid, key_id bytea, spki bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT k.id, k.key_id, k.spki FROM card_key k
     WHERE k.token_id = p_token AND k.revoked_at IS NULL ORDER BY k.slot LIMIT 32
$$;
REVOKE ALL ON FUNCTION sekisho.card_keys(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_keys(uuid) TO sekisho_authd;
