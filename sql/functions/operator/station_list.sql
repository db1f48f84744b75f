-- SPDX-License-Identifier: GPL-2.0-or-later
-- Stations or devices, by name: active ones, or all. p_search: part of a name, a
-- MAC address (made canonical by card-admin) or a login. After p_after, at most
-- p_limit, so that a million can be read in pieces.
CREATE OR REPLACE FUNCTION sekisho.station_list(
    p_kind text,
    p_search text DEFAULT '',
    p_mac text DEFAULT '',
    p_all boolean DEFAULT false,
    p_expires_before timestamptz DEFAULT NULL,
    p_after text DEFAULT '',
    p_limit int DEFAULT 1000)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_mac macaddr := CASE WHEN p_mac <> '' THEN p_mac::macaddr END;
    v_owner uuid := (SELECT p.id FROM person p WHERE p.login = p_search);
BEGIN
    IF v_mac IS NOT NULL THEN
        RETURN (SELECT coalesce(jsonb_agg(station_json(t) ORDER BY t.created_at), '[]') FROM station t
                 WHERE t.mac = v_mac AND (t.status = 'active' OR p_all));
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(station_json(x) ORDER BY x.name, x.created_at), '[]')
        FROM (SELECT t.* FROM station t
               WHERE t.kind = p_kind AND (t.status = 'active' OR p_all) AND t.name > p_after
                 AND (p_search = '' OR strpos(t.name, p_search) > 0 OR t.owner_id = v_owner)
                 AND (p_expires_before IS NULL OR t.valid_until < p_expires_before)
               ORDER BY t.name LIMIT p_limit) x);
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_list(text, text, text, boolean, timestamptz, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.station_list(text, text, text, boolean, timestamptz, text, int) TO sekisho_operator, sekisho_auditor;
