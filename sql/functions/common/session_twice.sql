-- SPDX-License-Identifier: GPL-2.0-or-later
-- A machine that goes on somewhere although it has begun elsewhere since: two
-- with one address, or one that is copied (guideline D.7). Who roams says so
-- within two minutes.
CREATE OR REPLACE FUNCTION sekisho.session_twice(
    p_session sekisho.session, p_now timestamptz)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    PERFORM FROM session x
      WHERE x.station_id = p_session.station_id AND x.ended_at IS NULL
        AND x.id <> p_session.id AND x.client_id <> p_session.client_id
        AND x.started_at > p_session.started_at
        AND x.started_at < p_now - interval '2 minutes' LIMIT 1;
    IF FOUND THEN
        PERFORM session_odd(p_session.client_id, 'station_two_places',
            (SELECT t.name FROM station t WHERE t.id = p_session.station_id), p_session.person_id, p_now);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_twice(sekisho.session, timestamptz) FROM PUBLIC;
