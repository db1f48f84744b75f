-- SPDX-License-Identifier: GPL-2.0-or-later
-- All clients in service.
CREATE OR REPLACE FUNCTION sekisho.client_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(client_json(c.id) ORDER BY c.name), '[]')
              FROM client c WHERE c.status = 'active');
END
$$;
REVOKE ALL ON FUNCTION sekisho.client_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.client_list() TO sekisho_operator, sekisho_auditor;
