-- SPDX-License-Identifier: GPL-2.0-or-later
-- A client of kind door was heard: by something that cannot have been said
-- before (an answer to our challenge, an event we did not have). Its source.
CREATE OR REPLACE FUNCTION sekisho.door_client_heard(
    p_client uuid, p_now timestamptz)
    RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_source door_source;
BEGIN
    SELECT s.* INTO v_source FROM door_source s
     WHERE s.client_id = p_client AND s.status = 'active';
    -- not each time: readers of one client would wait for each other
    IF v_source.silent OR coalesce(v_source.heard_at < p_now - interval '5 seconds', true) THEN
        SELECT s.* INTO v_source FROM door_source s
         WHERE s.client_id = p_client AND s.status = 'active' FOR UPDATE;
        IF v_source.silent THEN
            INSERT INTO audit (kind, outcome, reason, detail)
            SELECT 'system', 'done', 'door_source_heard', jsonb_build_object('source', c.name)
              FROM client c WHERE c.id = p_client;
        END IF;
        UPDATE door_source s SET heard_at = greatest(s.heard_at, p_now), silent = false
         WHERE s.id = v_source.id;
    END IF;
    RETURN v_source.id;
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_client_heard(uuid, timestamptz) FROM PUBLIC;
