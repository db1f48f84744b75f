-- SPDX-License-Identifier: GPL-2.0-or-later
-- A machine is refused from now on, its certificates with it, and what runs on it
-- is ended (guideline C.16: what is retired or faulty does not stay connected).
CREATE OR REPLACE FUNCTION sekisho.station_retire(
    p_kind text,
    p_name text,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    t station;
    v_id bigint;
    v_n int := 0;
BEGIN
    t := station_named(p_kind, p_name);
    UPDATE station x SET status = 'retired', retired_at = clock_timestamp(), retired_why = p_why
     WHERE x.id = t.id RETURNING x.* INTO t;
    UPDATE station_certificate k SET revoked_at = clock_timestamp(), revoked_why = 'retired'
     WHERE k.station_id = t.id AND k.revoked_at IS NULL;
    FOR v_id IN SELECT x.id FROM session x WHERE x.station_id = t.id AND x.ended_at IS NULL LOOP
        v_n := v_n + session_end_want(v_id, 'station_ended')::int;
    END LOOP;
    PERFORM audit_admin(p_kind || '_retire', NULL, t.owner_id,
        station_json(t) || jsonb_build_object('sessions_ending', v_n));
    RETURN station_json(t) || jsonb_build_object('sessions_ending', v_n);
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_retire(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.station_retire(text, text, text) TO sekisho_operator;
