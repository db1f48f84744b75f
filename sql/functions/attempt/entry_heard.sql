-- SPDX-License-Identifier: GPL-2.0-or-later
-- A reader gives its challenge back unused: its heartbeat. False: it was not
-- this reader's, or not any more.
CREATE OR REPLACE FUNCTION sekisho.entry_heard(
    p_client uuid, p_version bigint, p_reader text, p_state bytea)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    PERFORM FROM client c WHERE c.id = p_client AND c.status = 'active'
        AND c.version = p_version AND c.kind = 'door';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    DELETE FROM login l
     WHERE l.state_hash = p_state AND l.client_id = p_client AND l.login = p_reader
       AND l.purpose = 'entry' AND l.expires_at > v_now;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM door_client_heard(p_client, v_now);
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION sekisho.entry_heard(uuid, bigint, text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.entry_heard(uuid, bigint, text, bytea) TO sekisho_authd;
