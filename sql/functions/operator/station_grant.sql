-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a device is granted that comes in alone: as policy_grant.
CREATE OR REPLACE FUNCTION sekisho.station_grant(
    p_kind text,
    p_name text,
    p_attribute text,
    p_new jsonb,
    p_beside boolean DEFAULT false)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    t station;
BEGIN
    t := station_named(p_kind, p_name);
    UPDATE station x SET grants = grants_with(x.grants, p_attribute, p_new, p_beside)
     WHERE x.id = t.id RETURNING x.* INTO t;
    PERFORM grants_apart();
    PERFORM audit_admin(p_kind || '_grant', NULL, t.owner_id, station_json(t));
    RETURN station_json(t);
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_grant(text, text, text, jsonb, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.station_grant(text, text, text, jsonb, boolean) TO sekisho_operator;
