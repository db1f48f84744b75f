-- SPDX-License-Identifier: GPL-2.0-or-later
-- Lets cards of another issuer be bound. What revokes them: its CRLs, which
-- are to be loaded (issuer_crl) before any of its keys counts; its OCSP
-- responder, which is asked about each key (issuer_status) before that one
-- counts; or nothing, for cards that are bare keys to us.
CREATE OR REPLACE FUNCTION sekisho.issuer_add(
    p_name text,
    p_certificate bytea,
    p_revocation text,
    p_url text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_issuer issuer;
BEGIN
    IF p_revocation NOT IN ('crl', 'ocsp', 'none') THEN
        PERFORM refuse('revocation_unsupported', p_revocation);
    END IF;
    IF p_url <> '' AND p_url !~ '^https?://[^/]' OR p_url = '' AND p_revocation = 'ocsp' THEN
        PERFORM refuse('issuer_url', p_url);
    END IF;
    IF EXISTS (SELECT FROM issuer i WHERE i.status = 'active' AND i.certificate = p_certificate) THEN
        PERFORM refuse('issuer_exists', p_name);
    END IF;
    INSERT INTO issuer (name, kind, certificate, revocation, url)
    VALUES (p_name, CASE p_revocation WHEN 'none' THEN 'bare' ELSE 'other' END,
        p_certificate, p_revocation, p_url)
    ON CONFLICT (name) DO NOTHING RETURNING * INTO v_issuer;
    IF v_issuer.id IS NULL THEN
        PERFORM refuse('issuer_exists', p_name);
    END IF;
    PERFORM audit_admin('issuer_add', NULL, NULL, jsonb_build_object('issuer', p_name,
        'certificate', encode(sha256(p_certificate), 'hex'), 'revocation', p_revocation));
    RETURN issuer_json(v_issuer);
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_add(text, bytea, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.issuer_add(text, bytea, text, text) TO sekisho_operator;
