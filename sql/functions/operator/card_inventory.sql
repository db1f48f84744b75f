-- SPDX-License-Identifier: GPL-2.0-or-later
-- How many cards there are in each state, and what wants attention.
CREATE OR REPLACE FUNCTION sekisho.card_inventory()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object(
        'states', (SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM (
            SELECT c.state, count(*) AS n FROM card c GROUP BY c.state) x),
        'lost', (SELECT count(*) FROM card c JOIN token k ON k.id = c.token_id
            WHERE c.lost_at IS NOT NULL AND k.status <> 'revoked'),
        'temporary', (SELECT count(*) FROM card c WHERE c.temporary_until IS NOT NULL
            AND c.state = 'active'),
        'expiring', (SELECT count(DISTINCT c.token_id) FROM card c JOIN card_key y ON y.token_id = c.token_id
            WHERE c.state = 'active' AND y.revoked_at IS NULL
              AND y.valid_until < clock_timestamp() + interval '90 days'),
        'of_people_who_left', (SELECT count(*) FROM card c JOIN token k ON k.id = c.token_id
            JOIN person p ON p.id = k.person_id
            WHERE p.status = 'left' AND p.login <> 'card stock' AND k.status <> 'revoked'));
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_inventory() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_inventory() TO sekisho_operator, sekisho_auditor;
