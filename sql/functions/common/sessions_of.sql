-- SPDX-License-Identifier: GPL-2.0-or-later
-- Where a person may be logged in still: sessions that clients tell of, with
-- their number; and accepts of which no client has told, no older than a session
-- may last (a day where the policy sets no end): nothing here can end those.
CREATE OR REPLACE FUNCTION sekisho.sessions_of(
    p_person uuid)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('client', x.name, 'kind', x.kind,
            'since', x.since, 'until', x.until, 'session', x.session, 'ending', x.ending)
            ORDER BY x.since), '[]')
        FROM (SELECT l.name, l.kind, s.started_at AS since, NULL::timestamptz AS until,
                     s.id AS session, s.end_wanted_at IS NOT NULL AS ending
                FROM session s JOIN client l ON l.id = s.client_id
               WHERE s.person_id = p_person AND s.ended_at IS NULL
              UNION ALL
              SELECT * FROM (
                SELECT l.name, l.kind, max(a.at) AS since, max(a.at) + make_interval(
                    secs => CASE y.session_timeout WHEN 0 THEN 86400 ELSE y.session_timeout END) AS until,
                    NULL::bigint, false
                FROM audit a JOIN person p ON p.id = p_person AND a.login = p.login
                JOIN client l ON l.id = a.client_id JOIN policy y ON y.id = l.policy_id
               WHERE a.kind = 'login' AND a.outcome = 'accept'
                 AND a.at > clock_timestamp() - interval '7 days'
                 AND NOT EXISTS (SELECT FROM session s WHERE s.accept_id = a.id)
               GROUP BY l.id, y.id) u WHERE u.until > clock_timestamp()) x);
END
$$;
REVOKE ALL ON FUNCTION sekisho.sessions_of(uuid) FROM PUBLIC;
