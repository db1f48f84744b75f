-- SPDX-License-Identifier: GPL-2.0-or-later
-- Places an order: for the clerk at once, or for the officers whose approval
-- order_rule demands.
CREATE OR REPLACE FUNCTION sekisho.order_new(
    p_id uuid,
    p_kind text,
    p_person uuid,
    p_token uuid,
    p_args bytea,
    p_key_version int,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_approvals int := coalesce((SELECT r.approvals FROM order_rule r WHERE r.kind = p_kind), 0);
    v_hours int := (SELECT s.value::int FROM setting s WHERE s.name = 'order.approval_hours');
    v_order order_;
BEGIN
    INSERT INTO order_ (id, kind, person_id, token_id, args, key_version, why, approvals,
        status, ready_at, expires_at)
    VALUES (p_id, p_kind, p_person, p_token, p_args, p_key_version, left(coalesce(p_why, ''), 500),
        v_approvals,
        CASE WHEN v_approvals > 0 THEN 'waiting' ELSE 'new' END,
        CASE WHEN v_approvals = 0 THEN clock_timestamp() END,
        CASE WHEN v_approvals > 0 THEN clock_timestamp() + make_interval(hours => v_hours) END)
    RETURNING * INTO v_order;
    IF v_approvals = 0 THEN
        NOTIFY sekisho_order;
    END IF;
    RETURN order_json(v_order);
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_new(uuid, text, uuid, uuid, bytea, int, text) FROM PUBLIC;
