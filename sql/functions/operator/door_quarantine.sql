-- SPDX-License-Identifier: GPL-2.0-or-later
-- Events that were not believed, the newest first.
CREATE OR REPLACE FUNCTION sekisho.door_quarantine(
    p_limit int DEFAULT 100)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('at', q.at, 'received_at', q.received_at,
            'source', coalesce(c.name, s.name), 'event', q.event, 'kind', q.kind,
            'door', coalesce(d.name, q.detail ->> 'door'), 'reason', q.quarantine,
            'detail', q.detail) ORDER BY q.id DESC), '[]')
      FROM (SELECT e.* FROM door_event e WHERE e.quarantine <> ''
             ORDER BY e.id DESC LIMIT least(p_limit, 1000)) q
           JOIN door_source s ON s.id = q.source_id
           LEFT JOIN client c ON c.id = s.client_id LEFT JOIN door d ON d.id = q.door_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_quarantine(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.door_quarantine(int) TO sekisho_operator, sekisho_auditor;
