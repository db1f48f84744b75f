-- SPDX-License-Identifier: GPL-2.0-or-later
-- Several interim updates at once (RFC 2866 5.1), of sessions that are open and go
-- on: what a client says most by far, in one statement. Not worth a flush to disk:
-- whatever is lost with the machine, the next update says again. p_events is an
-- array of what account_take takes, each with `client` and `version`.
--
-- The places (from 1) of those that were taken; the others, a session's second
-- among them, are account_take's. In the order of p_events, so that two nodes that
-- sort theirs do not wait for each other in a circle.
CREATE OR REPLACE FUNCTION sekisho.account_continue(p_events jsonb)
    RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_taken bigint[];
    v_stations bigint[];
BEGIN
    WITH taken AS (
        UPDATE session x SET heard_at = v_now,
               seconds = greatest(x.seconds, e.seconds),
               octets_in = greatest(x.octets_in, e.octets_in),
               octets_out = greatest(x.octets_out, e.octets_out),
               framed_ip = coalesce(e.framed_ip, x.framed_ip)
          FROM ROWS FROM (jsonb_to_recordset(p_events) AS (client uuid, version bigint, session text,
                   source inet, seconds bigint, octets_in bigint, octets_out bigint, framed_ip inet))
               WITH ORDINALITY AS e (client, version, session, source, seconds, octets_in, octets_out, framed_ip, place)
          JOIN client c ON c.id = e.client
         WHERE c.status = 'active' AND c.version = e.version AND c.kind <> 'door'
           AND x.client_id = e.client AND x.acct = e.session AND x.ended_at IS NULL
           AND x.nas = coalesce(e.source, host(c.address)::inet)
        RETURNING e.place, x.id, x.station_id)
    SELECT array_agg(t.place), array_agg(t.id) FILTER (WHERE t.station_id IS NOT NULL)
      INTO v_taken, v_stations FROM taken t;
    IF v_stations IS NOT NULL THEN
        PERFORM session_twice(x, v_now) FROM session x WHERE x.id = ANY (v_stations) ORDER BY x.client_id, x.id;
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN QUERY SELECT unnest(v_taken);
END
$$;
REVOKE ALL ON FUNCTION sekisho.account_continue(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.account_continue(jsonb) TO sekisho_authd;
