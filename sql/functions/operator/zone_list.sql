-- SPDX-License-Identifier: GPL-2.0-or-later
-- All zones with the clients and doors in them, and the alarm that stands.
CREATE OR REPLACE FUNCTION sekisho.zone_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('name', z.name,
            'clients', (SELECT coalesce(jsonb_agg(c.name ORDER BY c.name), '[]')
                          FROM client c WHERE c.zone_id = z.id AND c.status = 'active'),
            'doors', (SELECT coalesce(jsonb_agg(d.name ORDER BY d.name), '[]') FROM door d
                       WHERE z.id IN (d.from_zone, d.to_zone) AND d.status = 'active'),
            'shift_minutes', z.shift_minutes, 'clear_at', to_char(z.clear_at, 'HH24:MI'),
            'single_file', z.single_file,
            'alarm', coalesce(a.alarm, ''), 'alarm_at', a.alarm_at)
            ORDER BY z.name), '[]')
      FROM zone z, zone_alarm(z.id, clock_timestamp()) a);
END
$$;
REVOKE ALL ON FUNCTION sekisho.zone_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.zone_list() TO sekisho_operator, sekisho_auditor;
