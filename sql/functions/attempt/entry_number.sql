-- SPDX-License-Identifier: GPL-2.0-or-later
-- A door that speaks RADIUS itself asks whether a card's number may pass. Only
-- where the reader's side is recorded as one that knows numbers (uid): a client
-- that should bring signatures gets nothing for a number. p_event names the
-- request (its Request Authenticator), so that a recorded packet opens nothing
-- and makes no second entry. reader NULL in, one reader: that one is meant. A
-- refusal is a sum, and touches nobody's row before it must.
CREATE OR REPLACE FUNCTION sekisho.entry_number(
    p_client uuid, p_version bigint, p_reader text, p_number bytea, p_event text,
    p_ref text, p_node text,
    OUT outcome text, OUT reason text, OUT ref text, OUT login text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz;
    v_readers int;
    v_reader door_reader;
    v_door door;
    v_person uuid;
    v_source uuid;
    v_event bigint;
    v_added timestamptz;
BEGIN
    outcome := 'reject';
    ref := p_ref;
    SELECT r.* INTO v_reader FROM client c JOIN door_reader r ON r.client_id = c.id
     WHERE c.id = p_client AND c.status = 'active' AND c.version = p_version AND c.kind = 'door'
       AND (r.name = p_reader OR p_reader IS NULL AND NOT EXISTS (
            SELECT FROM door_reader o WHERE o.client_id = c.id AND o.id <> r.id));
    SELECT d.* INTO v_door FROM door d WHERE d.id = v_reader.door_id AND d.status = 'active';
    reason := CASE
        WHEN v_door.id IS NULL THEN 'reader_unknown'
        WHEN CASE v_reader.side WHEN 'in' THEN v_door.method_in ELSE v_door.method_out END <> 'uid'
            THEN 'door_method_other' END;
    IF reason IS NULL THEN
        SELECT b.person_id, b.added_at, p.login INTO v_person, v_added, login
          FROM badge b JOIN person p ON p.id = b.person_id WHERE b.number = p_number;
        v_source := (SELECT s.id FROM door_source s WHERE s.client_id = p_client AND s.status = 'active');
        reason := CASE
            WHEN v_person IS NULL THEN 'badge_unknown'
            WHEN EXISTS (SELECT FROM door_event e WHERE e.source_id = v_source
                AND e.event = 'number ' || p_event) THEN 'request_repeated' END;
    END IF;
    IF reason IS NULL THEN
        -- an update and no lock: what waits for it looks at the clock anew
        UPDATE person p SET version = p.version WHERE p.id = v_person;
        v_now := clock_timestamp();
        reason := CASE
            -- again, under the lock: it may have been taken back meanwhile
            WHEN NOT EXISTS (SELECT FROM badge b WHERE b.number = p_number AND b.person_id = v_person)
                THEN 'badge_unknown'
            WHEN NOT EXISTS (SELECT FROM person p JOIN affiliation a ON a.person_id = p.id
                 WHERE p.id = v_person AND p.status = 'active' AND a.valid_from <= v_now
                   AND (a.valid_until IS NULL OR a.valid_until > v_now)) THEN 'person_unusable'
            -- the number may be that card's
            WHEN lost_may_open(v_person, 'badge', v_added) THEN 'card_lost'
            ELSE 'card_number' END;
    END IF;
    IF reason = 'card_number' THEN
        v_event := door_pass(v_source, v_reader, v_person, 'uid', 'number ' || p_event, v_now, v_now,
            jsonb_build_object('by', 'badge', 'added', v_added));
        IF v_event IS NULL THEN
            reason := 'request_repeated';
        END IF;
    END IF;
    IF reason IN ('reader_unknown', 'door_method_other', 'badge_unknown') THEN
        v_person := NULL;
        login := NULL;
    END IF;
    -- what may come a thousand times a second is summed up
    IF v_event IS NULL THEN
        ref := attempt_tally(coalesce(v_person, p_client), 'inside', p_client, reason,
            coalesce(login, '(door)'), v_person, p_ref, p_node, 1, 'entry');
        RETURN;
    END IF;
    outcome := 'accept';
    ref := NULL;
    PERFORM door_client_heard(p_client, v_now);
    INSERT INTO audit (at, kind, login, person_id, client_id, purpose, scope, outcome, reason,
        ref, node, detail)
    VALUES (v_now, 'entry', login, v_person, p_client, 'entry', 'inside', outcome, reason,
        ref, p_node, jsonb_strip_nulls(jsonb_build_object('door', v_door.name,
            'reader', v_reader.name, 'side', v_reader.side, 'event', v_event)));
END
$$;
REVOKE ALL ON FUNCTION sekisho.entry_number(uuid, bigint, text, bytea, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.entry_number(uuid, bigint, text, bytea, text, text, text) TO sekisho_authd;
