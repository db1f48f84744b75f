-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether a request is a door's. No row: the client is unknown or removed.
-- answered is false where it must stay unanswered (another version).
CREATE OR REPLACE FUNCTION sekisho.entry_client(
    p_client uuid, p_version bigint)
    RETURNS TABLE (answered boolean, is_door boolean, client_name text, client_lang text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT c.version = p_version, c.kind = 'door', c.name, c.lang
      FROM client c WHERE c.id = p_client AND c.status = 'active'
$$;
REVOKE ALL ON FUNCTION sekisho.entry_client(uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.entry_client(uuid, bigint) TO sekisho_authd;
