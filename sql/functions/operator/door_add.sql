-- SPDX-License-Identifier: GPL-2.0-or-later
-- A door from one zone to another; no zone: outside all of them.
CREATE OR REPLACE FUNCTION sekisho.door_add(
    p_name text,
    p_from text DEFAULT NULL,
    p_to text DEFAULT NULL,
    p_method_in text DEFAULT 'card',
    p_method_out text DEFAULT '',
    p_reports_opened boolean DEFAULT false,
    p_single_file boolean DEFAULT false)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_from uuid := zone_id_of(p_from);
    v_to uuid := zone_id_of(p_to);
    v_new jsonb;
BEGIN
    IF v_from IS NOT DISTINCT FROM v_to THEN
        PERFORM refuse('door_same_zone', p_name);
    END IF;
    PERFORM door_method_refuse(p_method_in), door_method_refuse(p_method_out);
    INSERT INTO door (name, from_zone, to_zone, method_in, method_out, reports_opened, single_file)
    VALUES (p_name, v_from, v_to, p_method_in, p_method_out, p_reports_opened, p_single_file)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse('door_exists', p_name);
    END IF;
    v_new := (SELECT x FROM jsonb_array_elements(door_list()) x WHERE x ->> 'name' = p_name);
    PERFORM audit_admin('door_add', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_add(text, text, text, text, text, boolean, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_add(text, text, text, text, text, boolean, boolean) TO sekisho_operator;
