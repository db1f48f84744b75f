-- SPDX-License-Identifier: GPL-2.0-or-later
-- A month ('2027-03', local time) of door and terminal as the guideline's
-- equivalence (D.5): each accept with its two events, what each terminal accepted
-- and refused for want of an entry, and the risks and exceptions that somebody
-- had accepted.
CREATE OR REPLACE FUNCTION sekisho.report_door_terminal(
    p_month text)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_zone_time text := (SELECT s.value FROM setting s WHERE s.name = 'site.timezone');
    v_from timestamptz;
    v_to timestamptz;
BEGIN
    IF p_month IS NULL OR p_month !~ '^20[0-9]{2}-(0[1-9]|1[0-2])$' THEN
        PERFORM refuse('month_malformed', p_month);
    END IF;
    v_from := (p_month || '-01')::timestamp AT TIME ZONE v_zone_time;
    v_to := ((p_month || '-01')::timestamp + interval '1 month') AT TIME ZONE v_zone_time;
    RETURN (WITH accepted AS (
        SELECT a.id, a.at, a.login, a.client_id, d.id AS event, d.at AS entered_at, d.received_at,
               d.zone_id, d.door_id, d.source_id, e ->> 'category' AS category
          FROM audit a, jsonb_array_elements(a.evidence) e
               LEFT JOIN door_event d ON d.id = (e ->> 'event')::bigint
         WHERE a.at >= v_from AND a.at < v_to AND a.kind = 'login' AND a.outcome = 'accept'
           AND a.reason = 'door_and_terminal' AND e ->> 'method' = 'door'
    ), refused AS (
        SELECT a.client_id, a.reason, sum(a.count) AS count FROM audit a
         WHERE a.at >= v_from AND a.at < v_to AND a.kind = 'login' AND a.outcome = 'reject'
           AND a.reason IN ('no_presence', 'presence_ended', 'presence_in_use', 'password_too_short_for_door')
         GROUP BY a.client_id, a.reason
    ) SELECT jsonb_build_object('month', p_month, 'equivalence', 'D.5',
        'accepts', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'at', x.at, 'login', x.login,
                'client', c.name, 'category', x.category, 'entry', jsonb_build_object('event', x.event,
                'at', x.entered_at, 'received_at', x.received_at, 'door', d.name, 'zone', z.name,
                'source', s.name)) ORDER BY x.at, x.id), '[]')
            FROM accepted x LEFT JOIN client c ON c.id = x.client_id LEFT JOIN door d ON d.id = x.door_id
                 LEFT JOIN zone z ON z.id = x.zone_id LEFT JOIN door_source s ON s.id = x.source_id),
        'terminals', (SELECT coalesce(jsonb_agg(jsonb_build_object('client', c.name, 'zone', z.name,
                'accepts', (SELECT count(*) FROM accepted x WHERE x.client_id = t.client_id),
                'persons', (SELECT count(DISTINCT x.login) FROM accepted x WHERE x.client_id = t.client_id),
                'refused', (SELECT coalesce(jsonb_object_agg(r.reason, r.count), '{}') FROM refused r
                    WHERE r.client_id = t.client_id)) ORDER BY z.name NULLS LAST, c.name), '[]')
            FROM (SELECT client_id FROM accepted UNION SELECT client_id FROM refused) t
                 JOIN client c ON c.id = t.client_id LEFT JOIN zone z ON z.id = c.zone_id),
        'risks', (SELECT coalesce(jsonb_agg(jsonb_build_object('door', d.name, 'until', d.uid_until,
                'why', d.uid_why) ORDER BY d.name), '[]')
            FROM door d WHERE d.status = 'active' AND d.uid_until > v_from),
        'exceptions', (SELECT coalesce(jsonb_agg(jsonb_build_object('client', c.name, 'kind', c.kind,
                'until', c.no_ma_until, 'why', c.no_ma_reason) ORDER BY c.name), '[]')
            FROM client c WHERE c.status = 'active' AND c.no_ma_until > v_from)));
END
$$;
REVOKE ALL ON FUNCTION sekisho.report_door_terminal(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.report_door_terminal(text) TO sekisho_operator, sekisho_auditor;
