-- SPDX-License-Identifier: GPL-2.0-or-later
-- Events of a source, in their order: of each whether it was taken, repeated,
-- or why it goes into quarantine. The assurance is that of the door's reader as
-- the hospital recorded it; a source can say that less was asked, never that
-- more was.
--
-- One statement for all of them, however many there are: what they are worth
-- depends on doors and persons alone, and on each other only by name and
-- sequence, which it looks at in the order of the list.
CREATE OR REPLACE FUNCTION sekisho.door_events_take(
    p_source sekisho.door_source, p_events jsonb, p_now timestamptz)
    RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
    -- to plan it takes longer than to carry it out for one event
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_results text[];
    v_moved uuid[];
    v_told uuid[];
BEGIN
    WITH told AS (
        SELECT j.n, j.x,
               CASE WHEN octet_length(j.x ->> 'event') BETWEEN 1 AND 128 THEN j.x ->> 'event' END AS name,
               CASE WHEN j.x ->> 'kind' IN ('enter', 'leave', 'opened', 'closed', 'forced', 'held',
                   'duress', 'passback', 'fire', 'fire_over', 'denied') THEN j.x ->> 'kind'
                   ELSE 'unknown' END AS kind,
               CASE WHEN jsonb_typeof(j.x -> 'at') <> 'number' THEN NULL
                   WHEN (j.x ->> 'at')::numeric BETWEEN 0 AND 99999999999
                       THEN to_timestamp((j.x ->> 'at')::double precision) END AS at,
               CASE WHEN j.x ? 'login' THEN 'login' WHEN j.x ? 'badge' THEN 'badge'
                   WHEN j.x ? 'card' THEN 'card' END AS by,
               CASE jsonb_typeof(j.x -> 'seq') WHEN 'number' THEN (j.x ->> 'seq')::numeric END AS seq,
               greatest(p_source.last_seq, max(CASE WHEN j.x ->> 'seq' ~ '^\d{1,18}$'
                   THEN (j.x ->> 'seq')::bigint END) OVER (ORDER BY j.n
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS last_seq
          FROM jsonb_array_elements(p_events) WITH ORDINALITY AS j (x, n)
    ), found AS MATERIALIZED (
        SELECT t.*, coalesce(d.id, g.id) AS door_id, coalesce(d.name, g.name) AS door,
               CASE t.by
                   WHEN 'login' THEN (SELECT p.id FROM person p WHERE p.login = t.x ->> 'login')
                   WHEN 'badge' THEN (SELECT b.person_id FROM badge b WHERE b.number = CASE
                       WHEN t.x ->> 'badge' ~* '^([0-9a-f]{2})+$' THEN decode(t.x ->> 'badge', 'hex') END)
                   WHEN 'card' THEN (SELECT k.person_id FROM card c JOIN token k ON k.id = c.token_id
                        WHERE c.number = t.x ->> 'card' AND c.number <> '' AND c.state = 'active'
                          AND k.status = 'active') END AS person_id,
               CASE t.kind WHEN 'enter' THEN d.to_zone
                   WHEN 'leave' THEN coalesce(d.from_zone, g.from_zone) END AS zone_id,
               CASE t.kind WHEN 'enter' THEN d.method_in
                   WHEN 'leave' THEN coalesce(d.method_out, g.method_out) END AS own_method,
               -- What has no name cannot be told from its repetition.
               coalesce(t.name, encode(sha256(convert_to(t.x::text, 'UTF8')), 'hex')) AS event
          FROM told t LEFT JOIN door d ON d.name = t.x ->> 'door' AND d.status = 'active'
               -- who has left by a door that was removed has left
               LEFT JOIN LATERAL (SELECT o.* FROM door o WHERE d.id IS NULL AND t.kind = 'leave'
                   AND o.name = t.x ->> 'door' ORDER BY o.created_at DESC, o.id LIMIT 1) g ON true
    ), judged AS MATERIALIZED (
        SELECT f.*,
               -- The caller holds the source's row: nobody else writes for it.
               row_number() OVER (PARTITION BY f.event COLLATE "C" ORDER BY f.n) > 1
                   OR EXISTS (SELECT FROM door_event e WHERE e.source_id = p_source.id
                       AND e.event = f.event) AS again,
               CASE
                   WHEN f.x ? 'why' THEN 'not_mapped'
                   WHEN f.name IS NULL OR f.at IS NULL THEN 'event_malformed'
                   WHEN f.kind = 'unknown' THEN 'kind_unknown'
                   WHEN f.door_id IS NULL THEN 'door_unknown'
                   WHEN f.at > p_now + interval '60 seconds' THEN 'from_the_future'
                   WHEN f.kind IN ('enter', 'leave') AND f.person_id IS NULL THEN 'person_unknown'
                   WHEN f.seq <= f.last_seq AND f.kind <> 'leave' THEN 'sequence'
                   ELSE '' END AS why,
               -- an exit ends what it ends, whatever its number; it identifies nobody then
               f.kind = 'leave' AND coalesce(f.seq <= f.last_seq, false) AS again_numbered
          FROM found f
    ), before AS (
        -- where they were; it sees nothing of what is inserted below
        SELECT e.person_id, e.zone_id, e.at, e.kind, e.source_id, e.event
          FROM (SELECT DISTINCT j.person_id FROM judged j
                 WHERE j.why = '' AND j.kind IN ('enter', 'leave')) q,
               LATERAL (SELECT v.* FROM door_event v
                 WHERE v.person_id = q.person_id AND v.kind IN ('enter', 'leave') AND v.quarantine = ''
                   AND v.at <= p_now + interval '60 seconds'
                 ORDER BY v.at DESC, v.kind DESC, v.source_id, v.event LIMIT 1) e
    ), kept AS (
        INSERT INTO door_event (source_id, event, kind, door_id, person_id, zone_id, method, at,
            received_at, quarantine, detail)
        SELECT p_source.id, j.event, j.kind, j.door_id, j.person_id, j.zone_id,
               -- A reader that is not there identified nobody, but somebody has left.
               CASE WHEN j.again_numbered THEN ''
                   WHEN j.x ->> 'method' IS NULL OR j.x ->> 'method' = j.own_method
                       THEN coalesce(j.own_method, '')
                   WHEN j.x ->> 'method' = 'card' AND j.own_method = 'card_pin' THEN 'card'
                   WHEN j.x ->> 'method' IN ('uid', 'code', 'attendant') THEN j.x ->> 'method'
                   ELSE '' END,
               -- Nothing happens after it is heard of: a clock that is ahead would hide
               -- the exit that follows.
               CASE WHEN j.why = '' THEN least(j.at, p_now) ELSE coalesce(j.at, p_now) END, p_now, j.why,
               CASE WHEN j.why <> '' THEN jsonb_strip_nulls(jsonb_build_object(
                       'door', j.x ->> 'door', 'login', j.x ->> 'login',
                       'why', left(j.x ->> 'why', 500), 'raw', left(j.x ->> 'raw', 1000)))
                   WHEN j.person_id IS NULL THEN jsonb_strip_nulls(jsonb_build_object(
                       'told', CASE WHEN j.at > p_now THEN j.at END))
                   WHEN j.by = 'login' AND j.at <= p_now THEN jsonb '{"by": "login"}'
                   -- what lost_may_open asks for
                   ELSE jsonb_strip_nulls(jsonb_build_object('by', j.by,
                       'told', CASE WHEN j.at > p_now THEN j.at END, 'added', CASE j.by WHEN 'badge' THEN
                       (SELECT b.added_at FROM badge b WHERE b.number = decode(j.x ->> 'badge', 'hex')) END)) END
          FROM judged j
         WHERE NOT j.again
         ORDER BY j.n
        RETURNING event, kind, person_id, zone_id, at, source_id, quarantine
    ), movement AS (
        SELECT m.*, max(m.was_at) OVER (PARTITION BY m.person_id) AS since
          FROM (SELECT b.*, b.at AS was_at FROM before b
                 UNION ALL
                SELECT k.person_id, k.zone_id, k.at, k.kind, k.source_id, k.event, NULL
                  FROM kept k WHERE k.kind IN ('enter', 'leave') AND k.quarantine = '') m
    ), path AS (
        -- Each one's way from there on, as presence_of orders it.
        SELECT m.person_id, m.zone_id, lag(m.zone_id) OVER (PARTITION BY m.person_id
                   ORDER BY m.at, m.kind, m.source_id DESC, m.event DESC) AS from_zone
          FROM movement m
         WHERE coalesce(m.at >= m.since, true)
    ), alert AS (
        INSERT INTO audit (at, kind, person_id, outcome, reason, detail)
        SELECT p_now, 'system', j.person_id, 'refused', 'door_' || j.kind, jsonb_build_object(
                   'door', j.door, 'source', p_source.name, 'at', j.at)
          FROM judged j
         WHERE NOT j.again AND j.why = ''
           AND j.kind IN ('forced', 'held', 'duress', 'passback', 'fire')
         ORDER BY j.n
    )
    SELECT array_agg(CASE WHEN j.again THEN 'repeated'
               WHEN j.why <> '' THEN j.why ELSE 'taken' END ORDER BY j.n),
           (SELECT array_agg(DISTINCT m.person_id) FROM path m
             WHERE m.from_zone IS NOT NULL AND m.zone_id IS DISTINCT FROM m.from_zone),
           (SELECT array_agg(k.person_id) FROM kept k
             WHERE k.kind IN ('enter', 'leave') AND k.quarantine = '')
      INTO v_results, v_moved, v_told
      FROM judged j;
    -- Who leaves a zone has it noticed by logins that are being decided. In one
    -- order: two sources that report the same persons must not wait for each other.
    IF v_moved IS NOT NULL THEN
        PERFORM FROM person p WHERE p.id = ANY (v_moved) ORDER BY p.id FOR NO KEY UPDATE;
        UPDATE person p SET version = p.version + 1 WHERE p.id = ANY (v_moved);
    END IF;
    -- and by sessions that an entry carried, also of who has moved on since.
    IF v_told IS NOT NULL THEN
        PERFORM sessions_left(q.person_id) FROM (SELECT DISTINCT s.person_id FROM session s
             WHERE s.person_id = ANY (v_told) AND s.ended_at IS NULL AND s.end_wanted_at IS NULL
               AND s.door_event IS NOT NULL ORDER BY s.person_id) q;
    END IF;
    RETURN v_results;
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_events_take(sekisho.door_source, jsonb, timestamptz) FROM PUBLIC;
