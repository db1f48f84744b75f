-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes a door; NULL leaves a field as it is. p_uid_until: until that day a
-- number that can be copied counts here as possession, which somebody accepts
-- by name (session_user) with a reason, for a year at most; a day that has
-- passed ends it.
CREATE OR REPLACE FUNCTION sekisho.door_set(
    p_name text,
    p_method_in text DEFAULT NULL,
    p_method_out text DEFAULT NULL,
    p_reports_opened boolean DEFAULT NULL,
    p_single_file boolean DEFAULT NULL,
    p_uid_until date DEFAULT NULL,
    p_uid_why text DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_new jsonb;
BEGIN
    PERFORM door_method_refuse(p_method_in), door_method_refuse(p_method_out);
    IF p_uid_until > current_date + 366 THEN
        PERFORM refuse('uid_too_long', p_name);
    END IF;
    IF p_uid_until IS NOT NULL AND coalesce(p_uid_why, '') = '' THEN
        PERFORM refuse('uid_why_missing', p_name);
    END IF;
    UPDATE door d
       SET method_in = coalesce(p_method_in, d.method_in),
           method_out = coalesce(p_method_out, d.method_out),
           reports_opened = coalesce(p_reports_opened, d.reports_opened),
           single_file = coalesce(p_single_file, d.single_file),
           -- the day itself is in it
           uid_until = coalesce((p_uid_until + 1)::timestamp AT TIME ZONE
               (SELECT s.value FROM setting s WHERE s.name = 'site.timezone'), d.uid_until),
           uid_why = coalesce(p_uid_why, d.uid_why)
     WHERE d.name = p_name AND d.status = 'active';
    IF NOT FOUND THEN
        PERFORM refuse('door_unknown', p_name);
    END IF;
    v_new := (SELECT x FROM jsonb_array_elements(door_list()) x WHERE x ->> 'name' = p_name);
    PERFORM audit_admin('door_set', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_set(text, text, text, boolean, boolean, date, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_set(text, text, text, boolean, boolean, date, text) TO sekisho_operator;
