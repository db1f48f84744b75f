-- SPDX-License-Identifier: GPL-2.0-or-later
-- The same password hashed at today's cost, after a login proved it. Only if
-- the verifier that was proven is still the active one.
CREATE OR REPLACE FUNCTION sekisho.verifier_rehash(
    p_person uuid,
    p_old uuid,
    p_id uuid,
    p_salt bytea,
    p_opslimit int,
    p_memlimit_kib int,
    p_sealed bytea,
    p_key_version int)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_old verifier;
BEGIN
    UPDATE verifier v SET status = 'revoked'
     WHERE v.id = p_old AND v.person_id = p_person AND v.status = 'active'
     RETURNING v.* INTO v_old;
    IF v_old.id IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO verifier (id, person_id, salt, opslimit, memlimit_kib, sealed,
        key_version, must_change, set_at, set_by)
    VALUES (p_id, p_person, p_salt, p_opslimit, p_memlimit_kib, p_sealed,
        p_key_version, v_old.must_change, v_old.set_at, v_old.set_by);
    INSERT INTO audit (kind, person_id, outcome, reason)
    VALUES ('system', p_person, 'done', 'password_rehashed');
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION sekisho.verifier_rehash(uuid, uuid, uuid, bytea, int, int, bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.verifier_rehash(uuid, uuid, uuid, bytea, int, int, bytea, int) TO sekisho_authd;
