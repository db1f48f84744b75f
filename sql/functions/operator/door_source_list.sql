-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who tells us of events, and when we last heard of them.
CREATE OR REPLACE FUNCTION sekisho.door_source_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('name', coalesce(c.name, s.name),
            'client', s.client_id IS NOT NULL, 'role', s.role,
            'silent_after', s.silent_after, 'heard_at', s.heard_at,
            'silent', coalesce(s.heard_at < clock_timestamp() - make_interval(secs => s.silent_after), true),
            'repeats', s.repeats, 'last_seq', s.last_seq) ORDER BY coalesce(c.name, s.name)), '[]')
      FROM door_source s LEFT JOIN client c ON c.id = s.client_id
     WHERE s.status = 'active');
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_source_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_source_list() TO sekisho_operator, sekisho_auditor;
