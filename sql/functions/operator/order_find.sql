-- SPDX-License-Identifier: GPL-2.0-or-later
-- One order by its id or the beginning of it.
CREATE OR REPLACE FUNCTION sekisho.order_find(
    p_order text)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT order_json(o) FROM order_ o WHERE o.id = order_id_of(p_order));
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_find(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.order_find(text) TO sekisho_operator, sekisho_approval, sekisho_auditor;
