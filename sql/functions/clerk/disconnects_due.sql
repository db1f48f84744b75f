-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whom to ask now to end a session (RFC 5176), and when again: after 2, 4, 8 ...
-- up to 60 s, and every five minutes once it is said that it cannot be ended. At
-- most p_each of one client at once, so that one that does not answer holds up no
-- other. p_but: sessions whose answer is still waited for. end_by: attributes of a
-- CoA-Request that ends it at this client, empty for a Disconnect-Request.
CREATE OR REPLACE FUNCTION sekisho.disconnects_due(
    p_most int, p_each int, p_but bigint[] DEFAULT '{}')
    RETURNS TABLE (id bigint, client_id uuid, client text, address text, port int, sealed bytea,
        key_version int, user_sent text, acct text, nas_port bigint, login text, end_by bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_tries int := (SELECT s.value::int FROM setting s WHERE s.name = 'session.end_tries');
BEGIN
    -- who was asked in vain, or cannot be asked, is named
    WITH given_up AS (UPDATE session x SET end_cannot_at = v_now,
               end_answer = CASE WHEN c.coa_port = 0 THEN 'no_coa' WHEN c.status <> 'active' THEN 'client_removed'
                                 WHEN x.end_answer = '' THEN 'silent' ELSE x.end_answer END
          FROM client c WHERE c.id = x.client_id AND x.ended_at IS NULL AND x.end_next <= v_now
           AND x.end_cannot_at IS NULL
           AND (x.end_tries >= v_tries OR c.coa_port = 0 OR c.status <> 'active') RETURNING x.*)
    INSERT INTO audit (at, kind, login, person_id, client_id, outcome, reason, detail)
    SELECT v_now, 'system', nullif(g.login, ''), g.person_id, g.client_id, 'refused', 'session_cannot_end',
           jsonb_build_object('session', g.id, 'why', g.end_why, 'answer', g.end_answer, 'tries', g.end_tries)
      FROM given_up g;
    UPDATE session x SET end_next = v_now + interval '300 seconds'
      FROM client c WHERE c.id = x.client_id AND x.ended_at IS NULL AND x.end_next <= v_now
       AND (c.coa_port = 0 OR c.status <> 'active');
    RETURN QUERY
    WITH due AS (
        SELECT x.id, x.client_id, x.end_next, row_number() OVER (PARTITION BY x.client_id ORDER BY x.end_next, x.id) AS n
          FROM session x
         WHERE x.ended_at IS NULL AND x.end_next <= v_now AND x.id <> ALL (p_but)),
    picked AS (SELECT d.id FROM due d
         WHERE d.n + (SELECT count(*) FROM session b
                       WHERE b.id = ANY (p_but) AND b.client_id = d.client_id) <= p_each
         ORDER BY d.n, d.end_next LIMIT p_most),
    asked AS (UPDATE session x SET end_tries = x.end_tries + 1,
               end_next = v_now + make_interval(secs => CASE WHEN x.end_cannot_at IS NOT NULL THEN 300
                   ELSE least(2 ^ least(x.end_tries + 1, 10), 60) END)
          FROM picked k WHERE x.id = k.id RETURNING x.*)
    SELECT a.id, a.client_id, c.name, host(a.nas), c.coa_port, c.sealed, c.key_version,
           a.user_sent, a.acct, a.nas_port, a.login, grants_octets(c.end_by)
      FROM asked a JOIN client c ON c.id = a.client_id ORDER BY a.id;
END
$$;
REVOKE ALL ON FUNCTION sekisho.disconnects_due(int, int, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.disconnects_due(int, int, bigint[]) TO sekisho_clerk;
