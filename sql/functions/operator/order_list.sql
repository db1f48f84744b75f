-- SPDX-License-Identifier: GPL-2.0-or-later
-- Orders that wait for an approval or for who placed them, or all of the last
-- 90 days that ever needed one.
CREATE OR REPLACE FUNCTION sekisho.order_list(
    p_all boolean DEFAULT false)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(order_json(o) - 'answer' ORDER BY o.placed_at), '[]')
        FROM order_ o
       WHERE o.approvals > 0
         AND (o.status IN ('waiting', 'new') OR o.answer IS NOT NULL
              OR p_all AND o.placed_at > clock_timestamp() - interval '90 days'));
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_list(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_list(boolean) TO sekisho_operator, sekisho_approval, sekisho_auditor;
