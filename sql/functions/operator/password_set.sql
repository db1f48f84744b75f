-- SPDX-License-Identifier: GPL-2.0-or-later
-- A new password: card-admin hashed it, and sealed the tag to the keyring.
-- p_min_chars: the longest rule that it met, as card-admin says, which alone saw it.
-- Ends logins in progress; attempts under evaluation refuse themselves.
CREATE OR REPLACE FUNCTION sekisho.password_set(
    p_login text,
    p_id uuid,
    p_salt bytea,
    p_opslimit int,
    p_memlimit_kib int,
    p_sealed bytea,
    p_key_version int,
    p_must_change boolean DEFAULT false,
    p_min_chars int DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    v_id := person_id_of(p_login);
    PERFORM FROM person p WHERE p.id = v_id FOR UPDATE;
    UPDATE verifier v SET status = 'revoked'
     WHERE v.person_id = v_id AND v.status = 'active';
    INSERT INTO verifier (id, person_id, salt, opslimit, memlimit_kib, sealed,
        key_version, must_change, min_chars)
    VALUES (p_id, v_id, p_salt, p_opslimit, p_memlimit_kib, p_sealed,
        p_key_version, p_must_change, p_min_chars);
    UPDATE person p SET version = p.version + 1 WHERE p.id = v_id;
    DELETE FROM login l WHERE l.person_id = v_id;
    -- a new secret is the rebinding that a hard stop asks for
    UPDATE throttle t SET failures = 0, total = 0, not_before = NULL, hard = NULL,
                          digests = '{}'
     WHERE t.subject = v_id AND t.category = 'knowledge';
    PERFORM audit_admin('password_set', p_login, v_id);
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_set(text, uuid, bytea, int, int, bytea, int, boolean, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.password_set(text, uuid, bytea, int, int, bytea, int, boolean, int) TO sekisho_operator;
