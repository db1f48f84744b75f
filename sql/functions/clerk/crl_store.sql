-- SPDX-License-Identifier: GPL-2.0-or-later
-- Keeps a CRL of our own CA; false if another came between.
CREATE OR REPLACE FUNCTION sekisho.crl_store(
    p_issuer uuid,
    p_number bigint,
    p_crl bytea,
    p_this bigint,
    p_next bigint)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    UPDATE issuer i SET crl = p_crl, crl_number = p_number,
           crl_this = to_timestamp(p_this), crl_next = to_timestamp(p_next)
     WHERE i.id = p_issuer AND i.kind = 'own' AND i.crl_number = p_number - 1;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO audit (kind, outcome, reason, detail)
    SELECT 'system', 'done', 'crl_made', jsonb_build_object('issuer', i.name, 'number', p_number,
        'next', i.crl_next) FROM issuer i WHERE i.id = p_issuer;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION sekisho.crl_store(uuid, bigint, bytea, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.crl_store(uuid, bigint, bytea, bigint, bigint) TO sekisho_clerk;
