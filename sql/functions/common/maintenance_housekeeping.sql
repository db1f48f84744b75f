-- SPDX-License-Identifier: GPL-2.0-or-later
-- A window is over: what the account still has open ends, and it is said once that
-- the work waits to be closed.
CREATE OR REPLACE FUNCTION sekisho.maintenance_housekeeping(p_now timestamptz)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    m maintenance;
BEGIN
    FOR m IN SELECT x.* FROM maintenance x WHERE x.status = 'approved' AND x.ended_at IS NULL
              AND x.valid_until <= p_now ORDER BY x.id LOOP
        PERFORM FROM person p WHERE p.id = m.person_id FOR NO KEY UPDATE;
        UPDATE maintenance x SET ended_at = p_now WHERE x.id = m.id AND x.ended_at IS NULL;
        CONTINUE WHEN NOT FOUND;
        -- another window of the same account may be open
        IF NOT EXISTS (SELECT FROM maintenance y WHERE y.person_id = m.person_id AND y.status = 'approved'
            AND y.valid_from <= p_now AND y.valid_until > p_now) THEN
            UPDATE person p SET version = p.version + 1 WHERE p.id = m.person_id;
            DELETE FROM login l WHERE l.person_id = m.person_id;
            PERFORM sessions_end_want(m.person_id, 'maintenance_over');
        END IF;
        INSERT INTO audit (at, kind, login, person_id, outcome, reason, detail)
        SELECT p_now, 'system', p.login, p.id, 'done', 'maintenance_over', maintenance_json(m.id)
          FROM person p WHERE p.id = m.person_id;
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION sekisho.maintenance_housekeeping(timestamptz) FROM PUBLIC;
