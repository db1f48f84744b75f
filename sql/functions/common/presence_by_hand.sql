-- SPDX-License-Identifier: GPL-2.0-or-later
-- A movement that officers enter. Its mark ('by': 'officer') and its source,
-- which is never heard, each keep it from being a factor.
CREATE OR REPLACE FUNCTION sekisho.presence_by_hand(
    p_person uuid, p_kind text, p_door uuid, p_zone uuid, p_at timestamptz,
    p_event text, p_detail jsonb)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_before presence := presence_of(p_person, clock_timestamp(), true);
BEGIN
    INSERT INTO door_event (source_id, event, kind, door_id, person_id, zone_id, method, at, detail)
    SELECT s.id, p_event, p_kind, p_door, p_person, p_zone, 'attendant', p_at,
           p_detail || '{"by": "officer"}'
      FROM door_source s WHERE s.status = 'manual';
    -- Who leaves a zone has it noticed by logins that are being decided.
    IF v_before.zone_id IS NOT NULL AND p_at >= v_before.since
        AND p_zone IS DISTINCT FROM v_before.zone_id THEN
        UPDATE person p SET version = p.version + 1 WHERE p.id = p_person;
    END IF;
    PERFORM sessions_left(p_person);
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_by_hand(uuid, text, uuid, uuid, timestamptz, text, jsonb) FROM PUBLIC;
