-- SPDX-License-Identifier: GPL-2.0-or-later
-- A challenge for the registration of one key of this person, good once and for so
-- many minutes, with what else a key or a browser has to be told.
CREATE OR REPLACE FUNCTION sekisho.fido2_begin(
    p_login text,
    p_minutes int)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_person person;
    v_rp text := (SELECT s.value FROM setting s WHERE s.name = 'fido2.rp_id');
    v_challenge bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    v_until timestamptz := v_now + make_interval(mins => p_minutes);
BEGIN
    IF v_rp = '' THEN
        PERFORM refuse('fido2_off', p_login);
    END IF;
    IF p_minutes IS NULL OR NOT p_minutes BETWEEN 1 AND 1440 THEN
        PERFORM refuse('fido2_minutes', p_minutes::text);
    END IF;
    SELECT p.* INTO v_person FROM person p WHERE p.id = person_id_of(p_login);
    IF v_person.status <> 'active' THEN
        PERFORM refuse('person_not_active', p_login);
    END IF;
    IF (SELECT count(*) FROM token t WHERE t.person_id = v_person.id AND t.method = 'fido2'
         AND t.status <> 'revoked') >= 8 THEN
        PERFORM refuse('fido2_too_many', p_login);
    END IF;
    -- two random numbers of version 4 hold 244 random bits; all 256 look alike
    v_challenge := sha256(v_challenge || uuid_send(gen_random_uuid()));
    INSERT INTO fido2_challenge (challenge, person_id, expires_at)
    VALUES (v_challenge, v_person.id, v_until);
    PERFORM audit_admin('fido2_begin', p_login, v_person.id, jsonb_build_object('until', v_until));
    RETURN jsonb_build_object('challenge', encode(v_challenge, 'hex'), 'until', v_until,
        'person', v_person.id, 'login', v_person.login, 'name', v_person.name, 'rp_id', v_rp,
        'origins', (SELECT to_jsonb(CASE WHEN s.value = '' THEN ARRAY['https://' || v_rp]
                ELSE string_to_array(s.value, ' ') END) FROM setting s WHERE s.name = 'fido2.origins'),
        'syncable', (SELECT s.value = 'accept' FROM setting s WHERE s.name = 'fido2.syncable'),
        'attestation', (SELECT s.value FROM setting s WHERE s.name = 'fido2.attestation'),
        'models', fido2_model_list(),
        'exclude', (SELECT coalesce(jsonb_agg(encode(k.credential_id, 'hex') ORDER BY t.created_at), '[]')
            FROM token t JOIN fido2_key k ON k.token_id = t.id
           WHERE t.person_id = v_person.id AND t.status <> 'revoked'));
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_begin(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_begin(text, int) TO sekisho_operator;
