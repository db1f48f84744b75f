-- SPDX-License-Identifier: GPL-2.0-or-later
-- What happens by itself: orders, sums, ends, keys. Twice is as once.
\ir begin.psql

-- Orders.
SELECT totp_enrol('sato', t.id('new'), 'fob', 'SHA1', 6, 30, 'seed', 1) \g /dev/null
CREATE FUNCTION t.order(p text) RETURNS text LANGUAGE sql AS $$
    SELECT (order_show(t.id(p)) ->> 'status') || ' ' || (order_show(t.id(p)) ->> 'reason') $$;
CREATE FUNCTION t.place(p_order text, p_kind text, p_token text, p_who text DEFAULT 'sato') RETURNS jsonb
    LANGUAGE sql AS $$ SELECT order_place(t.id(p_order), p_kind, p_who, t.id(p_token), 'args', 1) $$;
SELECT throws_ok($$SELECT t.place('o', 'totp_confirm', 'sato/t')$$, 'SK001', 'token_unknown',
    'what is active needs no confirming');
SELECT throws_ok($$SELECT t.place('o', 'totp_resync', 'new')$$, 'SK001', 'token_unknown',
    'what is pending cannot be resynchronised');
SELECT throws_ok($$SELECT t.place('o', 'totp_confirm', 'new', 'suzuki')$$, 'SK001', 'token_unknown',
    'nor another person''s token');
SELECT throws_ok($$SELECT t.place('o', 'wipe', 'sato/t')$$, '23514', NULL, 'no other orders');
SELECT t.place('o1', 'totp_confirm', 'new') \g /dev/null
SELECT is((SELECT kind || ' ' || convert_from(seed, 'UTF8') FROM orders_open()), 'totp_confirm seed',
    'the clerk sees it with what it needs');
SELECT order_finish(t.id('o1'), false, 'wrong_code', NULL, NULL) \g /dev/null
SELECT is(t.order('o1'), 'refused wrong_code', 'refused');
SELECT is((SELECT status FROM token WHERE id = t.id('new')), 'pending', 'the token stays inert');
SELECT is((SELECT args FROM order_ WHERE id = t.id('o1')), ''::bytea, 'c14_3: its arguments are gone');
SELECT order_finish(t.id('o1'), true, '', 50, 0) \g /dev/null
SELECT is(t.order('o1'), 'refused wrong_code', 'finished once');
SELECT is((SELECT status FROM token WHERE id = t.id('new')), 'pending', 'with one effect');
SELECT t.wrong('sato', 'w3', 'x', 'possession') \g /dev/null
SELECT t.place('o2', 'totp_confirm', 'new') \g /dev/null
SELECT order_finish(t.id('o2'), true, '', 50, 2) \g /dev/null
SELECT is(t.order('o2'), 'done ', 'confirmed');
SELECT is((SELECT status || last_step || drift FROM token WHERE id = t.id('new')), 'active502',
    'the token is active, its code is spent, its drift is learnt');
SELECT is(t.counters(t.person_id('sato'), 'inside', 'possession'), '0 0 -', 'and it is the rebinding');
SELECT is((SELECT actor || ' ' || outcome FROM audit WHERE kind = 'order' AND detail ->> 'order' = t.id('o2')::text),
    session_user || ' done', 'in the audit, with who asked');
SELECT t.place('o3', 'totp_resync', 'new') \g /dev/null
SELECT order_finish(t.id('o3'), true, '', 50, 7) \g /dev/null
SELECT is(t.order('o3'), 'refused code_spent', 'a spent code resynchronises nothing');
SELECT is((SELECT drift FROM token WHERE id = t.id('new')), 2, 'not even the drift');
SELECT t.place('o4', 'totp_resync', 'new') \g /dev/null
SELECT order_finish(t.id('o4'), true, '', 90, 7) \g /dev/null
SELECT is((SELECT last_step || ' ' || drift FROM token WHERE id = t.id('new')), '90 7', 'a later one does');
CREATE FUNCTION t.many_orders() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 5 .. 15 LOOP
        PERFORM t.place('o' || i, 'totp_resync', 'new');
    END LOOP;
END
$$;
SELECT throws_ok('SELECT t.many_orders()', 'SK001', 'too_many_orders', 'confirming is no way to guess');
SELECT t.place('o5', 'totp_resync', 'new') \g /dev/null
SELECT t.pass('61 seconds') \g /dev/null
SELECT is((SELECT count(*) FROM orders_open()), 0::bigint, 'an order nobody executed in time');
SELECT housekeeping() \g /dev/null
SELECT is(t.order('o5'), 'expired ', 'expires');
SELECT is((SELECT args FROM order_ WHERE id = t.id('o5')), ''::bytea, 'c14_3: without its arguments');

-- Sums of refusals go into the audit when their minute is over.
CREATE FUNCTION t.tally() RETURNS text LANGUAGE sql AS $$
    SELECT attempt_tally(t.person_id('suzuki'), 'inside', t.id('w3'), 'delay_running', 'suzuki',
        t.person_id('suzuki'), 'K7-7777', 'node1') $$;
