-- SPDX-License-Identifier: GPL-2.0-or-later
-- Keeps a batch that was signed; false if another sealer was faster.
CREATE OR REPLACE FUNCTION sekisho.audit_seal_store(
    p_batch bigint, p_first bigint, p_last bigint, p_leaves bytea, p_statement text, p_signature bytea, p_node text)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    PERFORM FROM audit_mark FOR UPDATE;
    IF p_batch <> (SELECT coalesce(max(s.batch), 0) + 1 FROM audit_seal s)
       OR p_first <> (SELECT coalesce(max(s.last_id), 0) + 1 FROM audit_seal s) THEN
        RETURN false;
    END IF;
    INSERT INTO audit_seal (batch, first_id, last_id, leaves, statement, signature, node)
    VALUES (p_batch, p_first, p_last, p_leaves, p_statement, p_signature, p_node);
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION sekisho.audit_seal_store(bigint, bigint, bigint, bytea, text, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.audit_seal_store(bigint, bigint, bigint, bytea, text, bytea, text) TO sekisho_clerk;
