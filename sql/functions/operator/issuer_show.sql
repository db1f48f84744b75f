-- SPDX-License-Identifier: GPL-2.0-or-later
-- One issuer with its certificate and CRL; without a name our own CA.
CREATE OR REPLACE FUNCTION sekisho.issuer_show(
    p_name text DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_issuer issuer;
BEGIN
    SELECT i.* INTO v_issuer FROM issuer i
     WHERE CASE WHEN p_name IS NULL THEN i.kind = 'own' AND i.status = 'active'
                ELSE i.name = p_name END;
    IF v_issuer.id IS NULL AND p_name IS NULL THEN
        PERFORM refuse('ca_missing', '');
    ELSIF v_issuer.id IS NULL THEN
        PERFORM refuse('issuer_unknown', p_name);
    END IF;
    RETURN issuer_json(v_issuer, true);
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_show(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.issuer_show(text) TO sekisho_operator, sekisho_auditor, sekisho_refresh;
