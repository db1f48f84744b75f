-- SPDX-License-Identifier: GPL-2.0-or-later
-- An escrowed secret of a card, sealed to who asked for it.
CREATE OR REPLACE FUNCTION sekisho.card_release_finish(
    p_order uuid,
    p_answer bytea)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    UPDATE order_ o SET status = 'done', done_at = clock_timestamp(), args = '', answer = p_answer
     WHERE o.id = p_order AND o.status = 'new' AND order_is_approved(o)
       AND o.kind IN ('card_puk', 'card_management', 'escrow_puk', 'escrow_management');
    IF FOUND THEN
        PERFORM audit_order(p_order);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_release_finish(uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_release_finish(uuid, bytea) TO sekisho_clerk;
