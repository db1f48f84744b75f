-- SPDX-License-Identifier: GPL-2.0-or-later
-- Somebody else than who asked for it, and than who will work, approves or refuses.
CREATE OR REPLACE FUNCTION sekisho.maintenance_decide(
    p_id bigint,
    p_approve boolean)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    m maintenance;
    v_login text;
    v_fault text;
BEGIN
    SELECT x.* INTO m FROM maintenance x WHERE x.id = p_id FOR UPDATE;
    IF m.id IS NULL THEN
        PERFORM refuse('maintenance_unknown', p_id::text);
    ELSIF m.status <> 'requested' THEN
        PERFORM refuse('maintenance_decided', p_id::text);
    END IF;
    v_login := (SELECT p.login FROM person p WHERE p.id = m.person_id);
    IF p_approve AND session_user IN (m.requested_by, v_login) THEN
        PERFORM refuse('maintenance_own', p_id::text);
    END IF;
    IF p_approve AND m.valid_until <= clock_timestamp() THEN
        PERFORM refuse('maintenance_window', v_login);
    END IF;
    v_fault := CASE WHEN p_approve THEN person_fit(m.person_id, m.valid_until) ELSE '' END;
    IF v_fault <> '' THEN
        PERFORM refuse(v_fault, v_login);
    END IF;
    UPDATE maintenance x SET status = CASE WHEN p_approve THEN 'approved' ELSE 'refused' END,
           decided_by = session_user, decided_at = clock_timestamp()
     WHERE x.id = p_id;
    UPDATE person p SET version = p.version + 1 WHERE p.id = m.person_id;
    PERFORM audit_admin(CASE WHEN p_approve THEN 'maintenance_approved' ELSE 'maintenance_refused' END,
        v_login, m.person_id, maintenance_json(p_id));
    RETURN maintenance_json(p_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.maintenance_decide(bigint, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.maintenance_decide(bigint, boolean) TO sekisho_operator;
