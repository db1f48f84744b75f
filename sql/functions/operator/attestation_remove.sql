-- SPDX-License-Identifier: GPL-2.0-or-later
-- A maker's word is believed no more. Cards that were proven with it stay what
-- they are.
CREATE OR REPLACE FUNCTION sekisho.attestation_remove(
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    DELETE FROM attestation_root r WHERE r.name = p_name;
    IF NOT FOUND THEN
        PERFORM refuse('attestation_unknown', p_name);
    END IF;
    PERFORM audit_admin('attestation_remove', NULL, NULL, jsonb_build_object('name', p_name));
    RETURN jsonb_build_object('name', p_name);
END
$$;
REVOKE ALL ON FUNCTION sekisho.attestation_remove(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attestation_remove(text) TO sekisho_operator;
