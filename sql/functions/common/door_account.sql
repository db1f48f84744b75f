-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a door's client accounts for (RFC 2866): Start is opened, Stop is
-- closed, at the reader that is called; named by Acct-Session-Id, once. A Start
-- from a card's key (Calling-Station-Id) is somebody whom the door let in by its
-- list while no server answered: the door's word alone, so it is marked and makes
-- nobody present however soon it comes; but who has left is not there. Interim,
-- On and Off say nothing but that somebody is there, and only a time in them
-- tells that they are no repetition. "done": it need not be sent again;
-- "unknown": not of a client of kind door.
--
-- The list is only for sides where a card is enough, and has those alone who passed
-- there (entry_keys); other keys that a door says it let in are not believed. Of
-- what is not believed 256 events a day are kept of a client, the rest is a number.
CREATE OR REPLACE FUNCTION sekisho.door_account(
    p_client uuid, p_event jsonb)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_status text := p_event ->> 'status';
    v_session text := p_event ->> 'session';
    v_event text;
    v_source door_source;
    v_reader door_reader;
    v_door door;
    v_at timestamptz := v_now;
    v_why text := '';
    v_taken bigint;
    v_person uuid;
    v_zone uuid;
    v_hours int;
    v_kind text := CASE v_status WHEN 'start' THEN 'opened' ELSE 'closed' END;
