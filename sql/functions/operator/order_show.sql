-- SPDX-License-Identifier: GPL-2.0-or-later
-- How an order stands: new, done, refused (with a reason) or expired; and its
-- answer, in base64, for who placed it.
CREATE OR REPLACE FUNCTION sekisho.order_show(
    p_id uuid)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT order_json(o) FROM order_ o WHERE o.id = p_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_show(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_show(uuid) TO sekisho_operator, sekisho_night;
