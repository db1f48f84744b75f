-- SPDX-License-Identifier: GPL-2.0-or-later
-- The end of an order about a code token, once: its effect on the token, its
-- answer and its audit in one transaction. Other orders end here when they are
-- refused.
CREATE OR REPLACE FUNCTION sekisho.order_finish(
    p_id uuid,
    p_done boolean,
    p_reason text,
    p_step bigint,
    p_drift int)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_order order_;
BEGIN
    UPDATE order_ o SET status = CASE WHEN p_done THEN 'done' ELSE 'refused' END,
           reason = p_reason, done_at = clock_timestamp(), args = ''
     WHERE o.id = p_id AND o.status = 'new' RETURNING o.* INTO v_order;
    IF v_order.id IS NULL THEN
        RETURN;
    END IF;
    IF p_done AND v_order.kind NOT IN ('totp_confirm', 'totp_resync') THEN
        RAISE EXCEPTION 'an order of kind % does not end here', v_order.kind;
    END IF;
    IF p_done THEN
        UPDATE token k
           SET last_step = greatest(k.last_step, p_step), drift = p_drift,
               status = CASE WHEN v_order.kind = 'totp_confirm' THEN 'active' ELSE k.status END
         WHERE k.id = v_order.token_id AND k.last_step < p_step
           AND k.status = CASE WHEN v_order.kind = 'totp_confirm' THEN 'pending' ELSE 'active' END;
        IF NOT FOUND THEN
            UPDATE order_ o SET status = 'refused', reason = 'code_spent' WHERE o.id = p_id;
        ELSIF v_order.kind = 'totp_confirm' THEN
            -- a new token is the rebinding that a hard stop asks for
            UPDATE throttle t SET failures = 0, total = 0, not_before = NULL,
                                  hard = NULL, digests = '{}'
             WHERE t.subject = v_order.person_id AND t.category = 'possession';
        END IF;
    END IF;
    PERFORM audit_order(p_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_finish(uuid, boolean, text, bigint, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_finish(uuid, boolean, text, bigint, int) TO sekisho_clerk;
