-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether a card may be renewed at that client by who has this key of it; fault
-- says why not. Only what our CA certified in a card that we issued: then its
-- management key is in escrow, and its keys were made in it.
CREATE OR REPLACE FUNCTION sekisho.card_renewable(
    p_client uuid, p_login text, p_key bytea,
    OUT token uuid, OUT person uuid, OUT fault text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_days int := (SELECT s.value::int FROM setting s WHERE s.name = 'card.renew_days');
    v_usable boolean;
    r record;
BEGIN
    SELECT t.id, t.person_id, p.login, d.origin, d.temporary_until, d.management, d.renewed_at,
           d.lost_at, i.kind, k.valid_until, card_fault(t, d, k, i, v_now) AS fault,
           p.status = 'active' AND EXISTS (SELECT FROM affiliation a WHERE a.person_id = p.id
               AND a.valid_from <= v_now AND (a.valid_until IS NULL OR a.valid_until > v_now)) AS usable
      INTO r
      FROM card_key k JOIN card d ON d.token_id = k.token_id JOIN token t ON t.id = k.token_id
           JOIN person p ON p.id = t.person_id LEFT JOIN issuer i ON i.id = k.issuer_id
     WHERE k.key_id = p_key AND k.revoked_at IS NULL;
    fault := CASE
        WHEN NOT EXISTS (SELECT FROM client c WHERE c.id = p_client AND c.kind = 'terminal'
                            AND c.status = 'active') THEN 'renewal_not_here'
        WHEN r.id IS NULL THEN 'card_unknown'
        WHEN r.login <> p_login THEN 'card_of_another'
        WHEN r.fault IS NOT NULL THEN r.fault
        WHEN NOT r.usable THEN 'person_unusable'
        WHEN r.origin <> 'issued' OR r.kind IS DISTINCT FROM 'own' OR r.management IS NULL
             OR r.temporary_until IS NOT NULL OR r.lost_at IS NOT NULL THEN 'renewal_not_ours'
        WHEN v_days = 0 OR r.valid_until > v_now + make_interval(days => v_days)
             AND coalesce(r.renewed_at < v_now - interval '7 days', true) THEN 'renewal_not_due'
    END;
    IF fault IS NULL THEN
        token := r.id;
        person := r.person_id;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_renewable(uuid, text, bytea) FROM PUBLIC;
