-- SPDX-License-Identifier: GPL-2.0-or-later
-- The accept that a session rests on: Class names its row in the audit (id and
-- microseconds of its time, 8 octets each); without it, the last accept of that
-- name at that client within a day. Always one of this very client, and none that
-- is older than sessions are remembered, or an old packet could be played again. No
-- row: none.
CREATE OR REPLACE FUNCTION sekisho.session_accept(
    p_client uuid, p_event jsonb, p_now timestamptz)
    RETURNS TABLE (id bigint, at timestamptz, login text, person_id uuid, evidence jsonb, station uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_class text := p_event ->> 'class';
    v_id bigint;
    v_us bigint;
BEGIN
    IF v_class ~ '^[0-9a-f]{32}$' THEN
        v_id := ('x' || left(v_class, 16))::bit(64)::bigint;
        v_us := ('x' || right(v_class, 16))::bit(64)::bigint;
        IF v_id > 0 AND v_us BETWEEN 0 AND 253402300799000000 THEN
            RETURN QUERY SELECT a.id, a.at, a.login, a.person_id, a.evidence,
                   (a.detail ->> 'station')::uuid FROM audit a
             WHERE a.id = v_id AND a.at = timestamptz 'epoch' + v_us * interval '1 microsecond'
               AND a.client_id = p_client AND a.kind IN ('login', 'station') AND a.outcome = 'accept'
               AND a.at > p_now - interval '31 days';
            IF FOUND THEN
                RETURN;
            END IF;
        END IF;
    END IF;
    RETURN QUERY SELECT a.id, a.at, a.login, a.person_id, a.evidence,
                   (a.detail ->> 'station')::uuid FROM audit a
     WHERE a.login = p_event ->> 'user' AND a.at > p_now - interval '1 day'
       AND a.client_id = p_client AND a.kind IN ('login', 'station') AND a.outcome = 'accept'
     ORDER BY a.at DESC LIMIT 1;
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_accept(uuid, jsonb, timestamptz) FROM PUBLIC;
