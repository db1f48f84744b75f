-- SPDX-License-Identifier: GPL-2.0-or-later
-- A FIDO2 key as operators see it.
CREATE OR REPLACE FUNCTION sekisho.fido2_json(
    p_token uuid)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', t.id, 'login', p.login, 'name', p.name, 'label', t.label,
            'state', k.state, 'status', k.state, 'why', k.why,
            'aaguid', k.aaguid, 'model', m.name, 'uv', k.uv, 'attestation', k.attestation,
            'format', k.format, 'algorithm', k.algorithm, 'backup_eligible', k.backup_eligible,
            'backed_up', k.backed_up, 'sign_count', k.sign_count, 'origin', k.origin, 'rp_id', k.rp_id,
            'credential', encode(k.credential_id, 'hex'),
            'counts', fido2_fault(t, k, s.value) IS NULL, 'fault', fido2_fault(t, k, s.value),
            'created_at', t.created_at, 'created_by', t.created_by,
            'changed_at', k.changed_at, 'changed_by', k.changed_by)
      FROM fido2_key k JOIN token t ON t.id = k.token_id JOIN person p ON p.id = t.person_id
           LEFT JOIN fido2_model m ON m.aaguid = k.aaguid
           JOIN setting s ON s.name = 'fido2.rp_id'
     WHERE k.token_id = p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_json(uuid) FROM PUBLIC;
