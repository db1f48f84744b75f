-- SPDX-License-Identifier: GPL-2.0-or-later
-- What of the network can be attacked although everything works: clients that
-- cannot do what protects them, and what policies let in by a copyable address.
-- exposure: no_message_authenticator (CVE-2024-3596), cannot_end (no Disconnects),
-- did_not_end (asked in vain in the last 30 days), many_hosts (one secret for a
-- network), devices_by_address.
CREATE OR REPLACE FUNCTION sekisho.report_exposure()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('client', x.name, 'kind', x.kind,
            'exposure', x.exposure, 'until', x.until, 'why', x.why) ORDER BY x.rank, x.name), '[]')
      FROM (
        SELECT 1 AS rank, c.name, c.kind, 'no_message_authenticator' AS exposure, c.no_ma_until AS until,
               c.no_ma_reason AS why
          FROM client c WHERE c.status = 'active' AND c.no_ma_until > v_now
        UNION ALL
        SELECT 2, c.name, c.kind, 'did_not_end', NULL, count(*)::text
          FROM client c JOIN session s ON s.client_id = c.id
         WHERE c.status = 'active' AND s.end_cannot_at > v_now - interval '30 days'
         GROUP BY c.id
        UNION ALL
        SELECT 3, c.name, c.kind, 'cannot_end', NULL, ''
          FROM client c WHERE c.status = 'active' AND c.coa_port = 0 AND c.kind <> 'door'
        UNION ALL
        SELECT 4, c.name, c.kind, 'many_hosts', NULL, c.address::text
          FROM client c WHERE c.status = 'active' AND coalesce(c.tls_name, '') = ''
           AND masklen(c.address) < CASE family(c.address) WHEN 4 THEN 32 ELSE 128 END
        UNION ALL
        SELECT 5, c.name, c.kind, 'devices_by_address', NULL, y.name
          FROM client c JOIN policy y ON y.id = c.policy_id
         WHERE c.status = 'active' AND y.devices = 'mac' AND c.kind <> 'door') x);
END
$$;
REVOKE ALL ON FUNCTION sekisho.report_exposure() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.report_exposure() TO sekisho_operator, sekisho_auditor;
