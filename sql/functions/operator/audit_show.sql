-- SPDX-License-Identifier: GPL-2.0-or-later
-- The audit, oldest first: the latest p_limit that match, or with p_after the
-- first p_limit after that id (to follow). Sums still growing are shown too,
-- without an id.
CREATE OR REPLACE FUNCTION sekisho.audit_show(
    p_login text DEFAULT '',
    p_ref text DEFAULT '',
    p_since timestamptz DEFAULT NULL,
    p_after bigint DEFAULT 0,
    p_limit int DEFAULT 100,
    p_kind text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'at', x.at, 'kind', x.kind,
            'login', x.login, 'client', c.name, 'scope', x.scope, 'purpose', x.purpose,
            'outcome', x.outcome, 'reason', x.reason, 'evidence', x.evidence,
            'ref', x.ref, 'count', x.count, 'until', x.until, 'node', x.node,
            'actor', x.actor, 'detail', x.detail) ORDER BY x.at, x.id), '[]')
        FROM (
            (SELECT a.id, a.at, a.kind, a.login, a.client_id, a.scope, a.purpose, a.outcome,
                   a.reason, a.evidence, a.ref, a.count, a.until, a.node, a.actor, a.detail
              FROM audit a
             WHERE (p_login = '' OR a.login = p_login)
               AND (p_ref = '' OR a.ref = p_ref)
               AND (p_kind = '' OR a.kind = p_kind)
               AND (p_since IS NULL OR a.at >= p_since)
               AND a.id > p_after
             ORDER BY CASE WHEN p_after > 0 THEN a.id END, a.at DESC, a.id DESC
             LIMIT p_limit)
            UNION ALL
            SELECT NULL, t.first_at, t.purpose, t.login, t.client_id, t.scope, t.purpose, 'reject',
                   t.reason, '[]', t.ref, t.count, t.last_at, t.node, 'sekisho_clerk', '{}'
              FROM refusal_tally t
             WHERE p_after = 0 AND p_kind IN ('', t.purpose)
               AND (p_login = '' OR t.login = p_login)
               AND (p_ref = '' OR t.ref = p_ref)
               AND (p_since IS NULL OR t.last_at >= p_since)) x
        LEFT JOIN client c ON c.id = x.client_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.audit_show(text, text, timestamptz, bigint, int, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.audit_show(text, text, timestamptz, bigint, int, text) TO sekisho_operator, sekisho_auditor;
