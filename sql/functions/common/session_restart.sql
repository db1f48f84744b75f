-- SPDX-License-Identifier: GPL-2.0-or-later
-- Accounting-On or -Off: the client has begun anew, or is about to, and has no
-- session any more of those that began before. One that is sent again much later
-- must not end what began since: the client's own clock says when it was.
CREATE OR REPLACE FUNCTION sekisho.session_restart(
    p_client uuid, p_nas inet, p_event jsonb, p_at timestamptz, p_now timestamptz)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    s session;
    v_n int := 0;
BEGIN
    FOR s IN SELECT x.* FROM session x
              WHERE x.client_id = p_client AND x.ended_at IS NULL AND x.started_at <= p_at
                AND x.nas = p_nas
              ORDER BY x.id FOR UPDATE LOOP
        UPDATE session x SET ended_at = p_at, cause = 'client_restart', heard_at = p_now,
               end_next = NULL WHERE x.id = s.id;
        PERFORM session_ended(s, 'client_restart', p_now);
        v_n := v_n + 1;
    END LOOP;
    IF v_n = 0 THEN
        RETURN 'repeated';
    END IF;
    INSERT INTO audit (at, kind, client_id, outcome, reason, detail)
    VALUES (p_now, 'system', p_client, 'done', 'client_restarted', jsonb_build_object(
        'status', p_event ->> 'status', 'nas', host(p_nas), 'sessions', v_n, 'at', p_at));
    RETURN 'taken';
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_restart(uuid, inet, jsonb, timestamptz, timestamptz) FROM PUBLIC;
