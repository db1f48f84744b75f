-- SPDX-License-Identifier: GPL-2.0-or-later
-- Orders about code tokens that wait; only the elected clerk asks.
CREATE OR REPLACE FUNCTION sekisho.orders_open()
    RETURNS TABLE (id uuid, kind text, args bytea, key_version int, person_id uuid, token_id uuid, algorithm text, digits int, period int, last_step bigint, seed bytea, seed_key int, now_epoch bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT o.id, o.kind, o.args, o.key_version, o.person_id, o.token_id,
           k.algorithm, k.digits::int, k.period::int, k.last_step, k.sealed, k.key_version,
           floor(extract(epoch FROM clock_timestamp()))::bigint
      FROM order_ o JOIN token k ON k.id = o.token_id
     WHERE o.kind IN ('totp_confirm', 'totp_resync') AND o.status = 'new'
       AND o.ready_at > clock_timestamp() - interval '60 seconds' AND order_is_approved(o)
     ORDER BY o.placed_at LIMIT 20
$$;
REVOKE ALL ON FUNCTION sekisho.orders_open() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.orders_open() TO sekisho_clerk;
