-- SPDX-License-Identifier: GPL-2.0-or-later
-- A refusal that charges nobody and may come a thousand times a second:
-- summed up in one row per subject, client and reason, which keeps one
-- reference for the help desk. Not worth a flush to disk each.
CREATE OR REPLACE FUNCTION sekisho.attempt_tally(
    p_subject uuid, p_scope text, p_client uuid, p_reason text, p_login text,
    p_person uuid, p_ref text, p_node text, p_count bigint DEFAULT 1,
    p_purpose text DEFAULT 'login') RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_ref text;
BEGIN
    INSERT INTO refusal_tally AS t (subject, scope, client_id, reason, login,
        person_id, first_at, last_at, count, ref, node, purpose)
    VALUES (p_subject, p_scope, p_client, p_reason, p_login,
        p_person, v_now, v_now, p_count, p_ref, p_node, p_purpose)
    ON CONFLICT (subject, scope, client_id, reason)
    DO UPDATE SET count = t.count + p_count, last_at = v_now
    RETURNING t.ref INTO v_ref;
    -- A clock that stepped back: the delay costs what it cost, from now.
    IF p_reason = 'delay_running' THEN
        UPDATE throttle w
           SET not_before = v_now + (w.not_before - w.last_failure), last_failure = v_now
         WHERE w.subject = p_subject AND w.last_failure > v_now + interval '1 second';
    END IF;
    -- only when nothing else is written here: a flood must not flush
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN v_ref;
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_tally(uuid, text, uuid, text, text, uuid, text, text, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attempt_tally(uuid, text, uuid, text, text, uuid, text, text, bigint, text) TO sekisho_authd;
