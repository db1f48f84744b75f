-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who placed an order has its answer: it is kept no longer.
CREATE OR REPLACE FUNCTION sekisho.order_collected(
    p_id uuid)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_order order_;
BEGIN
    UPDATE order_ o SET answer = NULL
     WHERE o.id = p_id AND o.placed_by = session_user AND o.status = 'done'
       AND o.kind IN ('escrow_puk', 'escrow_management') AND o.answer IS NOT NULL
    RETURNING o.* INTO v_order;
    IF v_order.id IS NULL THEN
        PERFORM refuse('order_unknown', p_id::text);
    END IF;
    PERFORM audit_admin('escrow_collected', nullif(p.login, 'card stock'), p.id,
        jsonb_build_object('order', p_id, 'kind', v_order.kind, 'token', v_order.token_id))
       FROM person p WHERE p.id = v_order.person_id;
    RETURN order_json(v_order);
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_collected(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_collected(uuid) TO sekisho_operator;