BEGIN
    SELECT s.* INTO v_source FROM door_source s JOIN client c ON c.id = s.client_id
     WHERE s.client_id = p_client AND s.status = 'active' AND c.status = 'active' AND c.kind = 'door';
    IF v_source.id IS NULL THEN
        RETURN 'unknown';
    END IF;
    IF jsonb_typeof(p_event -> 'event_time') = 'number'
        AND (p_event ->> 'event_time')::numeric BETWEEN 0 AND 99999999999 THEN
        v_at := to_timestamp((p_event ->> 'event_time')::double precision);
    ELSIF jsonb_typeof(p_event -> 'delay') = 'number'
        AND (p_event ->> 'delay')::numeric BETWEEN 0 AND 31536000 THEN
        v_at := v_now - make_interval(secs => (p_event ->> 'delay')::double precision);
    END IF;
    IF v_status IS DISTINCT FROM 'start' AND v_status IS DISTINCT FROM 'stop' THEN
        IF p_event ? 'event_time' AND v_at BETWEEN v_now - interval '120 seconds' AND v_now + interval '60 seconds' THEN
            PERFORM door_client_heard(p_client, v_now);
        END IF;
        RETURN 'done';
    END IF;
    IF coalesce(v_session, '') = '' OR octet_length(v_session) > 100 THEN
        -- sent again, it differs in its delay alone
        v_session := encode(sha256(convert_to((p_event - 'delay')::text, 'UTF8')), 'hex');
        v_why := 'event_malformed';
    END IF;
    v_event := v_status || ' ' || v_session;
    -- a repetition costs nobody anything
    IF EXISTS (SELECT FROM door_event e WHERE e.source_id = v_source.id AND e.event = v_event) THEN
        RETURN 'done';
    END IF;
    SELECT r.* INTO v_reader FROM door_reader r
     WHERE r.client_id = p_client AND (r.name = p_event ->> 'called' OR coalesce(p_event ->> 'called', '') = ''
           AND NOT EXISTS (SELECT FROM door_reader o WHERE o.client_id = p_client AND o.id <> r.id));
    IF v_status = 'start' AND p_event ->> 'calling' ~ '^[0-9a-f]{64}$' THEN
        v_kind := CASE v_reader.side WHEN 'in' THEN 'enter' ELSE 'leave' END;
        v_hours := (SELECT s.value::int FROM setting s WHERE s.name = 'door.list_hours');
        SELECT t.person_id INTO v_person FROM card_key k JOIN token t ON t.id = k.token_id
         WHERE k.key_id = decode(p_event ->> 'calling', 'hex') AND k.slot = '9e'
         ORDER BY k.revoked_at NULLS FIRST LIMIT 1;
        SELECT d.* INTO v_door FROM door d WHERE d.id = v_reader.door_id;
        v_zone := CASE v_kind WHEN 'enter' THEN v_door.to_zone ELSE v_door.from_zone END;
    END IF;
    v_why := CASE
        WHEN v_why <> '' THEN v_why
        WHEN v_kind IN ('enter', 'leave') AND v_person IS NULL THEN 'person_unknown'
        WHEN v_reader.id IS NULL THEN 'reader_unknown'
        WHEN v_at > v_now + interval '60 seconds' THEN 'from_the_future'
        WHEN v_kind NOT IN ('enter', 'leave') THEN ''
        WHEN CASE v_kind WHEN 'enter' THEN v_door.method_in ELSE v_door.method_out END <> 'card'
            THEN 'door_method_other'
        WHEN v_hours = 0 OR v_at < v_now - make_interval(days => 1, hours => v_hours)
            OR NOT EXISTS (SELECT FROM door_event e WHERE e.person_id = v_person AND e.door_id = v_door.id
                AND e.kind IN ('enter', 'leave') AND e.quarantine = '' AND NOT e.detail ? 'offline'
                AND e.at > v_at - make_interval(days => 31, hours => v_hours) AND e.at <= v_now) THEN 'not_listed'
        ELSE '' END;
    IF v_why <> '' AND (SELECT count(*) FROM (SELECT FROM door_event e WHERE e.source_id = v_source.id
            AND e.quarantine <> '' AND e.received_at > v_now - interval '1 day' LIMIT 256) q) >= 256 THEN
        UPDATE door_source s SET dropped = s.dropped + 1 WHERE s.id = v_source.id RETURNING s.* INTO v_source;
        IF coalesce(v_source.dropped_said < v_now - interval '1 day', true) THEN
            UPDATE door_source s SET dropped_said = v_now WHERE s.id = v_source.id;
            INSERT INTO audit (at, kind, client_id, outcome, reason, detail)
            VALUES (v_now, 'system', p_client, 'refused', 'door_events_dropped',
                jsonb_build_object('dropped', v_source.dropped, 'because', v_why));
        END IF;
        RETURN 'done';
    END IF;
    IF v_person IS NOT NULL AND v_why = '' THEN
        -- The person first, as everywhere: an update and no lock, so that what
        -- waits for it looks at the clock anew.
        UPDATE person p SET version = p.version WHERE p.id = v_person;
        v_now := clock_timestamp();
    END IF;
    -- Nothing happens after it is heard of: a clock that is ahead would hide the
    -- exit that follows.
    INSERT INTO door_event (source_id, event, kind, door_id, person_id, zone_id, method, at, received_at,
        quarantine, detail)
    VALUES (v_source.id, v_event, v_kind, v_reader.door_id, v_person, v_zone,
        CASE WHEN v_kind IN ('enter', 'leave') THEN 'card' ELSE '' END, least(v_at, v_now), v_now, v_why,
        jsonb_strip_nulls(jsonb_build_object('reader', left(p_event ->> 'called', 128),
            'told', CASE WHEN v_at > v_now THEN v_at END))
            || CASE WHEN v_kind IN ('enter', 'leave') THEN '{"by": "card", "offline": true}' ELSE '{}' END::jsonb)
    ON CONFLICT (source_id, event) DO NOTHING RETURNING id INTO v_taken;
    IF v_taken IS NOT NULL AND v_person IS NOT NULL AND v_why = '' THEN
        UPDATE person p SET version = p.version + 1 WHERE p.id = v_person;
        PERFORM sessions_left(v_person);
    END IF;
    IF v_taken IS NOT NULL AND v_why = '' AND v_at > v_now - interval '120 seconds' THEN
        PERFORM door_client_heard(p_client, v_now);
    END IF;
    RETURN 'done';
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_account(uuid, jsonb) FROM PUBLIC;
