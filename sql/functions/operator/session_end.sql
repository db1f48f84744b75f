-- SPDX-License-Identifier: GPL-2.0-or-later
-- An operator ends one session, or all of a person. One that is to be ended
-- already is asked for again at once, as if for the first time. Answers with them as they are now.
CREATE OR REPLACE FUNCTION sekisho.session_end(
    p_id bigint DEFAULT NULL,
    p_login text DEFAULT '',
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_ids bigint[];
    s session;
BEGIN
    IF p_id IS NOT NULL THEN
        SELECT x.* INTO s FROM session x WHERE x.id = p_id;
        IF s.id IS NULL THEN
            PERFORM refuse('session_unknown', p_id::text);
        ELSIF s.ended_at IS NOT NULL THEN
            PERFORM refuse('session_over', p_id::text);
        END IF;
        v_ids := ARRAY[p_id];
    ELSE
        v_person := person_id_of(p_login);
        v_ids := ARRAY(SELECT x.id FROM session x
                        WHERE x.person_id = v_person AND x.ended_at IS NULL ORDER BY x.id);
    END IF;
    FOR s IN SELECT x.* FROM session x WHERE x.id = ANY (v_ids) ORDER BY x.id LOOP
        IF NOT session_end_want(s.id, 'operator' || CASE WHEN p_why <> '' THEN ': ' || p_why ELSE '' END) THEN
            UPDATE session x SET end_next = clock_timestamp(), end_tries = 0, end_cannot_at = NULL
             WHERE x.id = s.id AND x.ended_at IS NULL AND x.end_wanted_at IS NOT NULL;
            PERFORM pg_notify('sekisho_session', '');
        END IF;
        PERFORM audit_admin('session_end', nullif(s.login, ''), s.person_id, jsonb_build_object(
            'session', s.id, 'client', (SELECT c.name FROM client c WHERE c.id = s.client_id),
            'why', p_why));
    END LOOP;
    RETURN (SELECT coalesce(jsonb_agg(session_json(x) ORDER BY x.id), '[]') FROM session x
             WHERE x.id = ANY (v_ids));
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_end(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.session_end(bigint, text, text) TO sekisho_operator;
