-- SPDX-License-Identifier: GPL-2.0-or-later
-- A new password, chosen by its owner at the desk or given out to be changed
-- (p_must_change): card-admin hashed it, and sealed the tag to the keyring.
-- p_min_chars: the longest rule that it met, as card-admin says, which alone saw it.
-- Who has had one before gets another only with an entry in the ledger
-- (guideline C.14 (2)), made today and spent here. Ends logins in progress;
-- attempts under evaluation refuse themselves.
CREATE OR REPLACE FUNCTION sekisho.password_set(
    p_login text,
    p_id uuid,
    p_salt bytea,
    p_opslimit int,
    p_memlimit_kib int,
    p_sealed bytea,
    p_key_version int,
    p_min_chars int DEFAULT NULL,
    p_proof bigint DEFAULT NULL,
    p_must_change boolean DEFAULT false,
    p_with_card boolean DEFAULT false)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
    v_rule password_rule;
BEGIN
    v_id := person_id_of(p_login);
    PERFORM FROM person p WHERE p.id = v_id FOR UPDATE;
    SELECT u.* INTO v_rule FROM person p JOIN password_rule u ON u.name = p.password_rule WHERE p.id = v_id;
    IF coalesce(p_min_chars, 0) < v_rule.min_chars AND NOT p_must_change THEN
        PERFORM refuse('password_rule_unmet', p_login);
    END IF;
    IF p_with_card AND NOT EXISTS (SELECT FROM card c JOIN token k ON k.id = c.token_id
         WHERE k.person_id = v_id AND k.status = 'active') THEN
        PERFORM refuse('password_needs_a_card', p_login);
    END IF;
    IF p_proof IS NOT NULL OR EXISTS (SELECT FROM verifier v WHERE v.person_id = v_id) THEN
        UPDATE identity_proof i SET used_at = clock_timestamp()
         WHERE i.id = p_proof AND i.person_id = v_id AND i.used_at IS NULL
           AND i.purpose IN ('password_reset', 'password_leaked', 'password_set')
           AND i.at > clock_timestamp() - interval '24 hours';
        IF NOT FOUND THEN
            PERFORM refuse('identity_proof_missing', p_login);
        END IF;
    END IF;
    UPDATE verifier v SET status = 'revoked'
     WHERE v.person_id = v_id AND v.status = 'active';
    INSERT INTO verifier (id, person_id, salt, opslimit, memlimit_kib, sealed,
        key_version, must_change, min_chars, with_card)
    VALUES (p_id, v_id, p_salt, p_opslimit, p_memlimit_kib, p_sealed,
        p_key_version, p_must_change, p_min_chars, p_with_card);
    UPDATE person p SET version = p.version + 1 WHERE p.id = v_id;
    DELETE FROM login l WHERE l.person_id = v_id;
    -- a new secret is the rebinding that a hard stop asks for
    UPDATE throttle t SET failures = 0, total = 0, not_before = NULL, hard = NULL,
                          digests = '{}'
     WHERE t.subject = v_id AND t.category = 'knowledge';
    PERFORM audit_admin(CASE WHEN p_must_change THEN 'password_reset' ELSE 'password_set' END, p_login, v_id,
        jsonb_strip_nulls(jsonb_build_object('proof', p_proof, 'with_card', nullif(p_with_card, false))));
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_set(text, uuid, bytea, int, int, bytea, int, int, bigint, boolean,
    boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.password_set(text, uuid, bytea, int, int, bytea, int, int, bigint, boolean,
    boolean) TO sekisho_operator;
