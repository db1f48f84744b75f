-- SPDX-License-Identifier: GPL-2.0-or-later
-- The makers whose word about keys is believed.
CREATE OR REPLACE FUNCTION sekisho.attestation_list()
    RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', r.name,
        'fingerprint', encode(sha256(r.certificate), 'hex'),
        'certificate', translate(encode(r.certificate, 'base64'), E'\n', ''),
        'created_at', r.created_at, 'created_by', r.created_by) ORDER BY r.name), '[]')
      FROM attestation_root r
$$;
REVOKE ALL ON FUNCTION sekisho.attestation_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attestation_list() TO sekisho_operator, sekisho_auditor;
