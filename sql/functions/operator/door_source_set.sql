-- SPDX-License-Identifier: GPL-2.0-or-later
-- How long a source may be silent. That of a client has the client's name; where
-- a feed is called the same, the feed is meant.
CREATE OR REPLACE FUNCTION sekisho.door_source_set(
    p_name text,
    p_silent_after int)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    SELECT s.id INTO v_id FROM door_source s LEFT JOIN client c ON c.id = s.client_id
     WHERE s.status = 'active' AND coalesce(c.name, s.name) = p_name
     ORDER BY s.client_id IS NOT NULL LIMIT 1;
    IF v_id IS NULL THEN
        PERFORM refuse('source_unknown', p_name);
    END IF;
    UPDATE door_source s SET silent_after = p_silent_after WHERE s.id = v_id;
    PERFORM audit_admin('door_source_set', NULL, NULL,
        jsonb_build_object('source', p_name, 'silent_after', p_silent_after));
    RETURN jsonb_build_object('name', p_name, 'silent_after', p_silent_after);
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_source_set(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_source_set(text, int) TO sekisho_operator;
