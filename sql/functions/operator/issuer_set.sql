-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes where an issuer's CRL or OCSP responder is asked for. What they say is
-- signed, so the address decides nothing but whether it can be had.
CREATE OR REPLACE FUNCTION sekisho.issuer_set(
    p_name text,
    p_url text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_issuer issuer;
    v_before text;
BEGIN
    SELECT i.* INTO v_issuer FROM issuer i
     WHERE i.name = p_name AND i.status = 'active' AND i.kind <> 'own' FOR UPDATE;
    IF v_issuer.id IS NULL THEN
        PERFORM refuse('issuer_unknown', p_name);
    END IF;
    IF p_url <> '' AND p_url !~ '^https?://[^/]'
        OR p_url = '' AND v_issuer.revocation = 'ocsp'
        OR p_url <> '' AND v_issuer.revocation = 'none' THEN
        PERFORM refuse('issuer_url', p_url);
    END IF;
    v_before := v_issuer.url;
    UPDATE issuer i SET url = p_url WHERE i.id = v_issuer.id RETURNING i.* INTO v_issuer;
    PERFORM audit_admin('issuer_set', NULL, NULL,
        jsonb_build_object('issuer', p_name, 'url', p_url, 'before', v_before));
    RETURN issuer_json(v_issuer);
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_set(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.issuer_set(text, text) TO sekisho_operator;
