-- SPDX-License-Identifier: GPL-2.0-or-later
-- One piece of maintenance work.
CREATE OR REPLACE FUNCTION sekisho.maintenance_show(
    p_id bigint)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_shown jsonb := maintenance_json(p_id);
BEGIN
    IF v_shown IS NULL THEN
        PERFORM refuse('maintenance_unknown', p_id::text);
    END IF;
    RETURN v_shown;
END
$$;
REVOKE ALL ON FUNCTION sekisho.maintenance_show(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.maintenance_show(bigint) TO sekisho_operator, sekisho_auditor;
