-- SPDX-License-Identifier: GPL-2.0-or-later
-- How many approvals each kind of order needs.
CREATE OR REPLACE FUNCTION sekisho.order_rule_list()
    RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT jsonb_agg(to_jsonb(r) ORDER BY r.kind) FROM order_rule r
$$;
REVOKE ALL ON FUNCTION sekisho.order_rule_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_rule_list() TO sekisho_operator, sekisho_approval, sekisho_auditor;
