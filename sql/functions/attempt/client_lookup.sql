-- SPDX-License-Identifier: GPL-2.0-or-later
-- The client of an address: the narrowest network wins.
CREATE OR REPLACE FUNCTION sekisho.client_lookup(
    p_address inet)
    RETURNS TABLE (id uuid, version bigint, name text, sealed bytea, key_version int, no_ma boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT c.id, c.version, c.name, c.sealed, c.key_version,
           coalesce(c.no_ma_until > clock_timestamp(), false)
      FROM client c
     WHERE c.status = 'active' AND c.address >>= p_address
     ORDER BY masklen(c.address) DESC LIMIT 1
$$;
REVOKE ALL ON FUNCTION sekisho.client_lookup(inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.client_lookup(inet) TO sekisho_authd;
