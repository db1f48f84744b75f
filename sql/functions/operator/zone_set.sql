-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes a zone; NULL leaves a field as it is, an empty time ends the nightly
-- clear. What weakens is seen by logins that are being decided.
CREATE OR REPLACE FUNCTION sekisho.zone_set(
    p_name text,
    p_shift_minutes int DEFAULT NULL,
    p_clear_at text DEFAULT NULL,
    p_alarm_over boolean DEFAULT NULL,
    p_single_file boolean DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_new jsonb;
BEGIN
    IF p_clear_at <> '' AND p_clear_at !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' THEN
        PERFORM refuse('time_malformed', p_clear_at);
    END IF;
    UPDATE zone z
       SET shift_minutes = coalesce(p_shift_minutes, z.shift_minutes),
           clear_at = CASE WHEN p_clear_at IS NULL THEN z.clear_at
               ELSE nullif(p_clear_at, '')::time END,
           alarm_over_at = CASE WHEN p_alarm_over THEN clock_timestamp() ELSE z.alarm_over_at END,
           single_file = coalesce(p_single_file, z.single_file),
           version = z.version + 1
     WHERE z.name = p_name;
    IF NOT FOUND THEN
        PERFORM refuse('zone_unknown', p_name);
    END IF;
    v_new := (SELECT x FROM jsonb_array_elements(zone_list()) x WHERE x ->> 'name' = p_name);
    PERFORM audit_admin('zone_set', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.zone_set(text, int, text, boolean, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.zone_set(text, int, text, boolean, boolean) TO sekisho_operator;
