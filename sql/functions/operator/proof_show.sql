-- SPDX-License-Identifier: GPL-2.0-or-later
-- One entry of the ledger.
CREATE OR REPLACE FUNCTION sekisho.proof_show(
    p_proof bigint)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_proof jsonb := proof_json(p_proof);
BEGIN
    IF v_proof IS NULL THEN
        PERFORM refuse('identity_proof_unknown', p_proof::text);
    END IF;
    RETURN v_proof;
END
$$;
REVOKE ALL ON FUNCTION sekisho.proof_show(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.proof_show(bigint) TO sekisho_operator, sekisho_auditor;
