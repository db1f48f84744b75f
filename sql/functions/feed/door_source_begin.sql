-- SPDX-License-Identifier: GPL-2.0-or-later
-- A feed begins, or begins again: where it was, and how often it must be heard.
CREATE OR REPLACE FUNCTION sekisho.door_source_begin(
    p_source text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_source door_source := door_source_of(p_source);
BEGIN
    RETURN jsonb_build_object('cursor', v_source.cursor, 'silent_after', v_source.silent_after);
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_source_begin(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_source_begin(text) TO sekisho_door_feed;
