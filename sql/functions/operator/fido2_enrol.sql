-- SPDX-License-Identifier: GPL-2.0-or-later
-- Records a key that answered a challenge of ours. card-admin has verified what it
-- said (common/crypto/webauthn.h); what the hospital demands of keys is asked here
-- once more, of what it reports. The challenge is spent in the same transaction.
CREATE OR REPLACE FUNCTION sekisho.fido2_enrol(
    p_challenge bytea,
    p_login text,
    p_label text,
    p_credential bytea,
    p_algorithm int,
    p_public_key bytea,
    p_sign_count bigint,
    p_aaguid uuid,
    p_uv text,
    p_backup_eligible boolean,
    p_backed_up boolean,
    p_attestation text,
    p_format text,
    p_origin text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person person;
    v_token uuid := gen_random_uuid();
    v_rp text := (SELECT s.value FROM setting s WHERE s.name = 'fido2.rp_id');
BEGIN
    -- of two at once the second counts the first one's key
    SELECT p.* INTO v_person FROM person p WHERE p.id = person_id_of(p_login) FOR NO KEY UPDATE;
    IF v_rp = '' THEN
        PERFORM refuse('fido2_off', p_login);
    END IF;
    DELETE FROM fido2_challenge c
     WHERE c.challenge = p_challenge AND c.person_id = v_person.id
       AND c.expires_at > clock_timestamp();
    IF NOT FOUND THEN
        PERFORM refuse('challenge_ended', p_login);
    END IF;
    IF v_person.status <> 'active' THEN
        PERFORM refuse('person_not_active', p_login);
    END IF;
    IF (SELECT count(*) FROM token t WHERE t.person_id = v_person.id AND t.method = 'fido2'
         AND t.status <> 'revoked') >= 8 THEN
        PERFORM refuse('fido2_too_many', p_login);
    END IF;
    IF p_backup_eligible AND (SELECT s.value FROM setting s WHERE s.name = 'fido2.syncable') <> 'accept' THEN
        PERFORM refuse('fido2_syncable', p_login);
    END IF;
    IF (SELECT s.value FROM setting s WHERE s.name = 'fido2.attestation') = 'listed' THEN
        IF NOT EXISTS (SELECT FROM fido2_model m WHERE m.aaguid = p_aaguid) THEN
            PERFORM refuse('fido2_model_unlisted', p_aaguid::text);
        ELSIF p_attestation <> 'verified' THEN
            PERFORM refuse('fido2_attestation_missing', p_aaguid::text);
        END IF;
    END IF;
    INSERT INTO token (id, person_id, method, label, status)
    VALUES (v_token, v_person.id, 'fido2', p_label, 'active');
    INSERT INTO fido2_key (token_id, credential_id, algorithm, public_key, sign_count, rp_id,
        aaguid, uv, backup_eligible, backed_up, attestation, format, origin)
    VALUES (v_token, p_credential, p_algorithm, p_public_key, p_sign_count, v_rp,
        p_aaguid, p_uv, p_backup_eligible, p_backed_up, p_attestation, p_format, p_origin)
    ON CONFLICT (key_id) DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse('fido2_known', p_login);
    END IF;
    UPDATE person p SET version = p.version + 1 WHERE p.id = v_person.id;
    PERFORM audit_admin('fido2_enrol', p_login, v_person.id, fido2_json(v_token) - 'credential');
    RETURN fido2_json(v_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_enrol(bytea, text, text, bytea, int, bytea, bigint, uuid, text,
    boolean, boolean, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_enrol(bytea, text, text, bytea, int, bytea, bigint, uuid, text,
    boolean, boolean, text, text, text) TO sekisho_operator;
