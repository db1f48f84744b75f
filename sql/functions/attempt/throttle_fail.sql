-- SPDX-License-Identifier: GPL-2.0-or-later
-- Counts one failure of a subject in a scope and category and says how long
-- to refuse. The caller has locked the subject's head row. The same wrong
-- secret given again (by keyed digest) is not counted again: a device that
-- repeats an old password locks nobody.
CREATE OR REPLACE FUNCTION sekisho.throttle_fail(
    p_subject uuid, p_scope text, p_category text, p_digest bytea,
    p_now timestamptz, OUT counted boolean, OUT wait int)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_rule throttle_rule;
    v_row throttle;
    v_delay int;
    v_total int;
BEGIN
    SELECT * INTO STRICT v_rule FROM throttle_rule r
     WHERE r.scope = split_part(p_scope, '/', 1) AND r.category = p_category;
    INSERT INTO throttle (subject, scope, category)
         VALUES (p_subject, p_scope, p_category) ON CONFLICT DO NOTHING;
    SELECT * INTO v_row FROM throttle t
     WHERE t.subject = p_subject AND t.scope = p_scope AND t.category = p_category;

    IF p_digest IS NOT NULL AND p_digest = ANY (v_row.digests) THEN
        counted := false;
        wait := throttle_wait(v_row, p_now);
        RETURN;
    END IF;
    counted := true;
    v_row.failures := v_row.failures + 1;
    v_row.total := v_row.total + 1;
    v_delay := least(v_rule.delay_step * v_row.failures, v_rule.delay_max);
    IF v_row.failures % v_rule.lock_after = 0 THEN
        v_delay := greatest(v_delay, v_rule.lock_for);
    END IF;
    IF v_row.failures >= v_rule.hard_after THEN
        v_row.hard := 'operator';
    END IF;
    -- Together over inside and outside (SP 800-63B 5.2.2); failures at a
    -- client whose requests anyone can forge count there alone.
    IF p_scope IN ('inside', 'outside') THEN
        SELECT coalesce(sum(t.total), 0) INTO v_total FROM throttle t
         WHERE t.subject = p_subject AND t.category = p_category
           AND t.scope IN ('inside', 'outside') AND t.scope <> p_scope;
        IF v_total + v_row.total >= v_rule.rebind_after THEN
            v_row.hard := 'rebind';
            UPDATE throttle t SET hard = 'rebind'
             WHERE t.subject = p_subject AND t.category = p_category
               AND t.scope IN ('inside', 'outside');
        END IF;
    END IF;
    UPDATE throttle t
       SET failures = v_row.failures, total = v_row.total, hard = v_row.hard,
           last_failure = p_now,
           not_before = p_now + make_interval(secs => v_delay),
           digests = CASE WHEN p_digest IS NULL THEN t.digests
               ELSE (array_append(t.digests, p_digest))[greatest(cardinality(t.digests) - 6, 1):] END
     WHERE t.subject = p_subject AND t.scope = p_scope AND t.category = p_category
     RETURNING * INTO v_row;
    wait := throttle_wait(v_row, p_now);
END
$$;
REVOKE ALL ON FUNCTION sekisho.throttle_fail(uuid, text, text, bytea, timestamptz) FROM PUBLIC;
