-- SPDX-License-Identifier: GPL-2.0-or-later
-- One entry of the ledger, with what its copies are called and their digests.
CREATE OR REPLACE FUNCTION sekisho.proof_json(
    p_proof bigint)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', i.id, 'at', i.at, 'login', i.login, 'name', p.name,
            'purpose', i.purpose, 'method', i.method, 'documents', i.documents, 'note', i.note,
            'verifier', i.verifier, 'second_verifier', i.second_verifier, 'corrects', i.corrects,
            'used_at', i.used_at,
            'copies', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name,
                    'sha256', encode(c.sha256, 'hex'), 'size', octet_length(c.octets)) ORDER BY c.id), '[]')
                FROM identity_copy c WHERE c.proof_id = i.id))
       FROM identity_proof i JOIN person p ON p.id = i.person_id WHERE i.id = p_proof);
END
$$;
REVOKE ALL ON FUNCTION sekisho.proof_json(bigint) FROM PUBLIC;
