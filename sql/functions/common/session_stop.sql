-- SPDX-License-Identifier: GPL-2.0-or-later
-- The client says that a session is over, and why (RFC 2866 5.10).
CREATE OR REPLACE FUNCTION sekisho.session_stop(
    p_session sekisho.session, p_event jsonb, p_at timestamptz, p_now timestamptz)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_causes CONSTANT text[] := '{user_request,lost_carrier,lost_service,idle_timeout,
        session_timeout,admin_reset,admin_reboot,port_error,nas_error,nas_request,nas_reboot,
        port_unneeded,port_preempted,port_suspended,service_unavailable,callback,user_error,
        host_request}';
    v_cause int := least((p_event ->> 'cause')::bigint, 99);
BEGIN
    -- The last word on what it was: also of one that was given up before.
    UPDATE session x SET heard_at = p_now, ended_at = coalesce(x.ended_at, p_at),
           cause = CASE WHEN x.ended_at IS NULL OR x.cause IN ('not_found', 'forgotten', 'client_restart')
               THEN coalesce(v_causes[v_cause], 'unknown') ELSE x.cause END,
           seconds = greatest(x.seconds, (p_event ->> 'seconds')::bigint),
           octets_in = greatest(x.octets_in, (p_event ->> 'octets_in')::bigint),
           octets_out = greatest(x.octets_out, (p_event ->> 'octets_out')::bigint),
           end_next = NULL
     WHERE x.id = p_session.id;
    IF p_session.ended_at IS NOT NULL THEN
        RETURN 'repeated';
    END IF;
    PERFORM session_ended(p_session, 'stop', p_now);
    RETURN 'taken';
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_stop(sekisho.session, jsonb, timestamptz, timestamptz) FROM PUBLIC;
