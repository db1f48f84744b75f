-- SPDX-License-Identifier: GPL-2.0-or-later
-- The work is done, or over: whether personal data was accessed, whose, and what was
-- done. It ends now, with the sessions, if it has not ended by itself.
CREATE OR REPLACE FUNCTION sekisho.maintenance_close(
    p_id bigint,
    p_personal_data boolean,
    p_whose text,
    p_work text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    m maintenance;
    v_login text;
BEGIN
    -- the person first, as a login takes them
    PERFORM FROM person p WHERE p.id = (SELECT x.person_id FROM maintenance x WHERE x.id = p_id) FOR NO KEY UPDATE;
    SELECT x.* INTO m FROM maintenance x WHERE x.id = p_id FOR UPDATE;
    IF m.id IS NULL THEN
        PERFORM refuse('maintenance_unknown', p_id::text);
    ELSIF m.status <> 'approved' THEN
        PERFORM refuse('maintenance_not_open', p_id::text);
    ELSIF p_personal_data IS NULL OR length(btrim(coalesce(p_work, ''))) < 3
        OR (p_personal_data AND length(btrim(coalesce(p_whose, ''))) < 2) THEN
        PERFORM refuse('maintenance_fields', p_id::text);
    END IF;
    v_login := (SELECT p.login FROM person p WHERE p.id = m.person_id);
    UPDATE maintenance x SET status = 'closed', personal_data = p_personal_data, whose = coalesce(p_whose, ''),
           work = p_work, closed_by = session_user, closed_at = clock_timestamp(),
           valid_until = least(x.valid_until, greatest(clock_timestamp(), x.valid_from + interval '1 microsecond')),
           ended_at = coalesce(x.ended_at, clock_timestamp())
     WHERE x.id = p_id;
    UPDATE person p SET version = p.version + 1 WHERE p.id = m.person_id;
    DELETE FROM login l WHERE l.person_id = m.person_id;
    IF m.ended_at IS NULL THEN
        PERFORM sessions_end_want(m.person_id, 'maintenance_over');
    END IF;
    PERFORM audit_admin('maintenance_closed', v_login, m.person_id, maintenance_json(p_id));
    RETURN maintenance_json(p_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.maintenance_close(bigint, boolean, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.maintenance_close(bigint, boolean, text, text) TO sekisho_operator;
