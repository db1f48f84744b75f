-- SPDX-License-Identifier: GPL-2.0-or-later
-- Another officer agrees to an order, as p_digest says that it was seen. With
-- the last approval that is demanded the clerk executes it.
CREATE OR REPLACE FUNCTION sekisho.order_approve(
    p_order text,
    p_digest bytea)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_order order_;
    v_login text;
BEGIN
    SELECT o.* INTO v_order FROM order_ o WHERE o.id = order_id_of(p_order) FOR UPDATE;
    IF v_order.status = 'waiting' AND v_order.expires_at <= clock_timestamp() THEN
        PERFORM refuse('order_expired', v_order.id::text);
    ELSIF v_order.status <> 'waiting' THEN
        PERFORM refuse('order_not_waiting', v_order.id::text);
    ELSIF v_order.placed_by = session_user THEN
        PERFORM refuse('approval_own', v_order.id::text);
    ELSIF EXISTS (SELECT FROM order_approval a
                   WHERE a.order_id = v_order.id AND a.officer = session_user) THEN
        PERFORM refuse('approval_twice', v_order.id::text);
    ELSIF order_digest(v_order) IS DISTINCT FROM p_digest THEN
        PERFORM refuse('order_changed', v_order.id::text);
    END IF;
    INSERT INTO order_approval (order_id, digest) VALUES (v_order.id, p_digest);
    SELECT p.login INTO v_login FROM person p WHERE p.id = v_order.person_id;
    PERFORM audit_admin('order_approved', nullif(v_login, 'card stock'), v_order.person_id,
        jsonb_build_object('order', v_order.id, 'kind', v_order.kind, 'token', v_order.token_id,
            'asked_by', v_order.placed_by, 'approved_by', session_user,
            'digest', encode(p_digest, 'hex')));
    IF order_is_approved(v_order) AND v_order.kind = 'presence_enter' THEN
        v_order := presence_enter_finish(v_order);  -- needs nothing of the server
    ELSIF order_is_approved(v_order) THEN
        UPDATE order_ o SET status = 'new', ready_at = clock_timestamp() WHERE o.id = v_order.id
        RETURNING o.* INTO v_order;
        NOTIFY sekisho_order;
    END IF;
    RETURN order_json(v_order);
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_approve(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_approve(text, bytea) TO sekisho_approval;
