-- SPDX-License-Identifier: GPL-2.0-or-later
-- Removes a client at once; its history stays.
CREATE OR REPLACE FUNCTION sekisho.client_remove(
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    UPDATE client c SET status = 'removed', version = c.version + 1
     WHERE c.name = p_name AND c.status = 'active' RETURNING c.id INTO v_id;
    IF v_id IS NULL THEN
        PERFORM refuse('client_unknown', p_name);
    END IF;
    DELETE FROM login l WHERE l.client_id = v_id;
    DELETE FROM door_reader r WHERE r.client_id = v_id;
    UPDATE door_source s SET status = 'removed' WHERE s.client_id = v_id;
    PERFORM audit_admin('client_remove', NULL, NULL, client_json(v_id));
    RETURN client_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.client_remove(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.client_remove(text) TO sekisho_operator;
