-- SPDX-License-Identifier: GPL-2.0-or-later
-- The models of FIDO2 keys that are allowed where fido2.attestation says listed.
CREATE OR REPLACE FUNCTION sekisho.fido2_model_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('aaguid', m.aaguid, 'name', m.name,
            'root', encode(m.root, 'hex'), 'note', m.note, 'added_at', m.added_at,
            'added_by', m.added_by, 'keys', (SELECT count(*) FROM fido2_key k
                WHERE k.aaguid = m.aaguid AND k.state <> 'revoked')) ORDER BY m.name, m.aaguid), '[]')
        FROM fido2_model m);
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_model_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_model_list() TO sekisho_operator, sekisho_auditor;
