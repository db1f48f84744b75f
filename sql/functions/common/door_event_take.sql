-- SPDX-License-Identifier: GPL-2.0-or-later
-- One event of a source: taken, repeated, or why it goes into quarantine. The
-- assurance is that of the door's reader as the hospital recorded it; a source
-- can say that less was asked, never that more was.
CREATE OR REPLACE FUNCTION sekisho.door_event_take(
    p_source sekisho.door_source, p_event jsonb, p_now timestamptz)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id text := p_event ->> 'event';
    v_kind text := p_event ->> 'kind';
    v_method text := p_event ->> 'method';
    v_at timestamptz;
    v_door door;
    v_person uuid;
    v_zone uuid;
    v_own text;
    v_why text := '';
    v_before presence;
BEGIN
    -- What has no name cannot be told from its repetition.
    IF v_id IS NULL OR octet_length(v_id) NOT BETWEEN 1 AND 128 THEN
        v_id := encode(sha256(convert_to(p_event::text, 'UTF8')), 'hex');
        v_why := 'event_malformed';
    END IF;
    IF jsonb_typeof(p_event -> 'at') = 'number' AND (p_event ->> 'at')::numeric BETWEEN 0 AND 99999999999 THEN
        v_at := to_timestamp((p_event ->> 'at')::double precision);
    ELSE
        v_at := p_now;
        v_why := 'event_malformed';
    END IF;
    IF v_kind IS NULL OR v_kind NOT IN ('enter', 'leave', 'opened', 'closed', 'forced', 'held',
        'duress', 'passback', 'fire', 'fire_over', 'denied') THEN
        v_kind := 'unknown';
        v_why := CASE v_why WHEN '' THEN 'kind_unknown' ELSE v_why END;
    END IF;
    SELECT d.* INTO v_door FROM door d WHERE d.name = p_event ->> 'door' AND d.status = 'active';
    IF p_event ? 'login' THEN
        SELECT p.id INTO v_person FROM person p WHERE p.login = p_event ->> 'login';
    ELSIF p_event ? 'badge' THEN
        SELECT b.person_id INTO v_person FROM badge b
         WHERE encode(b.number, 'hex') = lower(p_event ->> 'badge');
    ELSIF p_event ? 'card' THEN
        SELECT t.person_id INTO v_person FROM card c JOIN token t ON t.id = c.token_id
         WHERE c.number = p_event ->> 'card' AND c.number <> '' AND t.status = 'active'
           AND c.state = 'active';
    END IF;
    v_own := CASE v_kind WHEN 'enter' THEN v_door.method_in WHEN 'leave' THEN v_door.method_out END;
    v_zone := CASE v_kind WHEN 'enter' THEN v_door.to_zone WHEN 'leave' THEN v_door.from_zone END;
    v_why := CASE
        WHEN p_event ? 'why' THEN 'not_mapped'
        WHEN v_why <> '' THEN v_why
        WHEN v_door.id IS NULL THEN 'door_unknown'
        WHEN v_at > p_now + interval '60 seconds' THEN 'from_the_future'
        WHEN v_kind IN ('enter', 'leave') AND v_person IS NULL THEN 'person_unknown'
        WHEN jsonb_typeof(p_event -> 'seq') = 'number'
             AND (p_event ->> 'seq')::numeric <= p_source.last_seq
             AND NOT EXISTS (SELECT FROM door_event e
                 WHERE e.source_id = p_source.id AND e.event = v_id) THEN 'sequence'
        ELSE '' END;
    -- A reader that is not there identified nobody, but somebody has left.
    v_method := CASE
        WHEN v_method IS NULL OR v_method = v_own THEN coalesce(v_own, '')
        WHEN v_method = 'card' AND v_own = 'card_pin' THEN 'card'
        WHEN v_method IN ('uid', 'code', 'attendant') THEN v_method
        ELSE '' END;
    IF v_why = '' AND v_kind IN ('enter', 'leave') THEN
        v_before := presence_of(v_person, p_now, true);
    END IF;
    INSERT INTO door_event (source_id, event, kind, door_id, person_id, zone_id, method, at,
        received_at, quarantine, detail)
    VALUES (p_source.id, v_id, v_kind, v_door.id, v_person, v_zone, v_method, v_at, p_now, v_why,
        CASE WHEN v_why <> '' THEN jsonb_strip_nulls(jsonb_build_object('door', p_event ->> 'door',
            'login', p_event ->> 'login', 'why', left(p_event ->> 'why', 500),
            'raw', left(p_event ->> 'raw', 1000)))
            WHEN v_person IS NULL THEN '{}'
            -- a card that is named is another than one that is lost
            ELSE jsonb_build_object('by', CASE WHEN p_event ? 'login' THEN 'login'
                WHEN p_event ? 'badge' THEN 'badge' ELSE 'card' END) END)
    ON CONFLICT (source_id, event) DO NOTHING;
    IF NOT FOUND THEN
        RETURN 'repeated';
    END IF;
    IF v_why <> '' THEN
        RETURN v_why;
    END IF;
    -- Who leaves a zone has it noticed by logins that are being decided.
    IF v_before.zone_id IS NOT NULL AND v_at >= v_before.since
        AND v_zone IS DISTINCT FROM v_before.zone_id THEN
        UPDATE person p SET version = p.version + 1 WHERE p.id = v_person;
    END IF;
    -- and by sessions that an entry carried.
    IF v_kind IN ('enter', 'leave') THEN
        PERFORM sessions_left(v_person);
    END IF;
    IF v_kind IN ('forced', 'held', 'duress', 'passback', 'fire') THEN
        INSERT INTO audit (at, kind, person_id, outcome, reason, detail)
        VALUES (p_now, 'system', v_person, 'refused', 'door_' || v_kind, jsonb_build_object(
            'door', v_door.name, 'source', p_source.name, 'at', v_at));
    END IF;
    RETURN 'taken';
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_event_take(sekisho.door_source, jsonb, timestamptz) FROM PUBLIC;
