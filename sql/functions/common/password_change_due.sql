-- SPDX-License-Identifier: GPL-2.0-or-later
-- Days until a password expires, from the first warning on (guideline C.14 (4) b);
-- 0: nothing to say. -1: it has expired. -2: it was given out to be changed. -3: it
-- meets the rule of its group no more. Days are those of the hospital's calendar,
-- so a password ends at midnight and not in the middle of a shift; the day on
-- which it was set is not counted, so none lasts longer than its days.
CREATE OR REPLACE FUNCTION sekisho.password_change_due(
    p_verifier sekisho.verifier, p_rule sekisho.password_rule, p_now timestamptz)
    RETURNS int
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_zone text;
    v_age int;
BEGIN
    IF p_verifier.must_change THEN
        RETURN -2;
    ELSIF coalesce(p_verifier.min_chars, 8) < p_rule.min_chars THEN
        RETURN -3;
    ELSIF p_rule.expire_days IS NULL THEN
        RETURN 0;
    END IF;
    SELECT s.value INTO v_zone FROM setting s WHERE s.name = 'site.timezone';
    v_age := (p_now AT TIME ZONE v_zone)::date - (p_verifier.set_at AT TIME ZONE v_zone)::date;
    RETURN CASE WHEN v_age >= p_rule.expire_days THEN -1
                WHEN v_age >= coalesce(p_rule.warn_days, p_rule.expire_days) THEN p_rule.expire_days - v_age
                ELSE 0 END;
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_change_due(sekisho.verifier, sekisho.password_rule, timestamptz) FROM PUBLIC;
