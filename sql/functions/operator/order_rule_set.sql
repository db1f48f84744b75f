-- SPDX-License-Identifier: GPL-2.0-or-later
-- Demands more approvals for a kind of order. To demand fewer is for who
-- administers the database: otherwise one officer could spare himself the
-- second. Orders that wait keep what was demanded when they were placed.
CREATE OR REPLACE FUNCTION sekisho.order_rule_set(
    p_kind text,
    p_approvals int)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_rule order_rule;
BEGIN
    SELECT r.* INTO v_rule FROM order_rule r WHERE r.kind = p_kind FOR UPDATE;
    IF v_rule.kind IS NULL THEN
        PERFORM refuse('order_rule_unknown', p_kind);
    ELSIF p_approvals IS NULL OR p_approvals < v_rule.least OR p_approvals > 3 THEN
        PERFORM refuse('order_rule_value', p_kind);
    ELSIF p_approvals < v_rule.approvals
        AND NOT pg_has_role(session_user, 'sekisho_owner', 'MEMBER') THEN
        PERFORM refuse('order_rule_lower', p_kind);
    END IF;
    UPDATE order_rule r SET approvals = p_approvals WHERE r.kind = p_kind RETURNING r.* INTO v_rule;
    PERFORM audit_admin('order_rule_set', NULL, NULL, to_jsonb(v_rule));
    RETURN to_jsonb(v_rule);
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_rule_set(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_rule_set(text, int) TO sekisho_operator;
