-- SPDX-License-Identifier: GPL-2.0-or-later
-- One client as card-admin shows it: no secret.
CREATE OR REPLACE FUNCTION sekisho.client_json(
    p_client uuid)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', c.id, 'name', c.name,
        'address', c.address::text, 'kind', c.kind, 'zone', z.name, 'policy', p.name,
        'codes', c.codes, 'show_first', c.show_first, 'lang', c.lang,
        'tls_name', c.tls_name, 'coa_port', c.coa_port, 'end_by', grants_shown(c.end_by),
        'charset', c.charset, 'no_ma_until', c.no_ma_until, 'no_ma_reason', c.no_ma_reason,
        'status', c.status, 'version', c.version, 'created_at', c.created_at)
      FROM client c JOIN policy p ON p.id = c.policy_id
           LEFT JOIN zone z ON z.id = c.zone_id
     WHERE c.id = p_client);
END
$$;
REVOKE ALL ON FUNCTION sekisho.client_json(uuid) FROM PUBLIC;
