-- SPDX-License-Identifier: GPL-2.0-or-later
-- Our own CA: its certificate as it is now; no row before "ca init".
CREATE OR REPLACE FUNCTION sekisho.ca_issuer()
    RETURNS TABLE (id uuid, name text, certificate bytea, key_label text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT i.id, i.name, i.certificate, i.key_label FROM issuer i
     WHERE i.kind = 'own' AND i.status = 'active' 
$$;
REVOKE ALL ON FUNCTION sekisho.ca_issuer() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.ca_issuer() TO sekisho_clerk;
