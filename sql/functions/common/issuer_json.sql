-- SPDX-License-Identifier: GPL-2.0-or-later
-- One issuer as card-admin shows it, with certificate and CRL in base64 where
-- they are wanted.
CREATE OR REPLACE FUNCTION sekisho.issuer_json(
    p_issuer sekisho.issuer,
    p_whole boolean DEFAULT false)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('id', p_issuer.id, 'name', p_issuer.name, 'kind', p_issuer.kind,
        'revocation', p_issuer.revocation, 'status', p_issuer.status, 'url', p_issuer.url,
        'crl_number', p_issuer.crl_number, 'crl_this', p_issuer.crl_this,
        'crl_next', p_issuer.crl_next,
        'counts', p_issuer.status = 'active' AND (p_issuer.revocation IN ('own', 'none', 'ocsp')
            OR coalesce(p_issuer.crl_next > clock_timestamp(), false)),
        'keys', (SELECT count(*) FROM card_key k WHERE k.issuer_id = p_issuer.id
                    AND k.revoked_at IS NULL),
        -- ocsp: each key counts by itself
        'keys_good', CASE WHEN p_issuer.revocation = 'ocsp' THEN
            (SELECT count(*) FROM card_key k WHERE k.issuer_id = p_issuer.id
                AND k.revoked_at IS NULL AND k.status_until > clock_timestamp()) END,
        'created_at', p_issuer.created_at, 'created_by', p_issuer.created_by)
        || CASE WHEN p_whole THEN jsonb_build_object(
            'certificate', translate(encode(p_issuer.certificate, 'base64'), E'\n', ''),
            'crl', translate(encode(p_issuer.crl, 'base64'), E'\n', '')) ELSE '{}' END;
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_json(sekisho.issuer, boolean) FROM PUBLIC;
