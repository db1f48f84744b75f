-- SPDX-License-Identifier: GPL-2.0-or-later
-- Removes a zone that no client in service belongs to.
CREATE OR REPLACE FUNCTION sekisho.zone_remove(
    p_name text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM client c JOIN zone z ON z.id = c.zone_id
                WHERE z.name = p_name AND c.status = 'active') THEN
        PERFORM refuse('zone_in_use', p_name);
    END IF;
    -- history names it
    IF EXISTS (SELECT FROM door d JOIN zone z ON z.id IN (d.from_zone, d.to_zone)
                WHERE z.name = p_name)
        OR EXISTS (SELECT FROM door_event e JOIN zone z ON z.id = e.zone_id
                    WHERE z.name = p_name AND e.kind IN ('enter', 'leave') AND e.quarantine = '') THEN
        PERFORM refuse('zone_has_doors', p_name);
    END IF;
    UPDATE client c SET zone_id = NULL FROM zone z
     WHERE z.id = c.zone_id AND z.name = p_name;
    DELETE FROM zone z WHERE z.name = p_name;
    IF NOT FOUND THEN
        PERFORM refuse('zone_unknown', p_name);
    END IF;
    PERFORM audit_admin('zone_remove', NULL, NULL, jsonb_build_object('zone', p_name));
    RETURN jsonb_build_object('name', p_name);
END
$$;
REVOKE ALL ON FUNCTION sekisho.zone_remove(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.zone_remove(text) TO sekisho_operator;
