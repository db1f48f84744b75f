-- SPDX-License-Identifier: GPL-2.0-or-later
-- A person's sessions are to be ended: all, or those that a token carried.
-- Answers with their number.
CREATE OR REPLACE FUNCTION sekisho.sessions_end_want(
    p_person uuid, p_why text, p_token uuid DEFAULT NULL)
    RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id bigint;
    v_n int := 0;
BEGIN
    -- a session that begins meanwhile is seen here, or sees what ended it
    PERFORM FROM person p WHERE p.id = p_person FOR NO KEY UPDATE;
    FOR v_id IN SELECT x.id FROM session x WHERE x.person_id = p_person AND x.ended_at IS NULL
                   AND x.end_wanted_at IS NULL AND (p_token IS NULL OR p_token = ANY (x.tokens))
                 ORDER BY x.id LOOP
        IF session_end_want(v_id, p_why) THEN
            v_n := v_n + 1;
        END IF;
    END LOOP;
    RETURN v_n;
END
$$;
REVOKE ALL ON FUNCTION sekisho.sessions_end_want(uuid, text, uuid) FROM PUBLIC;
