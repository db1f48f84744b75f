-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether as many others as were demanded have agreed to the order as it now
-- stands. Counted anew before it is executed, whatever its status says.
CREATE OR REPLACE FUNCTION sekisho.order_is_approved(
    p_order sekisho.order_)
    RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT p_order.approvals = 0 OR p_order.approvals <=
        (SELECT count(*) FROM order_approval a
          WHERE a.order_id = p_order.id AND a.officer <> p_order.placed_by
            AND a.digest = order_digest(p_order))
$$;
REVOKE ALL ON FUNCTION sekisho.order_is_approved(sekisho.order_) FROM PUBLIC;
