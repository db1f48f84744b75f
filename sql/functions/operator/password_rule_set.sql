-- SPDX-License-Identifier: GPL-2.0-or-later
-- Makes or changes the rule for the passwords of a group (guideline C.14 (4));
-- NULL leaves a field, or takes what the class presets. 0 days: it does not expire.
CREATE OR REPLACE FUNCTION sekisho.password_rule_set(
    p_name text,
    p_class text DEFAULT NULL,
    p_min_chars int DEFAULT NULL,
    p_expire_days int DEFAULT NULL,
    p_warn_days int DEFAULT NULL,
    p_history int DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_old password_rule;
    v_new password_rule;
BEGIN
    IF length(p_name) NOT BETWEEN 1 AND 64 THEN
        PERFORM refuse('password_rule_name', p_name);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('sekisho password rules'));
    SELECT u.* INTO v_old FROM password_rule u WHERE u.name = p_name;
    v_new.name := p_name;
    v_new.class := coalesce(p_class, v_old.class);
    IF v_new.class IS NULL OR v_new.class NOT IN ('a', 'b', 'c') THEN
        PERFORM refuse('password_rule_class', p_name);
    END IF;
    -- another class: its own presets, unless they are given
    IF v_old.class IS DISTINCT FROM v_new.class THEN
        v_new.min_chars := CASE v_new.class WHEN 'a' THEN 13 ELSE 8 END;
        v_new.expire_days := CASE v_new.class WHEN 'b' THEN 59 END;
        v_new.warn_days := CASE v_new.class WHEN 'b' THEN 45 END;
        v_new.history := coalesce(v_old.history, 5);
    ELSE
        v_new := v_old;
    END IF;
    v_new.min_chars := coalesce(p_min_chars, v_new.min_chars);
    v_new.expire_days := nullif(coalesce(p_expire_days, v_new.expire_days, 0), 0);
    v_new.warn_days := CASE WHEN v_new.expire_days IS NULL THEN NULL
        ELSE least(coalesce(p_warn_days, v_new.warn_days, v_new.expire_days - v_new.expire_days / 4),
                   v_new.expire_days) END;
    v_new.history := coalesce(p_history, v_new.history);
    IF v_new.class = 'a' AND v_new.min_chars < 13 OR v_new.min_chars < 8 THEN
        PERFORM refuse('password_rule_short', p_name);
    END IF;
    IF v_new.class = 'b' AND coalesce(v_new.expire_days, 60) > 59 THEN
        PERFORM refuse('password_rule_expiry', p_name);
    END IF;
    INSERT INTO password_rule AS u SELECT (v_new).*
    ON CONFLICT (name) DO UPDATE SET class = excluded.class, min_chars = excluded.min_chars,
        expire_days = excluded.expire_days, warn_days = excluded.warn_days, history = excluded.history;
    IF v_old.name IS NOT NULL AND (v_new.min_chars < v_old.min_chars OR v_new.history < v_old.history
        OR coalesce(v_new.expire_days, 1000000) > coalesce(v_old.expire_days, 1000000)) THEN
        PERFORM policy_weakened('password rule ' || p_name, to_jsonb(v_old)::text, to_jsonb(v_new)::text);
    END IF;
    PERFORM audit_admin('password_rule_set', NULL, NULL,
        jsonb_build_object('before', to_jsonb(v_old), 'after', to_jsonb(v_new)));
    RETURN (SELECT x FROM jsonb_array_elements(password_rule_list()) x WHERE x ->> 'name' = p_name);
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_rule_set(text, text, int, int, int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.password_rule_set(text, text, int, int, int, int) TO sekisho_operator;
