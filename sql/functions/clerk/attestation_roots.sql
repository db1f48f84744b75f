-- SPDX-License-Identifier: GPL-2.0-or-later
-- The makers whose word about keys is believed.
CREATE OR REPLACE FUNCTION sekisho.attestation_roots()
    RETURNS TABLE (certificate bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT r.certificate FROM attestation_root r ORDER BY r.name LIMIT 64
$$;
REVOKE ALL ON FUNCTION sekisho.attestation_roots() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attestation_roots() TO sekisho_clerk;
