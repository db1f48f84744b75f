-- SPDX-License-Identifier: GPL-2.0-or-later
-- The last round of a change: the login's accept and the new password, in one
-- transaction, or neither. State, versions and person are looked at by attempt_record,
-- and the State must be of a change that was begun. A worker that was taken over can
-- begin one as well, and so give anybody another password (SECURITY.md): it is in the
-- audit, and its holder is locked out.
CREATE OR REPLACE FUNCTION sekisho.password_change(
    p_client uuid, p_client_version bigint, p_rules_version bigint,
    p_person uuid, p_person_version bigint, p_scope text, p_login text, p_reason text,
    p_evidence jsonb, p_old_state bytea, p_ref text, p_node text,
    p_id uuid, p_salt bytea, p_opslimit int, p_memlimit_kib int, p_sealed bytea, p_key_version int,
    p_min_chars int,
    OUT outcome text, OUT reason text, OUT wait int, OUT ref text, OUT class bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    -- in the order in which attempts take them
    PERFORM FROM throttle_head h WHERE h.subject = p_person FOR UPDATE;
    PERFORM FROM person p WHERE p.id = p_person FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM login l WHERE l.state_hash = p_old_state AND l.carried IS NOT NULL) THEN
        outcome := 'reject';
        reason := 'state_spent';
        wait := 0;
        ref := attempt_tally(p_person, p_scope, p_client, reason, p_login, p_person, p_ref, p_node);
        RETURN;
    END IF;
    SELECT r.outcome, r.reason, r.wait, r.ref, r.class INTO outcome, reason, wait, ref, class
      FROM attempt_record(p_client, p_client_version, p_rules_version, p_person, p_person, p_person_version,
        p_scope, p_login, 'login', 'accept', p_reason, '{}', '{}', '{}', p_evidence, p_old_state, NULL,
        NULL, NULL, NULL, p_ref, p_node) r;
    IF outcome <> 'accept' THEN
        RETURN;
    END IF;
    UPDATE verifier v SET status = 'revoked' WHERE v.person_id = p_person AND v.status = 'active';
    INSERT INTO verifier (id, person_id, salt, opslimit, memlimit_kib, sealed, key_version, min_chars, set_by)
    VALUES (p_id, p_person, p_salt, p_opslimit, p_memlimit_kib, p_sealed, p_key_version, p_min_chars, p_login);
    UPDATE person p SET version = p.version + 1 WHERE p.id = p_person;
    DELETE FROM login l WHERE l.person_id = p_person;
    INSERT INTO audit (kind, login, person_id, client_id, outcome, reason, node)
    VALUES ('system', p_login, p_person, p_client, 'done', 'password_changed', p_node);
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_change(uuid, bigint, bigint, uuid, bigint, text, text, text, jsonb,
    bytea, text, text, uuid, bytea, int, int, bytea, int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.password_change(uuid, bigint, bigint, uuid, bigint, text, text, text, jsonb,
    bytea, text, text, uuid, bytea, int, int, bytea, int, int) TO sekisho_authd;
