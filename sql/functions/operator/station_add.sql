-- SPDX-License-Identifier: GPL-2.0-or-later
-- Puts a machine into the register. The same once more is no error, so that an
-- import can be run again: done is added, same or would_add.
CREATE OR REPLACE FUNCTION sekisho.station_add(
    p_kind text,
    p_name text,
    p_mac text DEFAULT '',
    p_owner text DEFAULT '',
    p_until timestamptz DEFAULT NULL,
    p_about jsonb DEFAULT '{}',
    p_grants jsonb DEFAULT '[]',
    p_dry boolean DEFAULT false)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_owner uuid := CASE WHEN p_owner <> '' THEN person_id_of(p_owner) END;
    v_mac macaddr := CASE WHEN p_mac <> '' THEN p_mac::macaddr END;
    v_grants jsonb := '[]';
    v_attribute text;
    t station;
BEGIN
    IF (v_mac & macaddr '01:00:00:00:00:00') <> macaddr '00:00:00:00:00:00'
        OR v_mac = macaddr '00:00:00:00:00:00' THEN
        PERFORM refuse('mac_of_nobody', p_mac);
    END IF;
    IF p_until <= clock_timestamp() THEN
        PERFORM refuse('until_is_past', p_name);
    END IF;
    SELECT x.* INTO t FROM station x WHERE x.name = p_name AND x.status = 'active';
    IF FOUND AND t.kind = p_kind AND t.mac IS NOT DISTINCT FROM v_mac
        AND t.owner_id IS NOT DISTINCT FROM v_owner THEN
        RETURN station_json(t) || '{"done": "same"}';
    ELSIF FOUND THEN
        PERFORM refuse('station_name_taken', p_name);
    END IF;
    SELECT x.* INTO t FROM station x WHERE x.mac = v_mac AND x.status = 'active';
    IF FOUND THEN
        PERFORM refuse('station_mac_taken', t.name);
    END IF;
    FOR v_attribute IN SELECT DISTINCT x ->> 'attribute' FROM jsonb_array_elements(p_grants) x LOOP
        v_grants := grants_with(v_grants, v_attribute, (SELECT jsonb_agg(x)
            FROM jsonb_array_elements(p_grants) x WHERE x ->> 'attribute' = v_attribute), false);
    END LOOP;
    IF p_dry THEN
        RETURN jsonb_build_object('name', p_name, 'done', 'would_add');
    END IF;
    BEGIN
        INSERT INTO station (kind, name, mac, owner_id, valid_until, about, grants)
        VALUES (p_kind, p_name, v_mac, v_owner, p_until, p_about, v_grants)
        RETURNING * INTO t;
    EXCEPTION WHEN unique_violation THEN    -- another desk, in this moment
        PERFORM refuse('station_name_taken', p_name);
    END;
    IF v_grants <> '[]' THEN
        PERFORM grants_apart();
    END IF;
    PERFORM audit_admin(p_kind || '_add', nullif(p_owner, ''), v_owner, station_json(t));
    RETURN station_json(t) || '{"done": "added"}';
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_add(text, text, text, text, timestamptz, jsonb, jsonb, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.station_add(text, text, text, text, timestamptz, jsonb, jsonb, boolean) TO sekisho_operator;
