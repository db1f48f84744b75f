-- SPDX-License-Identifier: GPL-2.0-or-later
-- Where a person may be logged in still: accepts no older than their session
-- may last (a day where the policy sets no end). RADIUS does not say when a
-- session ends, and nothing here can end one.
CREATE OR REPLACE FUNCTION sekisho.sessions_of(
    p_person uuid)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('client', x.name, 'kind', x.kind,
            'since', x.since, 'until', x.until) ORDER BY x.since), '[]')
        FROM (SELECT l.name, l.kind, max(a.at) AS since, max(a.at) + make_interval(
                    secs => CASE y.session_timeout WHEN 0 THEN 86400 ELSE y.session_timeout END) AS until
                FROM audit a JOIN person p ON p.id = p_person AND a.login = p.login
                JOIN client l ON l.id = a.client_id JOIN policy y ON y.id = l.policy_id
               WHERE a.kind = 'login' AND a.outcome = 'accept'
                 AND a.at > clock_timestamp() - interval '7 days'
               GROUP BY l.id, y.id) x
        WHERE x.until > clock_timestamp());
END
$$;
REVOKE ALL ON FUNCTION sekisho.sessions_of(uuid) FROM PUBLIC;
