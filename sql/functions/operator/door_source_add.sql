-- SPDX-License-Identifier: GPL-2.0-or-later
-- A source of events, and the role of the database that may speak for it.
CREATE OR REPLACE FUNCTION sekisho.door_source_add(
    p_name text,
    p_silent_after int DEFAULT 90,
    p_role text DEFAULT 'sekisho_door_feed')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_new jsonb;
BEGIN
    -- a role that may not call door_events could say nothing
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = p_role
                    AND pg_has_role(r.oid, 'sekisho_door_feed', 'USAGE')) THEN
        PERFORM refuse('role_unknown', p_role);
    END IF;
    INSERT INTO door_source AS s (name, silent_after, role) VALUES (p_name, p_silent_after, p_role)
    ON CONFLICT (name) DO UPDATE SET status = 'active', silent_after = p_silent_after, role = p_role,
        -- another system may stand behind the name: it numbers anew
        last_seq = NULL, counts_from = clock_timestamp()
        WHERE s.status = 'removed' AND s.client_id IS NULL;
    IF NOT FOUND THEN
        PERFORM refuse('source_exists', p_name);
    END IF;
    v_new := (SELECT x FROM jsonb_array_elements(door_source_list()) x WHERE x ->> 'name' = p_name);
    PERFORM audit_admin('door_source_add', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_source_add(text, int, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_source_add(text, int, text) TO sekisho_operator;
