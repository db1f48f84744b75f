-- SPDX-License-Identifier: GPL-2.0-or-later
-- Orders about cards and the card CA that wait. p_ca: those for which the CA
-- signs, asked by the clerk that has it; else the others, and of those for the
-- CA the ones that no clerk will take, which are to be refused.
CREATE OR REPLACE FUNCTION sekisho.orders_card_open(
    p_ca boolean)
    RETURNS TABLE (id uuid, kind text, args bytea, key_version int, token_id uuid,
        login text, name text, sid text, member_until bigint,
        realm text, validity_days int, crl_url text,
        challenge bytea, box bytea, box_key int, now_epoch bigint, number text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT o.id, o.kind, o.args, o.key_version, o.token_id, p.login, p.name, p.sid,
           -- a login never has a blank: this is the stock, cards of nobody yet
           -- a card that is lent ends with its loan, also for those who ask only the CRL
           CASE WHEN p.login LIKE '% %' THEN 0 WHEN p.status <> 'active' THEN -1
                WHEN c.temporary_until IS NOT NULL
                THEN greatest(floor(extract(epoch FROM c.temporary_until))::bigint, 1) ELSE
               (SELECT CASE WHEN bool_or(a.valid_until IS NULL) THEN 0
                       ELSE coalesce(floor(extract(epoch FROM max(a.valid_until)))::bigint, -1) END
                  FROM affiliation a WHERE a.person_id = p.id
                   AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp())) END,
           s.realm, s.days::int, s.crl_url,
           c.challenge,
           CASE WHEN o.kind IN ('card_puk', 'escrow_puk') THEN c.puk
                WHEN o.kind IN ('card_management', 'escrow_management', 'card_renew') THEN c.management END,
           CASE WHEN o.kind IN ('card_puk', 'escrow_puk') THEN c.puk_version
                WHEN o.kind IN ('card_management', 'escrow_management', 'card_renew') THEN c.management_version END,
           floor(extract(epoch FROM clock_timestamp()))::bigint, c.number
      FROM order_ o
           CROSS JOIN (SELECT max(value) FILTER (WHERE name = 'card.realm') AS realm,
                              max(value) FILTER (WHERE name = 'card.validity_days') AS days,
                              max(value) FILTER (WHERE name = 'card.crl_url') AS crl_url
                         FROM setting) s
           LEFT JOIN person p ON p.id = o.person_id
           LEFT JOIN card c ON c.token_id = o.token_id
     WHERE o.status = 'new' AND o.ready_at > clock_timestamp() - interval '60 seconds'
       AND order_is_approved(o)
       AND CASE WHEN o.kind IN ('card_certificate', 'card_renew', 'ca_init')
                THEN p_ca OR (o.ready_at < clock_timestamp() - interval '2 seconds'
                    AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory'
                        AND l.database = (SELECT d.oid FROM pg_database d
                                           WHERE d.datname = current_database())
                        AND (l.classid, l.objid, l.objsubid) = (7365, 2, 2)))
                WHEN o.kind IN ('card_prove', 'card_puk', 'card_management',
                                'escrow_puk', 'escrow_management') THEN NOT p_ca
                ELSE false END
     ORDER BY o.placed_at LIMIT 20
$$;
REVOKE ALL ON FUNCTION sekisho.orders_card_open(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.orders_card_open(boolean) TO sekisho_clerk;
