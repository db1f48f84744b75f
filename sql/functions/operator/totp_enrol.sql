-- SPDX-License-Identifier: GPL-2.0-or-later
-- Stores a sealed seed. The token stays inert until its holder proves a code
-- (order totp_confirm). A right of its own: whoever enrols has seen the seed.
CREATE OR REPLACE FUNCTION sekisho.totp_enrol(
    p_login text,
    p_id uuid,
    p_label text,
    p_algorithm text,
    p_digits int,
    p_period int,
    p_sealed bytea,
    p_key_version int)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    v_id := person_id_of(p_login);
    IF (SELECT count(*) FROM token k WHERE k.person_id = v_id
           AND k.method = 'totp' AND k.status IN ('pending', 'active', 'suspended')) >= 8 THEN
        PERFORM refuse('too_many_tokens', p_login);
    END IF;
    IF (p_algorithm, p_digits, p_period, p_sealed, p_key_version) IS NOT NULL IS NOT TRUE THEN
        RAISE EXCEPTION 'a totp token needs all of its parameters';
    END IF;
    INSERT INTO token (id, person_id, method, label, algorithm, digits, period,
        sealed, key_version)
    VALUES (p_id, v_id, 'totp', p_label, p_algorithm, p_digits, p_period,
        p_sealed, p_key_version);
    PERFORM audit_admin('totp_enrol', p_login, v_id, jsonb_build_object(
        'token', p_id, 'label', p_label));
    RETURN jsonb_build_object('id', p_id, 'status', 'pending');
END
$$;
REVOKE ALL ON FUNCTION sekisho.totp_enrol(text, uuid, text, text, int, int, bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.totp_enrol(text, uuid, text, text, int, int, bytea, int) TO sekisho_enrolment;
