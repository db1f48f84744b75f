-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes a machine's record; NULL leaves a field, '' takes owner or end away.
-- p_about replaces the fields that it has. What weakens ends what rests on it.
CREATE OR REPLACE FUNCTION sekisho.station_set(
    p_kind text,
    p_name text,
    p_mac text DEFAULT NULL,
    p_owner text DEFAULT NULL,
    p_until text DEFAULT NULL,
    p_about jsonb DEFAULT '{}')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    t station;
    v_was station;
    v_id bigint;
BEGIN
    v_was := station_named(p_kind, p_name);
    IF p_mac <> '' AND EXISTS (SELECT FROM station x WHERE x.mac = p_mac::macaddr
        AND x.status = 'active' AND x.id <> v_was.id) THEN
        PERFORM refuse('station_mac_taken', (SELECT x.name FROM station x
            WHERE x.mac = p_mac::macaddr AND x.status = 'active'));
    ELSIF p_mac <> '' AND ((p_mac::macaddr & macaddr '01:00:00:00:00:00') <> macaddr '00:00:00:00:00:00'
        OR p_mac::macaddr = macaddr '00:00:00:00:00:00') THEN
        PERFORM refuse('mac_of_nobody', p_mac);
    ELSIF p_until <> '' AND p_until::timestamptz <= clock_timestamp() THEN
        PERFORM refuse('until_is_past', p_name);
    END IF;
    UPDATE station x
       SET mac = CASE WHEN p_mac IS NULL THEN x.mac ELSE nullif(p_mac, '')::macaddr END,
           owner_id = CASE WHEN p_owner IS NULL THEN x.owner_id
               WHEN p_owner = '' THEN NULL ELSE person_id_of(p_owner) END,
           valid_until = CASE WHEN p_until IS NULL THEN x.valid_until ELSE nullif(p_until, '')::timestamptz END,
           about = x.about || p_about
     WHERE x.id = v_was.id RETURNING x.* INTO t;
    IF t.mac IS DISTINCT FROM v_was.mac OR t.owner_id IS DISTINCT FROM v_was.owner_id THEN
        FOR v_id IN SELECT x.id FROM session x
                     WHERE x.station_id = t.id AND x.ended_at IS NULL LOOP
            PERFORM session_end_want(v_id, 'station_changed');
        END LOOP;
    END IF;
    PERFORM audit_admin(p_kind || '_set', NULL, t.owner_id, station_json(t));
    RETURN station_json(t);
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_set(text, text, text, text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.station_set(text, text, text, text, text, jsonb) TO sekisho_operator;
