-- SPDX-License-Identifier: GPL-2.0-or-later
-- Somebody was let through at a reader: the event, once by its name; NULL if
-- it was there. The caller holds the person's row.
CREATE OR REPLACE FUNCTION sekisho.door_pass(
    p_source uuid, p_reader sekisho.door_reader, p_person uuid, p_method text,
    p_event text, p_at timestamptz, p_now timestamptz, p_detail jsonb)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_zone uuid;
    v_before presence := presence_of(p_person, p_now, true);
    v_event bigint;
BEGIN
    SELECT CASE p_reader.side WHEN 'in' THEN d.to_zone ELSE d.from_zone END INTO v_zone
      FROM door d WHERE d.id = p_reader.door_id;
    INSERT INTO door_event (source_id, event, kind, door_id, person_id, zone_id, method, at,
        received_at, detail)
    VALUES (p_source, p_event, CASE p_reader.side WHEN 'in' THEN 'enter' ELSE 'leave' END,
        p_reader.door_id, p_person, v_zone, p_method, p_at, p_now,
        p_detail || jsonb_build_object('reader', p_reader.name))
    ON CONFLICT (source_id, event) DO NOTHING RETURNING id INTO v_event;
    -- Who leaves a zone has it noticed by logins that are being decided.
    IF v_event IS NOT NULL AND v_before.zone_id IS NOT NULL AND p_at >= v_before.since
        AND v_zone IS DISTINCT FROM v_before.zone_id THEN
        UPDATE person p SET version = p.version + 1 WHERE p.id = p_person;
    END IF;
    -- and by sessions that an entry carried.
    IF v_event IS NOT NULL THEN
        PERFORM sessions_left(p_person);
    END IF;
    RETURN v_event;
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_pass(uuid, sekisho.door_reader, uuid, text, text,
    timestamptz, timestamptz, jsonb) FROM PUBLIC;
