-- SPDX-License-Identifier: GPL-2.0-or-later
-- What officers agree to: this kind, about this card, asked by this role, with
-- exactly these sealed arguments. card-admin computes the same for who asks
-- (docs/protocol.md, "Approvals").
CREATE OR REPLACE FUNCTION sekisho.order_digest(
    p_order sekisho.order_)
    RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT sha256(convert_to('SEKISHO-order/' || p_order.kind || '/'
        || coalesce(p_order.token_id::text, '') || '/' || p_order.placed_by || '/', 'UTF8')
        || p_order.args)
$$;
REVOKE ALL ON FUNCTION sekisho.order_digest(sekisho.order_) FROM PUBLIC;
