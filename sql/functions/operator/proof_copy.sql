-- SPDX-License-Identifier: GPL-2.0-or-later
-- A copy of a document, for who says why; looking at it is written down.
CREATE OR REPLACE FUNCTION sekisho.proof_copy(
    p_copy bigint,
    p_why text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_copy identity_copy;
    v_proof identity_proof;
BEGIN
    IF coalesce(btrim(p_why), '') = '' THEN
        PERFORM refuse('why_missing', p_copy::text);
    END IF;
    SELECT c.* INTO v_copy FROM identity_copy c WHERE c.id = p_copy;
    IF v_copy.id IS NULL THEN
        PERFORM refuse('identity_proof_unknown', p_copy::text);
    END IF;
    SELECT i.* INTO v_proof FROM identity_proof i WHERE i.id = v_copy.proof_id;
    PERFORM audit_admin('identity_copy', v_proof.login, v_proof.person_id,
        jsonb_build_object('copy', p_copy, 'proof', v_proof.id, 'why', left(p_why, 500)));
    RETURN jsonb_build_object('name', v_copy.name, 'sha256', encode(v_copy.sha256, 'hex'),
        'intact', sha256(v_copy.octets) = v_copy.sha256, 'octets', encode(v_copy.octets, 'base64'));
END
$$;
REVOKE ALL ON FUNCTION sekisho.proof_copy(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.proof_copy(bigint, text) TO sekisho_operator, sekisho_auditor;