SELECT t.tally(), t.tally(), t.tally() \g /dev/null
SELECT housekeeping() \g /dev/null
SELECT is((SELECT count FROM refusal_tally WHERE ref = 'K7-7777'), 3::bigint, 'not before');
SELECT t.pass('61 seconds') \g /dev/null
SELECT housekeeping(), housekeeping() \g /dev/null
SELECT is((SELECT jsonb_agg(ARRAY[outcome, reason, count::text, login]) FROM audit WHERE ref = 'K7-7777'),
    '[["reject", "delay_running", "3", "suzuki"]]'::jsonb, 'once, as one line that counts three');
SELECT is((SELECT count(*) FROM refusal_tally), 0::bigint, 'and is gone from there');

-- Logins that nobody finished.
SELECT t.challenge('suzuki', 'w3', 's1') \g /dev/null
SELECT t.record('suzuki', 'vpn', 'challenge', 'wrong_password', '{knowledge}', '{knowledge}', '{g}',
    p_new => 's2') \g /dev/null
SELECT housekeeping() \g /dev/null
SELECT is((SELECT count(*) FROM login), 2::bigint, 'those in progress stay');
SELECT t.pass('121 seconds') \g /dev/null
SELECT housekeeping(), housekeeping() \g /dev/null
SELECT is((SELECT count(*) FROM login), 0::bigint, 'those that ended go');
SELECT is((SELECT jsonb_agg(ARRAY[reason, evidence #>> '{0,category}']) FROM audit WHERE outcome = 'abandoned'),
    '[["state_expired", "knowledge"]]'::jsonb, 'a right password without a code is worth a line');

-- What is long past of names that are nobody's.
SELECT t.wrong('nobody', 'w3', 'x') \g /dev/null
SELECT t.pass('29 days') \g /dev/null
SELECT housekeeping() \g /dev/null
SELECT is(t.counters(t.id('bucket of nobody'), 'inside'), '1 1 -', 'a bucket stays a month');
SELECT t.pass('2 days') \g /dev/null
SELECT housekeeping() \g /dev/null
SELECT is(t.counters(t.id('bucket of nobody'), 'inside'), 'none', 'and then goes');
SELECT is((SELECT count(*) FROM throttle_head WHERE subject = t.id('bucket of nobody')), 0::bigint, 'whole');
SELECT isnt(t.counters(t.person_id('suzuki'), 'outside'), 'none', 'a person''s count never goes by itself');

-- The keyring's public keys.
CREATE FUNCTION t.publish(n int, k text) RETURNS boolean LANGUAGE sql AS $$
    SELECT keyring_publish(n, t.bytes(k, 32)) $$;
SELECT is(t.publish(1, 'public key 1'), true, 'the same key again');
SELECT is(t.publish(1, 'other'), false, 'another key of the same number is another keyring');
SELECT is(t.publish(3, 'public key 3'), true, 'a newer one');
SELECT is(t.publish(2, 'public key 2'), false, 'an older one comes too late');
SELECT is(t.publish(1, 'public key 1'), true, 'one that was known may still be asked with');
SELECT is((SELECT string_agg(version || status, ' ' ORDER BY version) FROM keyring_key), '1old 3current',
    'one is current');
SELECT is(keyring_public() ->> 'public_key', encode(t.bytes('public key 3', 32), 'hex'), 'to be sealed to');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'keyring_published'), 2::bigint, 'each leaves a line');
SELECT throws_ok($$SELECT keyring_publish(4, 'short')$$, '23514', NULL, 'a key has 32 octets');

-- Sealing anew: compare and set.
SELECT is((SELECT string_agg(kind || ' ' || n, ', ' ORDER BY kind) FROM (SELECT kind, count(*) n
    FROM boxes_old(100) GROUP BY kind) v), 'client 5, password 2, totp 3', 'what is sealed to an old key');
SELECT is((SELECT count(*) FROM boxes_old(4)), 4::bigint, 'a few at a time');
SELECT is((SELECT owner FROM boxes_old() WHERE id = t.id('sato/t')),
    t.person_id('sato') || '/' || t.id('sato/t'), 'with the owner inside the box');
SELECT is(box_reseal('password', t.id('sato/p'), 'box', 'new box', 3), true, 'a box still there');
SELECT is(box_reseal('password', t.id('sato/p'), 'box', 'newer box', 3), false, 'one that changed meanwhile');
SELECT is((SELECT sealed FROM verifier WHERE id = t.id('sato/p')), 'new box'::bytea, 'is left alone');
SELECT is(box_reseal('totp', t.id('sato/p'), 'box', 'x', 3), false, 'of its own kind');
SELECT is(box_reseal('totp', t.id('sato/t'), 'box', 'x', 3), true, 'a seed');
SELECT is(box_reseal('client', t.id('w3'), 'box', 'x', 3), true, 'a secret');
SELECT throws_ok($$SELECT box_reseal('order', t.id('o1'), 'a', 'b', 3)$$, '20000', NULL, 'no other kind');
SELECT is((SELECT count(*) FROM boxes_old(100)), 7::bigint, 'three less');
SELECT is((SELECT version FROM client WHERE name = 'w3'), 1::bigint, 'which is no change of the client');
\ir end.psql
