-- SPDX-License-Identifier: GPL-2.0-or-later
-- The order that an id, or its beginning (four digits at least), means.
CREATE OR REPLACE FUNCTION sekisho.order_id_of(
    p_order text)
    RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_ids uuid[];
BEGIN
    SELECT array_agg(o.id) INTO v_ids FROM (SELECT o.id FROM order_ o
        WHERE length(p_order) >= 4 AND starts_with(o.id::text, lower(p_order)) LIMIT 2) o;
    IF v_ids IS NULL OR cardinality(v_ids) > 1 THEN
        PERFORM refuse('order_unknown', p_order);
    END IF;
    RETURN v_ids[1];
END
$$;
REVOKE ALL ON FUNCTION sekisho.order_id_of(text) FROM PUBLIC;
