-- SPDX-License-Identifier: GPL-2.0-or-later
-- What one movement makes of a person's presence, by its own facts; p_live: also
-- by what is true only now. presence_of says what each fault is.
CREATE OR REPLACE FUNCTION sekisho.presence_judge(
    e sekisho.door_event, p_at timestamptz, p_live boolean)
    RETURNS sekisho.presence
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    d door;
    z zone;
    p presence;
    v_clear timestamptz;
    v_zone_time text;
    v_day date;
BEGIN
    SELECT x.* INTO d FROM door x WHERE x.id = e.door_id;
    SELECT x.* INTO z FROM zone x WHERE x.id = e.zone_id;
    p.event_id := e.id;
    p.zone_id := e.zone_id;
    p.door := d.name;
    p.method := e.method;
    p.category := CASE
        WHEN e.method IN ('card', 'card_pin') THEN 'possession'
        WHEN e.method = 'biometric' THEN 'inherence'
        WHEN e.method = 'uid' AND d.uid_until > p_at THEN 'possession' END;
    p.since := e.at;
    p.until := e.at + make_interval(mins => z.shift_minutes);
    IF z.clear_at IS NOT NULL THEN
        SELECT s.value INTO v_zone_time FROM setting s WHERE s.name = 'site.timezone';
        v_day := (e.at AT TIME ZONE v_zone_time)::date;
        v_clear := (v_day + z.clear_at) AT TIME ZONE v_zone_time;
        IF v_clear <= e.at THEN
            v_clear := (v_day + 1 + z.clear_at) AT TIME ZONE v_zone_time;
        END IF;
    END IF;
    p.fault := CASE
        WHEN e.detail ->> 'by' = 'officer' THEN 'by_hand'
        WHEN e.detail ? 'offline' THEN 'offline'
        WHEN e.received_at > e.at + interval '120 seconds' THEN 'late'
        WHEN least(e.received_at, e.at) <= (SELECT x.entries_from FROM person x WHERE x.id = e.person_id)
            OR lost_may_open(e.person_id, e.detail ->> 'by', (e.detail ->> 'added')::timestamptz)
            THEN 'card_ended'
        WHEN d.status <> 'active' THEN 'door_removed'
        -- where a reader of ours asks cards to prove themselves, a feed alone is less
        WHEN e.method IN ('card', 'card_pin')
            AND (SELECT s.client_id IS NULL FROM door_source s WHERE s.id = e.source_id)
            AND EXISTS (SELECT FROM door_reader r WHERE r.door_id = e.door_id
                AND (r.side = 'in') = (e.kind = 'enter'))
            THEN 'not_by_reader'
        WHEN p.category IS NULL THEN 'no_factor'
        WHEN d.reports_opened AND NOT EXISTS (SELECT FROM door_event o
             WHERE o.door_id = d.id AND o.kind = 'opened' AND o.quarantine = ''
               AND o.at BETWEEN e.at - interval '2 seconds' AND e.at + interval '30 seconds')
            THEN 'not_opened'
        WHEN z.single_file AND NOT coalesce(d.single_file, false) THEN 'not_single_file'
        WHEN p.until <= p_at THEN 'expired'
        WHEN v_clear <= p_at THEN 'cleared' END;
    p.until := least(p.until, v_clear);
    IF p_live AND p.fault IS NULL THEN
        p.fault := CASE
            WHEN NOT EXISTS (SELECT FROM door_source s WHERE s.id = e.source_id
                 AND s.status = 'active' AND s.counts_from < e.received_at
                 AND s.heard_at >= p_at - make_interval(secs => s.silent_after))
                THEN 'source_silent'
            WHEN (SELECT a.alarm FROM zone_alarm(e.zone_id, p_at) a) IS NOT NULL
                THEN 'zone_alarm' END;
    END IF;
    RETURN p;
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_judge(sekisho.door_event, timestamptz, boolean) FROM PUBLIC;
