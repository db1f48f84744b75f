-- SPDX-License-Identifier: GPL-2.0-or-later
-- A machine's certificates stop counting: one, or all.
CREATE OR REPLACE FUNCTION sekisho.station_certificate_revoke(
    p_kind text,
    p_name text,
    p_serial text DEFAULT '',
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    t station;
    v_n int;
    v_id bigint;
BEGIN
    t := station_named(p_kind, p_name);
    UPDATE station_certificate k SET revoked_at = clock_timestamp(), revoked_why = p_why
     WHERE k.station_id = t.id AND k.revoked_at IS NULL
       AND (p_serial = '' OR encode(k.serial, 'hex') = lower(p_serial));
    GET DIAGNOSTICS v_n = ROW_COUNT;
    IF v_n = 0 THEN
        PERFORM refuse('station_certificate_unknown', p_serial);
    END IF;
    FOR v_id IN SELECT x.id FROM session x WHERE x.station_id = t.id AND x.ended_at IS NULL LOOP
        PERFORM session_end_want(v_id, 'station_ended');
    END LOOP;
    PERFORM audit_admin(p_kind || '_certificate_revoke', NULL, t.owner_id, jsonb_build_object(
        'name', t.name, 'serial', p_serial, 'why', p_why, 'revoked', v_n));
    RETURN station_json(t);
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_certificate_revoke(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.station_certificate_revoke(text, text, text, text) TO sekisho_operator;
