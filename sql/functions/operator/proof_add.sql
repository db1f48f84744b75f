-- SPDX-License-Identifier: GPL-2.0-or-later
-- An entry in the ledger (guideline C.14 (2)): who was known, by which documents,
-- by whom, with copies of them. p_copies: [{"name", "sha256", "octets"}], the
-- octets in base64. An officer does not vouch for himself.
CREATE OR REPLACE FUNCTION sekisho.proof_add(
    p_login text,
    p_purpose text,
    p_method text,
    p_documents text,
    p_note text DEFAULT '',
    p_second text DEFAULT '',
    p_copies jsonb DEFAULT '[]',
    p_corrects bigint DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid := person_id_of(p_login);
    v_proof bigint;
    v_copy jsonb;
    v_octets bytea;
BEGIN
    IF length(btrim(coalesce(p_documents, ''))) < 3 THEN
        PERFORM refuse('identity_proof_missing', p_login);
    END IF;
    IF p_login = session_user THEN
        PERFORM refuse('identity_proof_own', p_login);
    END IF;
    IF p_second = session_user THEN
        PERFORM refuse('identity_proof_second', p_second);
    END IF;
    IF p_corrects IS NOT NULL AND NOT EXISTS (SELECT FROM identity_proof i
         WHERE i.id = p_corrects AND i.person_id = v_id) THEN
        PERFORM refuse('identity_proof_unknown', p_corrects::text);
    END IF;
    INSERT INTO identity_proof (person_id, login, purpose, method, documents, note, second_verifier, corrects,
        used_at)
    VALUES (v_id, p_login, p_purpose, p_method, p_documents, p_note, p_second, p_corrects,
        -- a correction opens nothing
        CASE WHEN p_corrects IS NOT NULL THEN clock_timestamp() END)
    RETURNING id INTO v_proof;
    FOR v_copy IN SELECT x FROM jsonb_array_elements(p_copies) x LOOP
        v_octets := decode(v_copy ->> 'octets', 'base64');
        IF encode(sha256(v_octets), 'hex') IS DISTINCT FROM v_copy ->> 'sha256' THEN
            PERFORM refuse('identity_copy_broken', v_copy ->> 'name');
        END IF;
        INSERT INTO identity_copy (proof_id, name, sha256, octets)
        VALUES (v_proof, v_copy ->> 'name', sha256(v_octets), v_octets);
    END LOOP;
    -- the digests stand in the audit as well, so an exchanged copy is found
    PERFORM audit_admin('identity_proof', p_login, v_id, proof_json(v_proof));
    RETURN proof_json(v_proof);
END
$$;
REVOKE ALL ON FUNCTION sekisho.proof_add(text, text, text, text, text, text, jsonb, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.proof_add(text, text, text, text, text, text, jsonb, bigint) TO sekisho_operator;
