-- SPDX-License-Identifier: GPL-2.0-or-later
-- Sums of what was odd go into the audit; sessions that nobody has told of for
-- longer than any may last are over; what is over long enough is forgotten. The
-- newest are looked at once more: their start and what ends them may have come at
-- the same moment.
CREATE OR REPLACE FUNCTION sekisho.session_housekeeping(
    p_now timestamptz)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_new record;
BEGIN
    FOR v_new IN SELECT x.id, session_overdue(x) AS why
                   FROM (SELECT s.* FROM session s ORDER BY s.id DESC LIMIT 256) x
                  WHERE x.ended_at IS NULL AND x.end_wanted_at IS NULL LOOP
        IF v_new.why IS NOT NULL THEN
            PERFORM session_end_want(v_new.id, v_new.why);
        END IF;
    END LOOP;
    -- it reads all that are open: once a minute
    IF floor(extract(epoch FROM p_now) / 10)::bigint % 6 = 0 THEN
        PERFORM session_silent(p_now);
    END IF;
    FOR v_new IN SELECT x.id FROM session x JOIN station t ON t.id = x.station_id
                  WHERE t.status = 'active' AND t.valid_until <= p_now
                    AND x.ended_at IS NULL AND x.end_wanted_at IS NULL LIMIT 1000 LOOP
        PERFORM session_end_want(v_new.id, 'station_ended');
    END LOOP;
    WITH over AS (DELETE FROM session_anomaly y WHERE y.first_at < p_now - interval '1 hour' RETURNING y.*)
    INSERT INTO audit (at, kind, login, person_id, client_id, outcome, reason, count, until)
    SELECT o.first_at, 'system', nullif(o.login, ''), o.person_id, o.client_id, 'refused', o.reason,
           o.count, o.last_at FROM over o WHERE o.count > 0;
    UPDATE session x SET ended_at = p_now, cause = 'forgotten', end_next = NULL
     WHERE x.id IN (SELECT y.id FROM session y WHERE y.ended_at IS NULL
                     AND y.heard_at < p_now - interval '8 days' LIMIT 1000);
    DELETE FROM session x WHERE x.id IN (SELECT y.id FROM session y
        WHERE y.ended_at < p_now - make_interval(days => (SELECT s.value::int FROM setting s
                                                           WHERE s.name = 'session.keep_days')) LIMIT 1000);
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_housekeeping(timestamptz) FROM PUBLIC;
