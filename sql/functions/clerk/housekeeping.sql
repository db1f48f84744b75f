-- SPDX-License-Identifier: GPL-2.0-or-later
-- What must happen by itself: partitions, sums into the audit, logins left
-- unfinished, orders nobody executed. Idempotent.
CREATE OR REPLACE FUNCTION sekisho.housekeeping()
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_seconds int;
    v_tally refusal_tally;
    v_login login;
    v_order uuid;
BEGIN
    PERFORM audit_partition(current_date);
    PERFORM audit_partition((current_date + interval '1 month')::date);
    v_seconds := (SELECT s.value::int FROM setting s WHERE s.name = 'tally_seconds');
    FOR v_tally IN DELETE FROM refusal_tally t
                    WHERE t.first_at < v_now - make_interval(secs => v_seconds)
                RETURNING t.* LOOP
        INSERT INTO audit (at, kind, login, person_id, client_id, purpose, scope,
            outcome, reason, ref, count, until, node)
        VALUES (v_tally.first_at, v_tally.purpose, v_tally.login, v_tally.person_id,
            v_tally.client_id, v_tally.purpose, v_tally.scope, 'reject', v_tally.reason,
            v_tally.ref, v_tally.count, v_tally.last_at, v_tally.node);
    END LOOP;
    DELETE FROM answer w WHERE w.at < v_now - interval '1 minute' OR w.at > v_now + interval '1 minute';
    -- A password was right and no code followed: worth knowing.
    FOR v_login IN DELETE FROM login l WHERE l.expires_at < v_now RETURNING l.* LOOP
        IF v_login.evidence <> '[]' THEN
            INSERT INTO audit (kind, login, person_id, client_id, purpose, outcome,
                reason, evidence)
            VALUES ('login', v_login.login, v_login.person_id, v_login.client_id,
                v_login.purpose, 'abandoned', 'state_expired', v_login.evidence);
        END IF;
    END LOOP;
    PERFORM card_housekeeping();
    PERFORM maintenance_housekeeping(v_now);
    PERFORM session_housekeeping(v_now);
    PERFORM alarm_housekeeping();
    DELETE FROM fido2_challenge c WHERE c.expires_at < v_now;
    -- a feed that fell silent: presence by it counts no more (guideline D.7)
    WITH fell AS (UPDATE door_source s SET silent = true
         WHERE s.status = 'active' AND NOT s.silent AND s.heard_at IS NOT NULL
           AND s.heard_at < v_now - make_interval(secs => s.silent_after) RETURNING s.*)
    INSERT INTO audit (at, kind, outcome, reason, detail)
    SELECT v_now, 'system', 'refused', 'door_source_silent',
           jsonb_build_object('source', coalesce(c.name, f.name), 'heard_at', f.heard_at)
      FROM fell f LEFT JOIN client c ON c.id = f.client_id;
    UPDATE order_ o SET status = 'expired', args = '', done_at = v_now
     WHERE o.status = 'new' AND o.ready_at < v_now - interval '60 seconds';
    -- an order that nobody agreed to in time; what it was is in the audit
    FOR v_order IN UPDATE order_ o SET status = 'expired', args = '', done_at = v_now
                    WHERE o.status = 'waiting' AND o.expires_at < v_now RETURNING o.id LOOP
        PERFORM audit_order(v_order);
    END LOOP;
    -- what was released was fetched at once, or never will be
    UPDATE order_ o SET answer = NULL
     WHERE o.answer IS NOT NULL AND o.kind IN ('card_puk', 'card_management', 'card_renew')
       AND o.done_at < v_now - interval '10 minutes';
    -- or waits, sealed, for who was told that it was approved
    UPDATE order_ o SET answer = NULL
     WHERE o.answer IS NOT NULL AND o.kind IN ('escrow_puk', 'escrow_management')
       AND o.done_at < v_now - make_interval(hours => (SELECT s.value::int FROM setting s
                                                        WHERE s.name = 'order.approval_hours'));
    -- buckets of unknown names whose last failure is long past
    DELETE FROM throttle t WHERE t.last_failure < v_now - interval '30 days'
        AND NOT EXISTS (SELECT FROM person p WHERE p.id = t.subject);
    DELETE FROM throttle_head h
     WHERE NOT EXISTS (SELECT FROM throttle t WHERE t.subject = h.subject)
       AND NOT EXISTS (SELECT FROM person p WHERE p.id = h.subject);
END
$$;
REVOKE ALL ON FUNCTION sekisho.housekeeping() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.housekeeping() TO sekisho_clerk;
