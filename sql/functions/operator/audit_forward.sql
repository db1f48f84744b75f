-- SPDX-License-Identifier: GPL-2.0-or-later
-- Events after an id, in the order of their ids, for a SIEM: only those that nothing
-- can come before any more (audit_seal_due), so whoever goes on from the last one
-- misses none and sees none twice. p_after -1: none, but where that is.
CREATE OR REPLACE FUNCTION sekisho.audit_forward(
    p_after bigint,
    p_limit int DEFAULT 1000)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_safe bigint := (SELECT m.safe_id FROM audit_mark m);
    v_events jsonb;
BEGIN
    IF p_after < 0 THEN
        RETURN jsonb_build_object('last', v_safe, 'events', '[]'::jsonb);
    END IF;
    v_events := (SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'at', x.at, 'kind', x.kind,
            'login', x.login, 'client', c.name, 'scope', x.scope, 'purpose', x.purpose,
            'outcome', x.outcome, 'reason', x.reason, 'evidence', x.evidence,
            'ref', x.ref, 'count', x.count, 'until', x.until, 'node', x.node,
            'actor', x.actor, 'detail', x.detail) ORDER BY x.id), '[]')
        FROM (SELECT a.* FROM audit a WHERE a.id > p_after AND a.id <= v_safe
               ORDER BY a.id LIMIT least(p_limit, 10000)) x
        LEFT JOIN client c ON c.id = x.client_id);
    RETURN jsonb_build_object('last', coalesce((v_events -> -1 ->> 'id')::bigint, p_after), 'events', v_events);
END
$$;
REVOKE ALL ON FUNCTION sekisho.audit_forward(bigint, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.audit_forward(bigint, int) TO sekisho_operator, sekisho_auditor;
