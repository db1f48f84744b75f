-- SPDX-License-Identifier: GPL-2.0-or-later
-- The one write of an entry by a card: State spent, event, audit, in one
-- transaction; its result is the answer. A refusal is a sum and no row each. Door and reader are read again here,
-- and the person must be at the version that was read. How the person was
-- identified is the door's own method, where the evidence carries it.
CREATE OR REPLACE FUNCTION sekisho.entry_record(
    p_client uuid, p_version bigint, p_reader text, p_state bytea,
    p_person uuid, p_person_version bigint, p_login text,
    p_outcome text, p_reason text, p_evidence jsonb, p_ref text, p_node text,
    OUT outcome text, OUT reason text, OUT ref text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz;
    v_reader door_reader;
    v_door door;
    v_method text;
    v_source uuid;
    v_event bigint;
BEGIN
    outcome := p_outcome;
    reason := p_reason;
    ref := p_ref;
    -- The person first, as everywhere; a change that ends the card waits for
    -- this commit or is seen here.
    IF p_outcome = 'accept' THEN
        -- An update and no lock: what waits for it looks at the clock anew.
        UPDATE person p SET version = p.version WHERE p.id = p_person AND p.version = p_person_version;
        IF NOT FOUND THEN
            outcome := 'reject';
            reason := 'changed_meanwhile';
        END IF;
    END IF;
    v_now := clock_timestamp();
    DELETE FROM login l
     WHERE l.state_hash = p_state AND l.client_id = p_client AND l.login = p_reader
       AND l.purpose = 'entry' AND l.expires_at > v_now;
    IF NOT FOUND THEN
        outcome := 'reject';
        reason := 'state_spent';
        ref := attempt_tally(p_client, 'inside', p_client, reason, '(door)',
            NULL, p_ref, p_node, 1, 'entry');
        RETURN;
    END IF;
    SELECT r.* INTO v_reader FROM client c JOIN door_reader r ON r.client_id = c.id
     WHERE c.id = p_client AND c.status = 'active' AND c.version = p_version
       AND c.kind = 'door' AND r.name = p_reader;
    SELECT d.* INTO v_door FROM door d WHERE d.id = v_reader.door_id AND d.status = 'active';
    v_method := CASE v_reader.side WHEN 'in' THEN v_door.method_in ELSE v_door.method_out END;
    IF outcome = 'accept' AND (v_door.id IS NULL OR v_method NOT IN ('card', 'card_pin')
        OR v_method = 'card_pin' AND NOT p_evidence @> '[{"method": "pin"}]') THEN
        outcome := 'reject';
        reason := 'changed_meanwhile';
    END IF;
    IF v_reader.id IS NOT NULL THEN
        -- our own challenge came back: whoever sent it is there now
        v_source := door_client_heard(p_client, v_now);
    END IF;
    IF outcome = 'accept' THEN
        v_event := door_pass(v_source, v_reader, p_person, v_method,
            'entry ' || encode(p_state, 'hex'), v_now, v_now, '{"by": "card"}');
        ref := NULL;
    END IF;
    IF outcome <> 'accept' THEN
        -- a challenge costs nothing, and so does what answers it wrongly
        ref := attempt_tally(coalesce(p_person, p_client), 'inside', p_client, reason,
            coalesce(p_login, '(door)'), p_person, p_ref, p_node, 1, 'entry');
        RETURN;
    END IF;
    INSERT INTO audit (at, kind, login, person_id, client_id, purpose, scope, outcome, reason,
        evidence, ref, node, detail)
    VALUES (v_now, 'entry', p_login, p_person, p_client, 'entry', 'inside', outcome, reason,
        p_evidence, ref, p_node, jsonb_strip_nulls(jsonb_build_object('door', v_door.name,
            'reader', p_reader, 'side', v_reader.side, 'event', v_event)));
END
$$;
REVOKE ALL ON FUNCTION sekisho.entry_record(uuid, bigint, text, bytea, uuid, bigint, text,
    text, text, jsonb, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.entry_record(uuid, bigint, text, bytea, uuid, bigint, text,
    text, text, jsonb, text, text) TO sekisho_authd;
