-- SPDX-License-Identifier: GPL-2.0-or-later
-- Cards, those in service unless a state is named; with p_expires_days those
-- whose first certificate ends within so many days.
CREATE OR REPLACE FUNCTION sekisho.card_list(
    p_login text DEFAULT '',
    p_state text DEFAULT '',
    p_expires_days int DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF p_login <> '' THEN
        PERFORM person_id_of(p_login);
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(card_json(x.token_id) - 'attestation' ORDER BY x.login, x.number), '[]')
        FROM (SELECT c.token_id, c.number, p.login
                FROM card c JOIN token k ON k.id = c.token_id JOIN person p ON p.id = k.person_id
               WHERE (p_login = '' OR p.login = p_login)
                 AND CASE p_state WHEN '' THEN p_login <> '' OR c.state NOT IN ('revoked', 'returned')
                                  WHEN 'all' THEN true
                                  WHEN 'lost' THEN c.lost_at IS NOT NULL AND k.status <> 'revoked'
                                  ELSE c.state = p_state END
                 AND (p_expires_days IS NULL OR EXISTS (SELECT FROM card_key y
                      WHERE y.token_id = c.token_id AND y.revoked_at IS NULL
                        AND y.proven_at IS NOT NULL
                        AND y.valid_until < clock_timestamp() + make_interval(days => p_expires_days)))) x);
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_list(text, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_list(text, text, int) TO sekisho_operator, sekisho_auditor;
