-- SPDX-License-Identifier: GPL-2.0-or-later
-- Takes a door out of service. Its events stay; those that come are not mapped.
CREATE OR REPLACE FUNCTION sekisho.door_remove(
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_door uuid;
BEGIN
    UPDATE door d SET status = 'removed' WHERE d.name = p_name AND d.status = 'active'
    RETURNING d.id INTO v_door;
    IF v_door IS NULL THEN
        PERFORM refuse('door_unknown', p_name);
    END IF;
    DELETE FROM door_reader r WHERE r.door_id = v_door;
    PERFORM audit_admin('door_remove', NULL, NULL, jsonb_build_object('door', p_name));
    RETURN jsonb_build_object('name', p_name);
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_remove(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_remove(text) TO sekisho_operator;
