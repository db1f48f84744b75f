-- SPDX-License-Identifier: GPL-2.0-or-later
-- One client.
CREATE OR REPLACE FUNCTION sekisho.client_show(
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    SELECT c.id INTO v_id FROM client c WHERE c.name = p_name AND c.status = 'active';
    IF v_id IS NULL THEN
        PERFORM refuse('client_unknown', p_name);
    END IF;
    RETURN client_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.client_show(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.client_show(text) TO sekisho_operator, sekisho_auditor;
