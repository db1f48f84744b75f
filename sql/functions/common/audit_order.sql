-- SPDX-License-Identifier: GPL-2.0-or-later
-- The line that each order leaves in the audit when it ends.
CREATE OR REPLACE FUNCTION sekisho.audit_order(
    p_order uuid,
    p_detail jsonb DEFAULT '{}')
    RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    INSERT INTO audit (kind, login, person_id, outcome, reason, actor, detail)
    SELECT 'order', p.login, p.id, o.status, coalesce(nullif(o.reason, ''), o.kind), o.placed_by,
           jsonb_build_object('order', o.id, 'kind', o.kind, 'token', o.token_id)
           || CASE WHEN o.approvals > 0 THEN jsonb_build_object('asked_by', o.placed_by, 'why', o.why,
               'approved_by', (SELECT coalesce(jsonb_agg(a.officer ORDER BY a.at), '[]')
                  FROM order_approval a WHERE a.order_id = o.id)) ELSE '{}' END || p_detail
      FROM order_ o LEFT JOIN person p ON p.id = o.person_id WHERE o.id = p_order
$$;
REVOKE ALL ON FUNCTION sekisho.audit_order(uuid, jsonb) FROM PUBLIC;
