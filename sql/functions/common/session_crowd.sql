-- SPDX-License-Identifier: GPL-2.0-or-later
-- A person's session more: of too many the newest go on (policy), and one over
-- VPN beside another from elsewhere is an anomaly (guideline D.7).
CREATE OR REPLACE FUNCTION sekisho.session_crowd(
    p_session sekisho.session, p_now timestamptz)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_most int;
    v_policy uuid;
    v_kind text;
    v_id bigint;
BEGIN
    SELECT y.max_sessions, y.id, c.kind INTO v_most, v_policy, v_kind
      FROM client c JOIN policy y ON y.id = c.policy_id WHERE c.id = p_session.client_id;
    IF v_most > 0 THEN
        -- two that begin at once see each other
        PERFORM pg_advisory_xact_lock(7368, hashtext(p_session.person_id::text));
        FOR v_id IN SELECT x.id FROM session x JOIN client c ON c.id = x.client_id
                     WHERE x.person_id = p_session.person_id AND x.ended_at IS NULL
                       AND x.end_wanted_at IS NULL AND c.policy_id = v_policy
                     ORDER BY x.started_at DESC, x.id DESC OFFSET v_most LOOP
            PERFORM session_end_want(v_id, 'session_limit');
        END LOOP;
    END IF;
    IF v_kind = 'vpn' AND p_session.calling <> '' AND EXISTS (
        SELECT FROM session x JOIN client c ON c.id = x.client_id
         WHERE x.person_id = p_session.person_id AND x.ended_at IS NULL AND x.id <> p_session.id
           AND c.kind = 'vpn' AND x.calling NOT IN ('', p_session.calling)) THEN
        PERFORM session_odd(p_session.client_id, 'session_two_places', p_session.login,
            p_session.person_id, p_now);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_crowd(sekisho.session, timestamptz) FROM PUBLIC;
