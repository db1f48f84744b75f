-- SPDX-License-Identifier: GPL-2.0-or-later
-- A session that was not known: it begins here, also where a later packet is
-- the first that comes. What would have ended it meanwhile ends it now.
--
-- An accept carries 16 sessions at once and 1000 in all; sessions that no accept
-- carries are an anomaly, and a client has 256 a day of them. So neither fills
-- the table.
CREATE OR REPLACE FUNCTION sekisho.session_begin(
    p_client uuid, p_nas inet, p_event jsonb, p_accept bigint, p_accept_at timestamptz, p_login text,
    p_person uuid, p_evidence jsonb, p_station uuid, p_at timestamptz, p_now timestamptz)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_login text := coalesce(p_login, p_event ->> 'user', p_event ->> 'user_sent', '');
    v_accept bigint := p_accept;
    -- a name that nobody was accepted under is still a name to end sessions by
    v_person uuid := coalesce(p_person, (SELECT p.id FROM person p WHERE p.login = p_event ->> 'user'));
    -- what would end it: also where the accept carries too many already
    v_tokens uuid[] := ARRAY(SELECT (e ->> 'token')::uuid FROM jsonb_array_elements(p_evidence) e
                              WHERE e ? 'token');
    v_door bigint := (SELECT max((e ->> 'event')::bigint) FROM jsonb_array_elements(p_evidence) e
                       WHERE e ->> 'method' = 'door');
    v_started timestamptz := p_at;
    v_id bigint;
    v_why text;
    v_station uuid := coalesce(p_station, (SELECT t.id FROM station t
        WHERE t.mac = (p_event ->> 'mac')::macaddr AND t.status = 'active'));
    s session;
BEGIN
    IF v_accept IS NOT NULL AND (
        (SELECT count(*) FROM session x WHERE x.accept_id = v_accept AND x.ended_at IS NULL) >= 16
        OR (SELECT count(*) FROM session x WHERE x.accept_id = v_accept) >= 1000) THEN
        PERFORM session_odd(p_client, 'session_class_reused', v_login, p_person, p_now);
        v_accept := NULL;
    ELSIF v_accept IS NULL THEN
        PERFORM session_odd(p_client, 'session_unaccepted', v_login, v_person, p_now);
    ELSIF p_event ->> 'user' <> p_login THEN
        PERFORM session_odd(p_client, 'session_other_name', p_login, p_person, p_now);
    END IF;
    IF v_accept IS NULL AND (SELECT count(*) FROM (SELECT FROM session x WHERE x.client_id = p_client
            AND x.accept_id IS NULL AND x.created_at > p_now - interval '1 day' LIMIT 256) y) >= 256 THEN
        RETURN 'too_many';
    END IF;
    -- who ends this person's sessions waits for us, or we see what he did
    PERFORM FROM person p WHERE p.id = v_person FOR SHARE;
    IF p_event ->> 'status' <> 'start' THEN
        v_started := p_at - make_interval(secs => coalesce((p_event ->> 'seconds')::bigint, 0));
    END IF;
    INSERT INTO session (client_id, acct, login, person_id, user_sent, called, calling, nas, nas_port,
        framed_ip, accept_id, accept_at, door_event, tokens, started_at, heard_at, seconds,
        octets_in, octets_out, station_id)
    VALUES (p_client, p_event ->> 'session', v_login,
        v_person,
        coalesce(p_event ->> 'user_sent', p_event ->> 'user', ''),
        coalesce(p_event ->> 'called', ''), coalesce(p_event ->> 'calling', ''),
        p_nas, (p_event ->> 'nas_port')::bigint,
        (p_event ->> 'framed_ip')::inet, v_accept, p_accept_at,
        v_door, v_tokens, v_started, p_now,
        coalesce((p_event ->> 'seconds')::bigint, 0), coalesce((p_event ->> 'octets_in')::bigint, 0),
        coalesce((p_event ->> 'octets_out')::bigint, 0), v_station)
    RETURNING id INTO v_id;
    SELECT x.* INTO s FROM session x WHERE x.id = v_id;
    IF p_event ->> 'status' = 'stop' THEN
        RETURN session_stop(s, p_event, p_at, p_now);
    END IF;
    v_why := session_overdue(s);
    IF v_why IS NOT NULL THEN
        PERFORM session_end_want(v_id, v_why);
    END IF;
    IF v_person IS NOT NULL THEN
        PERFORM session_crowd(s, p_now);
    END IF;
    RETURN 'taken';
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_begin(uuid, inet, jsonb, bigint, timestamptz, text, uuid, jsonb, uuid, timestamptz, timestamptz) FROM PUBLIC;
