-- SPDX-License-Identifier: GPL-2.0-or-later
-- One station or device as card-admin shows it.
CREATE OR REPLACE FUNCTION sekisho.station_json(
    p_station sekisho.station)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object('name', p_station.name, 'kind', p_station.kind, 'mac', p_station.mac,
        'random', coalesce((p_station.mac & macaddr '02:00:00:00:00:00') <> macaddr '00:00:00:00:00:00', false),
        'owner', (SELECT p.login FROM person p WHERE p.id = p_station.owner_id),
        'status', CASE WHEN p_station.status = 'active' AND p_station.valid_until <= clock_timestamp()
            THEN 'expired' ELSE p_station.status END,
        'valid_until', p_station.valid_until, 'grants', grants_shown(p_station.grants),
        'about', p_station.about, 'created_at', p_station.created_at,
        'retired_at', p_station.retired_at, 'retired_why', p_station.retired_why,
        'certificates', (SELECT coalesce(jsonb_agg(jsonb_build_object('issuer', i.name,
                'serial', encode(k.serial, 'hex'), 'valid_until', k.valid_until,
                'fault', station_certificate_fault(k, clock_timestamp())) ORDER BY k.created_at), '[]')
            FROM station_certificate k JOIN issuer i ON i.id = k.issuer_id
           WHERE k.station_id = p_station.id),
        'sessions', (SELECT count(*) FROM session x
            WHERE x.station_id = p_station.id AND x.ended_at IS NULL));
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_json(sekisho.station) FROM PUBLIC;
