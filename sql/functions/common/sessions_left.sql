-- SPDX-License-Identifier: GPL-2.0-or-later
-- After a movement of a person: the sessions that an entry into another zone
-- carried are to be ended (guideline D.2). Answers with their number. No lock: who
-- moves has one already (door_events_take), and what a late event and a start at the
-- same moment miss of each other, session_housekeeping finds.
CREATE OR REPLACE FUNCTION sekisho.sessions_left(
    p_person uuid)
    RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    s record;
    v_n int := 0;
BEGIN
    FOR s IN SELECT x.id, session_moved(p_person, x.door_event) AS why FROM session x
              WHERE x.person_id = p_person AND x.ended_at IS NULL AND x.end_wanted_at IS NULL
                AND x.door_event IS NOT NULL ORDER BY x.id LOOP
        IF s.why IS NOT NULL AND session_end_want(s.id, s.why) THEN
            v_n := v_n + 1;
        END IF;
    END LOOP;
    RETURN v_n;
END
$$;
REVOKE ALL ON FUNCTION sekisho.sessions_left(uuid) FROM PUBLIC;
