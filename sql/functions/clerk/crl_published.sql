-- SPDX-License-Identifier: GPL-2.0-or-later
-- Our CA's certificate and CRL if the CRL is newer than that number, to be
-- published by every node.
CREATE OR REPLACE FUNCTION sekisho.crl_published(
    p_than bigint)
    RETURNS TABLE (number bigint, certificate bytea, crl bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT i.crl_number, i.certificate, i.crl FROM issuer i
     WHERE i.kind = 'own' AND i.status = 'active' AND i.crl IS NOT NULL AND i.crl_number <> p_than
$$;
REVOKE ALL ON FUNCTION sekisho.crl_published(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.crl_published(bigint) TO sekisho_clerk;
