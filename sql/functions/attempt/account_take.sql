-- SPDX-License-Identifier: GPL-2.0-or-later
-- One Accounting-Request of a client (RFC 2866); for what comes most, an open session
-- that goes on, see account_continue. It may come twice, also at
-- once, late, or in any order; the answer is given only after the commit, so
-- what was not answered comes again. Keys of p_event: docs/protocol.md,
-- "Accounting".
--
-- taken, repeated, ignored (a start after its stop, something of a session that
-- is over), too_many (nothing but a count is kept). client_changed and malformed
-- get no answer.
CREATE OR REPLACE FUNCTION sekisho.account_take(
    p_client uuid, p_version bigint, p_event jsonb)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_at timestamptz;
    v_kind text;
    v_nas inet;
    v_acct text := p_event ->> 'session';
    v_status text := p_event ->> 'status';
    s session;
    a record;
BEGIN
    SELECT c.kind, coalesce((p_event ->> 'source')::inet, host(c.address)::inet) INTO v_kind, v_nas FROM client c
     WHERE c.id = p_client AND c.status = 'active' AND c.version = p_version;
    IF NOT FOUND THEN
        RETURN 'client_changed';
    ELSIF v_kind = 'door' THEN
        RETURN door_account(p_client, p_event);
    END IF;
    v_at := session_moment(p_event, v_now);
    IF v_status IN ('on', 'off') THEN
        RETURN session_restart(p_client, v_nas, p_event, v_at, v_now);
    ELSIF coalesce(v_status, '') NOT IN ('start', 'stop', 'interim') OR coalesce(v_acct, '') = '' THEN
        RETURN 'malformed';
    END IF;

    -- one packet of a session at a time
    PERFORM pg_advisory_xact_lock(7367, hashtext(p_client || host(v_nas) || v_acct));
    SELECT x.* INTO s FROM session x
     WHERE x.client_id = p_client AND x.nas = v_nas AND x.acct = v_acct
     ORDER BY x.id DESC LIMIT 1 FOR UPDATE;
    IF s.id IS NULL OR s.ended_at IS NOT NULL AND v_status = 'start' THEN
        SELECT * INTO a FROM session_accept(p_client, p_event, v_now);
        -- The same identifier again is another session if another accept carries
        -- it, and else a start that was slower than its stop.
        IF s.id IS NULL OR a.id > coalesce(s.accept_id, 0) AND v_at > s.ended_at THEN
            RETURN session_begin(p_client, v_nas, p_event, a.id, a.at, a.login, a.person_id, a.evidence,
                a.station, v_at, v_now);
        END IF;
    END IF;

    IF v_status = 'start' THEN
        UPDATE session x SET heard_at = v_now WHERE x.id = s.id AND x.ended_at IS NULL;
        RETURN CASE WHEN s.ended_at IS NULL THEN 'repeated' ELSE 'ignored' END;
    ELSIF v_status = 'stop' THEN
        RETURN session_stop(s, p_event, v_at, v_now);
    ELSIF s.ended_at IS NULL OR s.cause = 'not_found' AND v_at > s.ended_at THEN
        -- one that the client denied to have goes on after all; it is asked again in
        -- a while, or the two of us would go round at the pace of packets
        UPDATE session x SET heard_at = v_now, ended_at = NULL,
               cause = CASE WHEN x.ended_at IS NULL THEN x.cause ELSE '' END,
               end_next = CASE WHEN x.ended_at IS NULL THEN x.end_next ELSE v_now + interval '60 seconds' END,
               seconds = greatest(x.seconds, (p_event ->> 'seconds')::bigint),
               octets_in = greatest(x.octets_in, (p_event ->> 'octets_in')::bigint),
               octets_out = greatest(x.octets_out, (p_event ->> 'octets_out')::bigint),
               framed_ip = coalesce((p_event ->> 'framed_ip')::inet, x.framed_ip)
         WHERE x.id = s.id;
        IF s.station_id IS NOT NULL THEN
            PERFORM session_twice(s, v_now);
        END IF;
        RETURN 'taken';
    END IF;
    IF v_at > s.ended_at + interval '60 seconds' THEN
        PERFORM session_odd(p_client, 'session_after_stop', s.login, s.person_id, v_now);
    END IF;
    RETURN 'ignored';
END
$$;
REVOKE ALL ON FUNCTION sekisho.account_take(uuid, bigint, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.account_take(uuid, bigint, jsonb) TO sekisho_authd;
