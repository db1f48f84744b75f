-- SPDX-License-Identifier: GPL-2.0-or-later
-- The same password hashed at today's cost, after a login proved it. Only if
-- the verifier that was proven is still the active one, and only from another
-- cost to today's: so a worker that was taken over replaces nobody's password
-- that has today's cost already.
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
    v_opslimit int := (SELECT s.value::int FROM setting s WHERE s.name = 'password.opslimit');
    v_memlimit int := (SELECT s.value::int FROM setting s WHERE s.name = 'password.memlimit_kib');
BEGIN
    IF (p_opslimit, p_memlimit_kib) IS DISTINCT FROM (v_opslimit, v_memlimit) THEN
        RETURN false;
    END IF;
    UPDATE verifier v SET status = 'revoked'
     WHERE v.id = p_old AND v.person_id = p_person AND v.status = 'active'
       AND (v.opslimit, v.memlimit_kib) <> (v_opslimit, v_memlimit)
     RETURNING v.* INTO v_old;
    IF v_old.id IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO verifier (id, person_id, salt, opslimit, memlimit_kib, sealed,
        key_version, must_change, min_chars, with_card, set_at, set_by)
    VALUES (p_id, p_person, p_salt, p_opslimit, p_memlimit_kib, p_sealed,
        p_key_version, v_old.must_change, v_old.min_chars, v_old.with_card,
        v_old.set_at, v_old.set_by);
    INSERT INTO audit (kind, person_id, outcome, reason)
    VALUES ('system', p_person, 'done', 'password_rehashed');
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION sekisho.verifier_rehash(uuid, uuid, uuid, bytea, int, int, bytea, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.verifier_rehash(uuid, uuid, uuid, bytea, int, int, bytea, int) TO sekisho_authd;
