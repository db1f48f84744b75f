-- SPDX-License-Identifier: GPL-2.0-or-later
-- A reader opens to nobody from now on; what it told stays. An entry that is in
-- progress there is refused.
CREATE OR REPLACE FUNCTION sekisho.door_reader_remove(
    p_door text,
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_n int;
BEGIN
    DELETE FROM door_reader r USING door d
     WHERE d.id = r.door_id AND d.name = p_door AND d.status = 'active' AND r.name = p_name;
    GET DIAGNOSTICS v_n = ROW_COUNT;
    IF v_n = 0 THEN
        PERFORM refuse('reader_unknown', p_name);
    END IF;
    PERFORM audit_admin('door_reader_remove', NULL, NULL,
        jsonb_build_object('door', p_door, 'reader', p_name));
    RETURN jsonb_build_object('door', p_door, 'name', p_name);
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_reader_remove(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_reader_remove(text, text) TO sekisho_operator;
