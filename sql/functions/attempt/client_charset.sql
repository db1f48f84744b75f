-- SPDX-License-Identifier: GPL-2.0-or-later
-- In which characters a client sends names and passwords; NULL: no such client.
-- Asked only for what is not ASCII.
CREATE OR REPLACE FUNCTION sekisho.client_charset(
    p_client uuid)
    RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT c.charset FROM client c WHERE c.id = p_client AND c.status = 'active');
END
$$;
REVOKE ALL ON FUNCTION sekisho.client_charset(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.client_charset(uuid) TO sekisho_authd;
