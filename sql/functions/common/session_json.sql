-- SPDX-License-Identifier: GPL-2.0-or-later
-- One session as card-admin shows it. state: open, ending (its client is being
-- asked), cannot (it was asked in vain, and still is), ended.
CREATE OR REPLACE FUNCTION sekisho.session_json(
    p_session sekisho.session)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', p_session.id, 'login', nullif(p_session.login, ''),
        'client', c.name, 'kind', c.kind, 'session', p_session.acct,
        'user_sent', p_session.user_sent, 'called', p_session.called, 'calling', p_session.calling,
        'nas', host(p_session.nas), 'nas_port', p_session.nas_port,
        'framed_ip', host(p_session.framed_ip),
        'station', (SELECT t.name FROM station t WHERE t.id = p_session.station_id), 'started_at', p_session.started_at,
        'heard_at', p_session.heard_at, 'ended_at', p_session.ended_at, 'cause', p_session.cause,
        'seconds', p_session.seconds, 'octets_in', p_session.octets_in,
        'octets_out', p_session.octets_out, 'accepted', p_session.accept_id IS NOT NULL,
        'accept', p_session.accept_id, 'accept_at', p_session.accept_at,
        'evidence', coalesce((SELECT a.evidence FROM audit a
            WHERE a.id = p_session.accept_id AND a.at = p_session.accept_at), '[]'),
        'door_event', p_session.door_event,
        'state', CASE WHEN p_session.ended_at IS NOT NULL THEN 'ended'
            WHEN p_session.end_cannot_at IS NOT NULL THEN 'cannot'
            WHEN p_session.end_wanted_at IS NOT NULL THEN 'ending' ELSE 'open' END,
        'end_wanted_at', p_session.end_wanted_at, 'end_why', p_session.end_why,
        'end_by', p_session.end_by, 'end_tries', p_session.end_tries,
        'end_answer', p_session.end_answer, 'end_cannot_at', p_session.end_cannot_at)
      FROM client c WHERE c.id = p_session.client_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_json(sekisho.session) FROM PUBLIC;
