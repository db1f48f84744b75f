-- SPDX-License-Identifier: GPL-2.0-or-later
-- What is sealed of some ids, in their order.
CREATE OR REPLACE FUNCTION sekisho.audit_seal_rows(p_first bigint, p_last bigint)
    RETURNS TABLE (id bigint, leaf text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT a.id, audit_leaf(a) FROM audit a WHERE a.id BETWEEN p_first AND p_last ORDER BY a.id
$$;
REVOKE ALL ON FUNCTION sekisho.audit_seal_rows(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.audit_seal_rows(bigint, bigint) TO sekisho_clerk;
