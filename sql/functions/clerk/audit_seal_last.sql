-- SPDX-License-Identifier: GPL-2.0-or-later
-- The newest batch, to be anchored again by a clerk that begins: its predecessor
-- may have been killed between the commit and the anchor.
CREATE OR REPLACE FUNCTION sekisho.audit_seal_last()
    RETURNS TABLE (statement text, signature bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT s.statement, s.signature FROM audit_seal s ORDER BY s.batch DESC LIMIT 1
$$;
REVOKE ALL ON FUNCTION sekisho.audit_seal_last() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.audit_seal_last() TO sekisho_clerk;
