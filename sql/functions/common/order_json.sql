-- SPDX-License-Identifier: GPL-2.0-or-later
-- An order as people see it. The answer, in base64, is for who placed it alone.
CREATE OR REPLACE FUNCTION sekisho.order_json(
    p_order sekisho.order_)
    RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT jsonb_build_object('id', p_order.id, 'kind', p_order.kind, 'status', p_order.status,
        'reason', p_order.reason, 'token', p_order.token_id, 'why', p_order.why,
        'placed_by', p_order.placed_by, 'placed_at', p_order.placed_at,
        'expires_at', CASE p_order.status WHEN 'waiting' THEN p_order.expires_at END,
        'done_at', p_order.done_at, 'approvals', p_order.approvals,
        -- nothing to compare once the arguments are gone
        'digest', CASE WHEN p_order.args <> '' THEN encode(order_digest(p_order), 'hex') END,
        'approved_by', (SELECT coalesce(jsonb_agg(jsonb_build_object('officer', a.officer,
                'at', a.at) ORDER BY a.at), '[]')
            FROM order_approval a WHERE a.order_id = p_order.id),
        'entry', CASE WHEN p_order.kind = 'presence_enter' AND p_order.args <> '' THEN
            convert_from(p_order.args, 'UTF8')::jsonb - 'door_id' END,
        'login', (SELECT p.login FROM person p
            WHERE p.id = p_order.person_id AND p.login <> 'card stock'),
        'number', (SELECT c.number FROM card c WHERE c.token_id = p_order.token_id),
        'device', (SELECT c.device FROM card c WHERE c.token_id = p_order.token_id),
        'answer', CASE WHEN p_order.placed_by = session_user THEN
            translate(encode(p_order.answer, 'base64'), E'\n', '') END)
$$;
REVOKE ALL ON FUNCTION sekisho.order_json(sekisho.order_) FROM PUBLIC;
