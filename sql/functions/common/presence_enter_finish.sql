-- SPDX-License-Identifier: GPL-2.0-or-later
-- Another officer has agreed to an entry by hand: it becomes an event of its
-- door, of the source that nobody may speak for.
CREATE OR REPLACE FUNCTION sekisho.presence_enter_finish(
    p_order sekisho.order_)
    RETURNS sekisho.order_
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_asked jsonb := convert_from(p_order.args, 'UTF8')::jsonb;
    v_order order_;
    v_door door;
BEGIN
    IF NOT order_is_approved(p_order) OR p_order.approvals < 1 THEN
        RAISE EXCEPTION 'an entry by hand needs another officer';
    END IF;
    SELECT d.* INTO v_door FROM door d WHERE d.id = (v_asked ->> 'door_id')::uuid AND d.status = 'active';
    IF v_door.id IS NULL THEN
        PERFORM refuse('door_unknown', v_asked ->> 'door');
    END IF;
    PERFORM presence_by_hand(p_order.person_id, 'enter', v_door.id, v_door.to_zone,
        (v_asked ->> 'at')::timestamptz, p_order.id::text,
        jsonb_build_object('asked_by', p_order.placed_by, 'approved_by', session_user, 'why', p_order.why));
    UPDATE order_ o SET status = 'done', ready_at = clock_timestamp(), done_at = clock_timestamp()
     WHERE o.id = p_order.id RETURNING o.* INTO v_order;
    PERFORM audit_order(v_order.id, v_asked - 'login' - 'door_id');
    RETURN v_order;
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_enter_finish(sekisho.order_) FROM PUBLIC;
