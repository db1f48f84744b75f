-- SPDX-License-Identifier: GPL-2.0-or-later
-- Takes events of a source, at most 1000 of them, with its cursor: all or none.
-- What is there already is a repetition and changes nothing; what cannot be
-- believed is kept in quarantine, with the reason. None at all is a heartbeat.
CREATE OR REPLACE FUNCTION sekisho.door_events(
    p_source text, p_events jsonb, p_cursor text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_source door_source;
    v_now timestamptz;
    v_results text[];
    v_taken int;
    v_repeated int;
    v_quarantined jsonb;
    v_seq bigint;
BEGIN
    IF jsonb_typeof(p_events) IS DISTINCT FROM 'array' OR jsonb_array_length(p_events) > 1000
        OR octet_length(p_cursor) > 4096 THEN
        PERFORM refuse('events_malformed', p_source);
    END IF;
    v_source := door_source_of(p_source);
    v_now := clock_timestamp();
    v_results := door_events_take(v_source, p_events, v_now);
    SELECT count(*) FILTER (WHERE e.result = 'taken'), count(*) FILTER (WHERE e.result = 'repeated'),
           coalesce(jsonb_agg(jsonb_build_object('event', e.x ->> 'event', 'reason', e.result))
               FILTER (WHERE e.result NOT IN ('taken', 'repeated')), '[]'),
           max(CASE WHEN e.x ->> 'seq' ~ '^\d{1,18}$' THEN (e.x ->> 'seq')::bigint END)
      INTO v_taken, v_repeated, v_quarantined, v_seq
      FROM ROWS FROM (jsonb_array_elements(p_events), unnest(v_results)) AS e (x, result);
    UPDATE door_source s SET cursor = coalesce(p_cursor, s.cursor), last_seq = greatest(s.last_seq, v_seq),
           repeats = s.repeats + v_repeated,
           repeat_said = CASE WHEN v_repeated > 0 AND coalesce(s.repeat_said < v_now - interval '1 hour', true)
               THEN v_now ELSE s.repeat_said END
     WHERE s.id = v_source.id;
    -- An alert, but not one for each: a feed that begins again repeats its last.
    IF v_repeated > 0 AND coalesce(v_source.repeat_said < v_now - interval '1 hour', true) THEN
        INSERT INTO audit (at, kind, outcome, reason, detail)
        VALUES (v_now, 'system', 'refused', 'door_event_repeated',
            jsonb_build_object('source', p_source, 'repeats', v_source.repeats + v_repeated));
    END IF;
    RETURN jsonb_build_object('taken', v_taken, 'repeated', v_repeated, 'quarantined', v_quarantined);
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_events(text, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_events(text, jsonb, text) TO sekisho_door_feed;
