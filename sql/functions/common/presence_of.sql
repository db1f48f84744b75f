-- SPDX-License-Identifier: GPL-2.0-or-later
-- Where a person is at a moment, and whether that may count as a factor (D.5).
-- Nothing is remembered: it is the newest movement, judged by its own facts, so
-- late, repeated and reordered events cannot lead to another answer. p_live:
-- also by what is true only now (a silent source, an alarm), and with clocks of
-- doors that are a minute ahead.
--
-- Faults, in this order (presence_judge): by_hand (officers entered it), offline
-- (the door let in by its list, without a server), late (we heard of it more than
-- 120 s afterwards), card_ended (a card or badge of this person has ended since, or
-- is lost and may be what was used), door_removed, not_by_reader (a feed tells it of
-- a side where a reader of ours asks cards to prove themselves), no_factor (a number that can be copied, a
-- shared code), not_opened, not_single_file (the zone wants doors that let one
-- person through at a time), expired (the zone's shift), cleared (the nightly
-- clear), source_silent, zone_alarm; told_after_exit, see below. NULL where the person is nowhere.
--
-- One entry can be told by two sources: movements through the same door into the
-- same zone within five seconds, each of another source and with nothing else
-- between, are one, known by the one that was heard first, so that the second
-- neither ends nor renews anything. It counts if it was told in time by one that
-- is heard still, and none of them says that what was used is no factor, or that no
-- server was asked.
--
-- Where clocks differ by more, or a feed is late, the second telling of an entry can
-- come out after the exit that the first has told: told_after_exit. It is one if within
-- a minute of an exit somebody else told, through a door by which somebody else told an
-- entry just before that exit, and this source told none. A real return counts as
-- soon as another source tells it too, or after a minute.
CREATE OR REPLACE FUNCTION sekisho.presence_of(
    p_person uuid, p_at timestamptz, p_live boolean)
    RETURNS sekisho.presence
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    e door_event;
    v_newest door_event;
    v_first bigint;
    v_sources uuid[];
    v_words CONSTANT text[] := '{by_hand,offline,card_ended,no_factor}';
    v_worst text;
    p presence;
    q presence;
BEGIN
    FOR e IN SELECT v.* FROM door_event v
          WHERE v.person_id = p_person AND v.kind IN ('enter', 'leave') AND v.quarantine = ''
            AND v.at <= p_at + CASE WHEN p_live THEN interval '60 seconds' ELSE '0' END
          ORDER BY v.at DESC, v.kind DESC, v.source_id, v.event LIMIT 8 LOOP
        IF v_newest.id IS NULL THEN
            IF e.zone_id IS NULL THEN
                RETURN NULL;
            END IF;
            v_newest := e;
            v_first := e.id;
            v_sources := ARRAY[e.source_id];
            p := presence_judge(e, p_at, p_live);
        ELSIF (e.kind, e.door_id, e.zone_id) IS DISTINCT FROM (v_newest.kind, v_newest.door_id, v_newest.zone_id)
            OR e.source_id = ANY (v_sources) OR e.at < v_newest.at - interval '5 seconds' THEN
            IF v_newest.kind = 'enter' AND e.kind = 'leave' AND e.source_id <> ALL (v_sources)
                AND e.at >= v_newest.at - interval '60 seconds'
                AND EXISTS (SELECT FROM door_event x
                     WHERE x.person_id = p_person AND x.at BETWEEN e.at - interval '120 seconds' AND e.at
                       AND x.kind = 'enter' AND x.quarantine = '' AND x.door_id = v_newest.door_id
                       AND x.source_id <> ALL (v_sources))
                AND NOT EXISTS (SELECT FROM door_event x
                     WHERE x.person_id = p_person AND x.at BETWEEN e.at - interval '120 seconds' AND e.at
                       AND x.kind = 'enter' AND x.quarantine = '' AND x.door_id = v_newest.door_id
                       AND x.source_id = ANY (v_sources)) THEN
                v_worst := coalesce(v_worst, 'told_after_exit');
            END IF;
            EXIT;
        ELSE
            v_first := least(v_first, e.id);
            v_sources := v_sources || e.source_id;
            q := presence_judge(e, p_at, p_live);
            v_worst := coalesce(CASE WHEN p.fault = ANY (v_words) THEN p.fault
                WHEN q.fault = ANY (v_words) THEN q.fault END, v_worst);
            IF p.fault IS NOT NULL AND q.fault IS NULL THEN
                p := q;
            END IF;
        END IF;
    END LOOP;
    IF v_newest.id IS NULL THEN
        RETURN NULL;
    END IF;
    p.event_id := v_first;
    p.fault := coalesce(v_worst, p.fault);
    RETURN p;
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_of(uuid, timestamptz, boolean) FROM PUBLIC;
