-- SPDX-License-Identifier: GPL-2.0-or-later
-- A reader asks for a challenge: an entry in progress, bound to client and
-- reader, for ten seconds. Nobody is known yet. False: this door has no such
-- reader.
CREATE OR REPLACE FUNCTION sekisho.entry_open(
    p_client uuid, p_version bigint, p_reader text, p_state bytea)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v attempt_view;
    v_reader uuid;
BEGIN
    SELECT r.id, c.version INTO v_reader, v.client_version
      FROM client c JOIN door_reader r ON r.client_id = c.id
     WHERE c.id = p_client AND c.status = 'active' AND c.version = p_version
       AND c.kind = 'door' AND r.name = p_reader;
    IF v_reader IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO login (state_hash, subject, login, client_id, purpose, created_at,
        expires_at, view)
    VALUES (p_state, v_reader, p_reader, p_client, 'entry', v_now,
        v_now + interval '10 seconds', v);
    -- Lost in a crash, it is asked for again: not worth a flush.
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION sekisho.entry_open(uuid, bigint, text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.entry_open(uuid, bigint, text, bytea) TO sekisho_authd;
