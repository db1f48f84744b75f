-- SPDX-License-Identifier: GPL-2.0-or-later
-- How long failures cost, per scope and category (D.4).
CREATE OR REPLACE FUNCTION sekisho.throttle_rule_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.scope, r.category) FROM throttle_rule r);
END
$$;
REVOKE ALL ON FUNCTION sekisho.throttle_rule_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.throttle_rule_list() TO sekisho_operator, sekisho_auditor;
