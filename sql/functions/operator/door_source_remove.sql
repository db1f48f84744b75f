-- SPDX-License-Identifier: GPL-2.0-or-later
-- Nothing more is taken from a source, and what it told counts for no login. The
-- source of a client goes with the client.
CREATE OR REPLACE FUNCTION sekisho.door_source_remove(
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    UPDATE door_source s SET status = 'removed' WHERE s.name = p_name AND s.client_id IS NULL AND s.status = 'active';
    IF NOT FOUND THEN
        PERFORM refuse('source_unknown', p_name);
    END IF;
    PERFORM audit_admin('door_source_remove', NULL, NULL, jsonb_build_object('source', p_name));
    RETURN jsonb_build_object('name', p_name);
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_source_remove(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_source_remove(text) TO sekisho_operator;
