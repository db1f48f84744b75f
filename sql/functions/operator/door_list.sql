-- SPDX-License-Identifier: GPL-2.0-or-later
-- All doors in service: from where to where, and how people are identified.
CREATE OR REPLACE FUNCTION sekisho.door_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('name', d.name,
            'from', f.name, 'to', t.name, 'method_in', d.method_in, 'method_out', d.method_out,
            'reports_opened', d.reports_opened, 'single_file', d.single_file,
            'uid_until', d.uid_until, 'uid_why', d.uid_why) ORDER BY d.name), '[]')
      FROM door d LEFT JOIN zone f ON f.id = d.from_zone LEFT JOIN zone t ON t.id = d.to_zone
     WHERE d.status = 'active');
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_list() TO sekisho_operator, sekisho_auditor;
