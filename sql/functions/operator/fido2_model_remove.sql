-- SPDX-License-Identifier: GPL-2.0-or-later
-- Allows a model no more, for new keys; those that are enrolled stay.
CREATE OR REPLACE FUNCTION sekisho.fido2_model_remove(
    p_aaguid uuid)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_old jsonb := (SELECT x FROM jsonb_array_elements(fido2_model_list()) x
                     WHERE x ->> 'aaguid' = p_aaguid::text);
BEGIN
    DELETE FROM fido2_model m WHERE m.aaguid = p_aaguid;
    IF NOT FOUND THEN
        PERFORM refuse('fido2_model_unknown', p_aaguid::text);
    END IF;
    PERFORM audit_admin('fido2_model_remove', NULL, NULL, v_old - 'root');
    RETURN v_old - 'root';
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_model_remove(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_model_remove(uuid) TO sekisho_operator;
