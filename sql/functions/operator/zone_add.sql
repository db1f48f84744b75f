-- SPDX-License-Identifier: GPL-2.0-or-later
-- A zone: an area whose entry is watched, to which terminals belong.
CREATE OR REPLACE FUNCTION sekisho.zone_add(
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    INSERT INTO zone (name) VALUES (p_name) ON CONFLICT (name) DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse('zone_exists', p_name);
    END IF;
    PERFORM audit_admin('zone_add', NULL, NULL, jsonb_build_object('zone', p_name));
    RETURN jsonb_build_object('name', p_name);
END
$$;
REVOKE ALL ON FUNCTION sekisho.zone_add(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.zone_add(text) TO sekisho_operator;
