-- SPDX-License-Identifier: GPL-2.0-or-later
-- Boxes sealed to an older key, to be sealed anew.
CREATE OR REPLACE FUNCTION sekisho.boxes_old(
    p_limit int DEFAULT 100)
    RETURNS TABLE (kind text, owner text, id uuid, box bytea, key_version int)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT 'password', v.person_id::text, v.id, v.sealed, v.key_version
      FROM verifier v, keyring_key c
     WHERE c.status = 'current' AND v.key_version <> c.version AND v.status = 'active'
    UNION ALL
    SELECT 'totp', k.person_id || '/' || k.id, k.id, k.sealed, k.key_version
      FROM token k, keyring_key c
     WHERE c.status = 'current' AND k.key_version <> c.version
       AND k.method = 'totp' AND k.status <> 'revoked'
    UNION ALL
    SELECT 'client', l.id::text, l.id, l.sealed, l.key_version
      FROM client l, keyring_key c
     WHERE c.status = 'current' AND l.key_version <> c.version AND l.status = 'active'
    UNION ALL
    SELECT 'puk', d.token_id::text, d.token_id, d.puk, d.puk_version
      FROM card d, keyring_key c
     WHERE c.status = 'current' AND d.puk_version <> c.version AND d.puk IS NOT NULL
    UNION ALL
    SELECT 'puk', d.token_id::text, d.token_id, d.puk_next, d.puk_next_version
      FROM card d, keyring_key c
     WHERE c.status = 'current' AND d.puk_next_version <> c.version AND d.puk_next IS NOT NULL
    UNION ALL
    SELECT 'management', d.token_id::text, d.token_id, d.management, d.management_version
      FROM card d, keyring_key c
     WHERE c.status = 'current' AND d.management_version <> c.version AND d.management IS NOT NULL
    LIMIT p_limit
$$;
REVOKE ALL ON FUNCTION sekisho.boxes_old(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.boxes_old(int) TO sekisho_clerk;
