-- SPDX-License-Identifier: GPL-2.0-or-later
-- A reader on one side of a door, and the client (of kind door) that asks for
-- it.
CREATE OR REPLACE FUNCTION sekisho.door_reader_add(
    p_door text,
    p_name text,
    p_client text,
    p_side text DEFAULT 'in')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_client client;
    v_door door;
    v_id uuid;
    v_new jsonb;
BEGIN
    SELECT d.* INTO v_door FROM door d WHERE d.name = p_door AND d.status = 'active' FOR SHARE;
    IF v_door.id IS NULL THEN
        PERFORM refuse('door_unknown', p_door);
    END IF;
    SELECT c.* INTO v_client FROM client c WHERE c.name = p_client AND c.status = 'active' FOR SHARE;
    IF v_client.id IS NULL THEN
        PERFORM refuse('client_unknown', p_client);
    END IF;
    IF v_client.kind <> 'door' THEN
        PERFORM refuse('client_is_no_door', p_client);
    END IF;
    -- a reader where nobody is identified would open to nobody
    IF (CASE p_side WHEN 'in' THEN v_door.method_in ELSE v_door.method_out END)
        NOT IN ('card', 'card_pin', 'uid') THEN
        PERFORM refuse('door_side_without_card', p_door);
    END IF;
    INSERT INTO door_reader (client_id, name, door_id, side)
    VALUES (v_client.id, p_name, v_door.id, p_side)
    ON CONFLICT (client_id, name) DO NOTHING RETURNING id INTO v_id;
    IF v_id IS NULL THEN
        PERFORM refuse('reader_exists', p_name);
    END IF;
    v_new := jsonb_build_object('door', p_door, 'name', p_name, 'client', p_client, 'side', p_side);
    PERFORM audit_admin('door_reader_add', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_reader_add(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_reader_add(text, text, text, text) TO sekisho_operator;
