-- SPDX-License-Identifier: GPL-2.0-or-later
-- The keys of which an issuer's OCSP responder is to be asked, the most urgent
-- first, and the moment: the database's clock judges the answers, as all else.
-- What can never count again is not asked about.
CREATE OR REPLACE FUNCTION sekisho.issuer_keys(
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_issuer uuid;
BEGIN
    SELECT i.id INTO v_issuer FROM issuer i
     WHERE i.name = p_name AND i.status = 'active' AND i.revocation = 'ocsp';
    IF v_issuer IS NULL THEN
        PERFORM refuse('issuer_without_ocsp', p_name);
    END IF;
    RETURN (SELECT jsonb_build_object('now', floor(extract(epoch FROM clock_timestamp()))::bigint,
        'keys', coalesce(jsonb_agg(jsonb_build_object('id', k.id,
                'serial', encode(k.serial, 'hex'), 'until', k.status_until,
                'certificate', translate(encode(k.certificate, 'base64'), E'\n', ''))
                ORDER BY k.status_until NULLS FIRST, k.created_at, k.id), '[]'))
              FROM card_key k JOIN token t ON t.id = k.token_id
             WHERE k.issuer_id = v_issuer AND k.revoked_at IS NULL AND k.certificate IS NOT NULL
               AND k.valid_until > clock_timestamp() AND t.status <> 'revoked');
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_keys(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.issuer_keys(text) TO sekisho_operator, sekisho_refresh;
