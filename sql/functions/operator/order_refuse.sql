-- SPDX-License-Identifier: GPL-2.0-or-later
-- Ends an order that waits for approvals: another officer says no, or who
-- placed it takes it back.
CREATE OR REPLACE FUNCTION sekisho.order_refuse(
    p_order text,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_order order_;
BEGIN
    SELECT o.* INTO v_order FROM order_ o WHERE o.id = order_id_of(p_order) FOR UPDATE;
    IF v_order.status <> 'waiting' THEN
        PERFORM refuse('order_not_waiting', v_order.id::text);
    END IF;
    IF v_order.placed_by <> session_user
        AND NOT pg_has_role(session_user, 'sekisho_approval', 'MEMBER') THEN
        PERFORM refuse('not_allowed', 'order refuse');
    END IF;
    UPDATE order_ o SET status = 'refused', done_at = clock_timestamp(), args = '',
           reason = CASE WHEN o.placed_by = session_user THEN 'order_taken_back' ELSE 'not_approved' END
     WHERE o.id = v_order.id RETURNING o.* INTO v_order;
    PERFORM audit_order(v_order.id, jsonb_build_object('refused_by', session_user, 'why', p_why));
    RETURN order_json(v_order);
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_refuse(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_refuse(text, text) TO sekisho_operator, sekisho_approval;
