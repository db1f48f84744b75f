-- SPDX-License-Identifier: GPL-2.0-or-later
-- The zone of a name, or a refusal; no name is no zone: outside.
CREATE OR REPLACE FUNCTION sekisho.zone_id_of(
    p_name text)
    RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    IF p_name IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT z.id INTO v_id FROM zone z WHERE z.name = p_name;
    IF v_id IS NULL THEN
        PERFORM refuse('zone_unknown', p_name);
    END IF;
    RETURN v_id;
END
$$;
REVOKE ALL ON FUNCTION sekisho.zone_id_of(text) FROM PUBLIC;
