-- SPDX-License-Identifier: GPL-2.0-or-later
-- A maker whose word about the keys in its cards is believed from now on.
CREATE OR REPLACE FUNCTION sekisho.attestation_add(
    p_name text,
    p_certificate bytea)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_root attestation_root;
BEGIN
    -- the clerk looks at no more
    IF (SELECT count(*) FROM attestation_root) >= 64 THEN
        PERFORM refuse('attestation_too_many', p_name);
    END IF;
    INSERT INTO attestation_root (name, certificate) VALUES (p_name, p_certificate)
    ON CONFLICT DO NOTHING RETURNING * INTO v_root;
    IF v_root.name IS NULL THEN
        PERFORM refuse('attestation_exists', p_name);
    END IF;
    PERFORM audit_admin('attestation_add', NULL, NULL, jsonb_build_object('name', p_name,
        'certificate', encode(sha256(p_certificate), 'hex')));
    RETURN jsonb_build_object('name', v_root.name, 'fingerprint', encode(sha256(v_root.certificate), 'hex'),
        'created_at', v_root.created_at, 'created_by', v_root.created_by);
END
$$;
REVOKE ALL ON FUNCTION sekisho.attestation_add(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attestation_add(text, bytea) TO sekisho_operator;
