-- SPDX-License-Identifier: GPL-2.0-or-later
-- Writes down that a session which was to be ended is over, and how we know:
-- stop, not_found (the client has no such session), client_restart. not_found is said
-- once: a client may deny and tell of it in turn.
CREATE OR REPLACE FUNCTION sekisho.session_ended(
    p_session sekisho.session, p_how text, p_now timestamptz)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF p_session.end_wanted_at IS NULL OR p_how = 'not_found' AND p_session.end_said THEN
        RETURN;
    END IF;
    UPDATE session x SET end_said = true WHERE x.id = p_session.id;
    INSERT INTO audit (at, kind, login, person_id, client_id, outcome, reason, detail)
    VALUES (p_now, 'system', nullif(p_session.login, ''), p_session.person_id, p_session.client_id,
        'done', 'session_ended', jsonb_build_object('session', p_session.id,
            'why', p_session.end_why, 'how', p_how, 'wanted_at', p_session.end_wanted_at));
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_ended(sekisho.session, text, timestamptz) FROM PUBLIC;
