-- SPDX-License-Identifier: GPL-2.0-or-later
-- The client of a TLS connection: the one whose name the certificate has, if
-- it comes from where that client is. A name from an unexpected place is
-- nobody, and so is a place without a name.
CREATE OR REPLACE FUNCTION sekisho.client_lookup_tls(
    p_address inet,
    p_names text[])
    RETURNS TABLE (id uuid, version bigint, name text, no_ma boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT c.id, c.version, c.name, coalesce(c.no_ma_until > clock_timestamp(), false)
      FROM client c
     WHERE c.status = 'active' AND c.tls_name <> ''
       AND c.tls_name IN (SELECT lower(n) FROM unnest(p_names) n)
       AND c.address >>= p_address
     ORDER BY masklen(c.address) DESC LIMIT 1
$$;
REVOKE ALL ON FUNCTION sekisho.client_lookup_tls(inet, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.client_lookup_tls(inet, text[]) TO sekisho_authd;
