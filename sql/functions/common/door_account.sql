-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a door's client accounts for (RFC 2866): Start is opened, Stop is
-- closed, at the reader that is called; named by Acct-Session-Id, once. A Start
-- from a card's key (Calling-Station-Id) is somebody whom the door let in by its
-- list while no server answered: the door's word alone, so it is marked and makes
-- nobody present however soon it comes; but who has left is not there. Interim,
-- On and Off say nothing but that somebody is there, and only a time in them
-- tells that they are no repetition. "done": it need not be sent again;
-- "unknown": not of a client of kind door.
CREATE OR REPLACE FUNCTION sekisho.door_account(
    p_client uuid, p_event jsonb)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_status text := p_event ->> 'status';
    v_session text := p_event ->> 'session';
    v_source uuid;
    v_reader door_reader;
    v_at timestamptz := v_now;
    v_why text := '';
    v_taken bigint;
    v_person uuid;
    v_zone uuid;
    v_kind text := CASE v_status WHEN 'start' THEN 'opened' ELSE 'closed' END;
BEGIN
    SELECT s.id INTO v_source FROM door_source s JOIN client c ON c.id = s.client_id
     WHERE s.client_id = p_client AND s.status = 'active' AND c.status = 'active' AND c.kind = 'door';
    IF v_source IS NULL THEN
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
        v_session := encode(sha256(convert_to(p_event::text, 'UTF8')), 'hex');
        v_why := 'event_malformed';
    END IF;
    SELECT r.* INTO v_reader FROM door_reader r
     WHERE r.client_id = p_client AND (r.name = p_event ->> 'called' OR coalesce(p_event ->> 'called', '') = ''
           AND NOT EXISTS (SELECT FROM door_reader o WHERE o.client_id = p_client AND o.id <> r.id));
    IF v_status = 'start' AND p_event ->> 'calling' ~ '^[0-9a-f]{64}$' THEN
        v_kind := CASE v_reader.side WHEN 'in' THEN 'enter' ELSE 'leave' END;
        SELECT t.person_id INTO v_person FROM card_key k JOIN token t ON t.id = k.token_id
         WHERE k.key_id = decode(p_event ->> 'calling', 'hex') AND k.slot = '9e'
         ORDER BY k.revoked_at NULLS FIRST LIMIT 1;
        SELECT CASE v_kind WHEN 'enter' THEN d.to_zone ELSE d.from_zone END INTO v_zone
          FROM door d WHERE d.id = v_reader.door_id;
        UPDATE person p SET version = p.version + 1 WHERE p.id = v_person;
        v_now := clock_timestamp();
    END IF;
    v_why := CASE
        WHEN v_why <> '' THEN v_why
        WHEN v_kind IN ('enter', 'leave') AND v_person IS NULL THEN 'person_unknown'
        WHEN v_reader.id IS NULL THEN 'reader_unknown'
        WHEN v_at > v_now + interval '60 seconds' THEN 'from_the_future'
        ELSE '' END;
    INSERT INTO door_event (source_id, event, kind, door_id, person_id, zone_id, method, at, received_at,
        quarantine, detail)
    VALUES (v_source, v_status || ' ' || v_session, v_kind, v_reader.door_id, v_person, v_zone,
        CASE WHEN v_kind IN ('enter', 'leave') THEN 'card' ELSE '' END, v_at, v_now, v_why,
        jsonb_strip_nulls(jsonb_build_object('reader', left(p_event ->> 'called', 128)))
            || CASE WHEN v_kind IN ('enter', 'leave') THEN '{"by": "card", "offline": true}' ELSE '{}' END::jsonb)
    ON CONFLICT (source_id, event) DO NOTHING RETURNING id INTO v_taken;
    IF v_taken IS NOT NULL AND v_person IS NOT NULL AND v_why = '' THEN
        PERFORM sessions_left(v_person);
    END IF;
    IF v_taken IS NOT NULL AND v_why = '' AND v_at > v_now - interval '120 seconds' THEN
        PERFORM door_client_heard(p_client, v_now);
    END IF;
    RETURN 'done';
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_account(uuid, jsonb) FROM PUBLIC;
