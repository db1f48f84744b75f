-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes the cost of failures; NULL leaves a number as it is.
CREATE OR REPLACE FUNCTION sekisho.throttle_rule_set(
    p_scope text,
    p_category text,
    p_delay_step int DEFAULT NULL,
    p_delay_max int DEFAULT NULL,
    p_lock_after int DEFAULT NULL,
    p_lock_for int DEFAULT NULL,
    p_hard_after int DEFAULT NULL,
    p_rebind_after int DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_new jsonb;
BEGIN
    UPDATE throttle_rule r
       SET delay_step = coalesce(p_delay_step, r.delay_step),
           delay_max = coalesce(p_delay_max, r.delay_max),
           lock_after = coalesce(p_lock_after, r.lock_after),
           lock_for = coalesce(p_lock_for, r.lock_for),
           hard_after = coalesce(p_hard_after, r.hard_after),
           rebind_after = coalesce(p_rebind_after, r.rebind_after)
     WHERE r.scope = p_scope AND r.category = p_category
     RETURNING to_jsonb(r) INTO v_new;
    IF v_new IS NULL THEN
        PERFORM refuse('throttle_rule_unknown', p_scope || ' ' || p_category);
    END IF;
    PERFORM audit_admin('throttle_rule_set', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.throttle_rule_set(text, text, int, int, int, int, int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.throttle_rule_set(text, text, int, int, int, int, int, int) TO sekisho_operator;
