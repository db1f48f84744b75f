-- SPDX-License-Identifier: GPL-2.0-or-later
-- All zones with the clients in them.
CREATE OR REPLACE FUNCTION sekisho.zone_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('name', z.name,
            'clients', (SELECT coalesce(jsonb_agg(c.name ORDER BY c.name), '[]')
                          FROM client c WHERE c.zone_id = z.id AND c.status = 'active'))
            ORDER BY z.name), '[]') FROM zone z);
END
$$;
REVOKE ALL ON FUNCTION sekisho.zone_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.zone_list() TO sekisho_operator, sekisho_auditor;
