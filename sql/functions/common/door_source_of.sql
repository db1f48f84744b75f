-- SPDX-License-Identifier: GPL-2.0-or-later
-- The source that the caller may speak for, locked: its events are taken one
-- call after the other. Hearing from it ends its silence.
CREATE OR REPLACE FUNCTION sekisho.door_source_of(
    p_source text)
    RETURNS sekisho.door_source
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_source door_source;
BEGIN
    SELECT s.* INTO v_source FROM door_source s
     WHERE s.name = p_source AND s.client_id IS NULL AND s.status = 'active' FOR UPDATE;
    IF v_source.id IS NULL THEN
        PERFORM refuse('source_unknown', p_source);
    END IF;
    IF v_source.role <> session_user THEN
        PERFORM refuse('source_not_yours', p_source);
    END IF;
    IF v_source.silent THEN
        INSERT INTO audit (kind, outcome, reason, detail)
        VALUES ('system', 'done', 'door_source_heard', jsonb_build_object('source', p_source));
    END IF;
    UPDATE door_source s SET heard_at = clock_timestamp(), silent = false WHERE s.id = v_source.id;
    RETURN v_source;
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_source_of(text) FROM PUBLIC;
