-- SPDX-License-Identifier: GPL-2.0-or-later
-- Orders about cards, the card CA, its CRL, and other issuers.
\ir begin.psql

CREATE FUNCTION t.card(p text, p_who text DEFAULT 'sato', p_state text DEFAULT 'new',
    p_status text DEFAULT 'pending') RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO token (id, person_id, method, status)
    VALUES (t.id(p), t.person_id(p_who), 'card', p_status);
    INSERT INTO card (token_id, origin, state) VALUES (t.id(p), 'issued', p_state);
    RETURN t.id(p);
END
$$;
CREATE FUNCTION t.order(p text, p_kind text, p_card text) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO order_ (id, kind, person_id, token_id, args, key_version)
    SELECT t.id(p), p_kind, k.person_id, k.id, 'args', 1 FROM token k WHERE k.id = t.id(p_card)
    RETURNING id $$;
CREATE FUNCTION t.ended(p text) RETURNS text LANGUAGE sql AS $$
    SELECT status || ' ' || reason FROM order_ WHERE id = t.id(p) $$;
CREATE FUNCTION t.card_is(p text) RETURNS text LANGUAGE sql AS $$
    SELECT k.status || ' ' || c.state FROM token k JOIN card c ON c.token_id = k.id WHERE k.id = t.id(p) $$;
CREATE FUNCTION t.version(p text) RETURNS bigint LANGUAGE sql AS $$
    SELECT version FROM person WHERE login = p $$;
CREATE FUNCTION t.store(p_order text, p_slot text, p_key text) RETURNS text LANGUAGE sql AS $$
    SELECT card_certificate_store(t.id(p_order), p_slot, t.bytes(p_key, 32), repeat('k', 64)::bytea,
        repeat('c', 64)::bytea, (SELECT id FROM issuer WHERE kind = 'own' AND status = 'active'),
        t.bytes(p_order, 16), now() - interval '1 day', now() + interval '1 year') $$;
CREATE FUNCTION t.place_ca(p text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT order_place(t.id(p), 'ca_init', '', NULL, 'args', 1) $$;

-- The CA's own certificate: once, and about nobody.
SELECT is(issuer_list(), '[]', 'no issuer to begin with');
SELECT throws_ok('SELECT issuer_show()', 'SK001', 'ca_missing', 'nor a CA of our own');
SELECT t.place_ca('i1'), t.place_ca('i2') \g /dev/null
SELECT is((SELECT string_agg(kind, ' ') FROM orders_card_open(true)), 'ca_init ca_init', 'both wait for the CA');
SELECT is((SELECT count(*) FROM orders_card_open(false)), 0::bigint, 'and for nobody else yet');
SELECT is((SELECT count(*) FROM orders_open()), 0::bigint, 'who does codes sees none of them');
SELECT is(ca_publish(t.id('i1'), 'Our CA', repeat('c', 64)::bytea, 'label'), '', 'the first');
SELECT is(ca_publish(t.id('i2'), 'Our CA 2', repeat('d', 64)::bytea, 'label'), 'ca_exists', 'is the only one');
SELECT is(ca_publish(t.id('i1'), 'Our CA 3', repeat('e', 64)::bytea, 'label'), 'order_ended', 'once');
SELECT is(t.ended('i1') || ', ' || t.ended('i2'), 'done , refused ca_exists', 'as the orders say');
SELECT is((SELECT answer FROM order_ WHERE id = t.id('i1')), repeat('c', 64)::bytea, 'the certificate is the answer');
SELECT is(decode(order_show(t.id('i1')) ->> 'answer', 'base64'), repeat('c', 64)::bytea, 'that operators read');
SELECT is((SELECT string_agg(outcome || ' ' || reason, ', ' ORDER BY id) FROM audit WHERE kind = 'order'),
    'done ca_init, refused ca_exists', 'and the audit');
SELECT throws_ok($$SELECT t.place_ca('i3')$$, 'SK001', 'ca_exists', 'no more orders of this kind');
SELECT is((SELECT name FROM ca_issuer()), 'Our CA', 'the clerk finds it');
SELECT throws_ok($$INSERT INTO order_ (id, kind, args, key_version) VALUES (t.id('x'), 'totp_confirm', 'a', 1)$$,
    '23514', NULL, 'other orders are about somebody');
SELECT throws_ok($$SELECT order_place(t.id('x'), 'card_puk', 'sato', t.id('sato/t'), 'a', 1)$$, 'P0001', NULL,
    'orders about cards have another door');

-- A certificate: for a card that may still become one, one key one card.
SELECT t.card('c1'), t.card('c2'), t.card('stock', 'suzuki', 'prepared'),
       t.card('lost', 'sato', 'lost', 'suspended'), t.card('gone', 'sato', 'revoked', 'revoked') \g /dev/null
SELECT t.order('o1', 'card_certificate', 'c1') \g /dev/null
UPDATE setting SET value = 'x.example' WHERE name = 'card.realm';
SELECT is((SELECT login || ' ' || realm || ' ' || validity_days || ' ' || member_until FROM orders_card_open(true)),
    'sato x.example 1095 0', 'the clerk gets what goes into it');
UPDATE affiliation SET valid_until = '2099-01-01Z' WHERE person_id = t.person_id('sato');
SELECT is((SELECT member_until FROM orders_card_open(true)), 4070908800, 'with the end of the affiliation');
UPDATE affiliation SET valid_until = now() - interval '1 s', valid_from = now() - interval '1 day'
 WHERE person_id = t.person_id('sato');
SELECT is((SELECT member_until FROM orders_card_open(true)), -1::bigint, 'or that there is none');
UPDATE affiliation SET valid_until = NULL WHERE person_id = t.person_id('sato');
UPDATE person SET status = 'suspended' WHERE login = 'sato';
SELECT is((SELECT member_until FROM orders_card_open(true)), -1::bigint, 'nor for who is suspended');
UPDATE person SET status = 'active' WHERE login = 'sato';
SELECT is(t.store('o1', '9a', 'k1'), '', 'stored');
SELECT is(t.store('o1', '9a', 'k2'), 'order_ended', 'once');
SELECT is(t.ended('o1'), 'done ', 'the order is done');
SELECT is((SELECT slot || pin || (proven_at IS NULL) FROM card_key WHERE key_id = t.bytes('k1', 32)),
    '9aenforcedtrue', 'the key is inert');
SELECT is(t.card_is('c1'), 'pending new', 'and so is the card');
SELECT t.order('o2', 'card_certificate', 'c2') \g /dev/null
SELECT is(t.store('o2', '9a', 'k1'), 'key_known', 'a key is one card''s');
SELECT t.order('o3', 'card_certificate', 'c1') \g /dev/null
SELECT is(t.store('o3', '9e', 'k3'), '', 'another slot');
SELECT is((SELECT pin FROM card_key WHERE key_id = t.bytes('k3', 32)), 'none', 'whose key asks for no PIN');
SELECT t.order('o4', 'card_certificate', 'lost'), t.order('o5', 'card_certificate', 'gone') \g /dev/null
SELECT is(t.store(o, '9a', o), 'card_unusable', 'not for a card that is ' || o)
  FROM unnest('{o4,o5}'::text[]) o;

-- The proof: all keys, this challenge, in time.
CREATE FUNCTION t.prove(p_order text, p_card text, p_keys text[], p_challenge text DEFAULT 'c') RETURNS text
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM t.order(p_order, 'card_prove', p_card);
    RETURN card_prove_finish(t.id(p_order), t.bytes(p_challenge, 32),
        ARRAY(SELECT t.bytes(k, 32) FROM unnest(p_keys) k));
END
$$;
CREATE FUNCTION t.challenge_card(p text, i interval DEFAULT '1 minute') RETURNS void LANGUAGE sql AS $$
    UPDATE card SET challenge = t.bytes('c', 32), challenge_until = clock_timestamp() + i
     WHERE token_id = t.id(p) $$;
SELECT is(t.prove('p1', 'c1', '{k1,k3}'), 'challenge_ended', 'nothing was asked');
SELECT t.challenge_card('c1', '-1 s') \g /dev/null
SELECT is(t.prove('p2', 'c1', '{k1,k3}'), 'challenge_ended', 'too late');
SELECT t.challenge_card('c1') \g /dev/null
SELECT is(t.prove('p3', 'c1', '{k1,k3}', 'd'), 'challenge_ended', 'another was asked meanwhile');
SELECT is(t.prove('p4', 'c1', '{k1}'), 'keys_missing', 'all keys');
SELECT is(t.prove('p5', 'c1', '{}'), 'keys_missing', 'not none');
SELECT is(t.card_is('c1'), 'pending new', 'still inert');
SELECT t.wrong('sato', 'w3', 'x', 'possession') \g /dev/null
SELECT set_config('t.version', t.version('sato')::text, true) \g /dev/null
SELECT is(t.prove('p6', 'c1', '{k1,k3}'), '', 'proven');
SELECT is(t.card_is('c1'), 'active active', 'the card is active');
SELECT is((SELECT count(*) FROM card_key WHERE token_id = t.id('c1') AND proven_at IS NOT NULL), 2::bigint,
    'its keys count');
SELECT is((SELECT challenge FROM card WHERE token_id = t.id('c1')), NULL, 'the challenge is spent');
SELECT is(t.version('sato'), current_setting('t.version')::bigint + 1, 'the person has changed');
SELECT is(t.counters(t.person_id('sato'), 'inside', 'possession'), '1 1 -', 'guesses at a code stay counted: a card is no new phone');
SELECT is((SELECT detail -> 'keys' FROM audit WHERE detail ->> 'order' = t.id('p6')::text),
    jsonb_build_array(encode(t.bytes('k1', 32), 'hex'), encode(t.bytes('k3', 32), 'hex')), 'in the audit');
SELECT t.order('o6', 'card_certificate', 'stock') \g /dev/null
SELECT is(t.store('o6', '9a', 'k6'), '', 'a card for the stock');
SELECT t.challenge_card('stock') \g /dev/null
SELECT is(t.prove('p7', 'stock', '{k6}'), '', 'is proven too');
SELECT is(t.card_is('stock'), 'pending prepared', 'and is nobody''s for all that');
SELECT t.challenge_card('lost') \g /dev/null
SELECT is(t.prove('p8', 'lost', '{}'), 'card_unusable', 'a lost one is not found by signing');

-- A new key in the slot: the old one is revoked, and the next CRL says so.
SELECT t.order('o7', 'card_certificate', 'c1') \g /dev/null
SELECT is(t.store('o7', '9a', 'k7'), '', 'a new key in the slot');
SELECT is((SELECT revoked_why FROM card_key WHERE key_id = t.bytes('k1', 32)), 'superseded', 'ends the old one');
SELECT is(t.version('sato'), current_setting('t.version')::bigint + 2, 'for every attempt');
CREATE FUNCTION t.crl() RETURNS text LANGUAGE sql AS $$
    SELECT number || ': ' || regexp_replace(revoked, ' \d+ ', ' at ', 'g') FROM crl_begin() $$;
SELECT is(t.crl(), '1: ' || encode(t.bytes('o1', 16), 'hex') || ' at superseded', 'a CRL is due, with it');
SELECT is(t.crl(), '1: ' || encode(t.bytes('o1', 16), 'hex') || ' at superseded', 'until it is made');
CREATE FUNCTION t.made(n bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT crl_store((SELECT id FROM ca_issuer()), n, 'crl', floor(extract(epoch FROM now()))::bigint,
        floor(extract(epoch FROM now() + interval '3 days'))::bigint) $$;
UPDATE card_key SET revoked_at = now(), revoked_why = E'lost\nwhere?' WHERE key_id = t.bytes('k3', 32);
SELECT is(t.made(2), false, 'none is left out');
SELECT is(t.made(1), true, 'made');
SELECT is(t.made(1), false, 'once');
SELECT is((SELECT count(*) FROM regexp_matches(t.crl(), 'at (superseded|lost)\M', 'g')), 2::bigint,
    'what was revoked while it was made is in the next');
SELECT t.made(2) \g /dev/null
SELECT is(t.crl(), NULL, 'then there is none to make');
UPDATE issuer SET crl_this = crl_this - interval '25 hours';
SELECT is(left(t.crl(), 2), '3:', 'before its time has come');
UPDATE issuer SET crl_this = now() + interval '1 day';
SELECT is(left(t.crl(), 2), '3:', 'or the clock has stepped back');
UPDATE issuer SET crl_this = now();
UPDATE card_key SET valid_from = now() - interval '9 days', valid_until = now() - interval '8 days'
 WHERE key_id = t.bytes('k3', 32);
SELECT unalike((SELECT revoked FROM crl_begin(true)), '%lost%', 'what is long past need not be listed');
SELECT is((SELECT crl FROM crl_published(1)), 'crl'::bytea, 'a node that has an older one gets it');
SELECT is((SELECT count(*) FROM crl_published(2)), 0::bigint, 'one that has it does not');

-- Nobody has the CA: after two seconds somebody else refuses.
SELECT t.order('o8', 'card_certificate', 'c1') \g /dev/null
SELECT is((SELECT count(*) FROM orders_card_open(false)), 0::bigint, 'not at once');
SELECT t.pass('3 seconds') \g /dev/null
SELECT is((SELECT kind FROM orders_card_open(false)), 'card_certificate', 'when nobody has taken it');
SELECT pg_try_advisory_lock(7365, 2) \g /dev/null
SELECT is((SELECT count(*) FROM orders_card_open(false)), 0::bigint, 'unless somebody has the CA');
SELECT pg_advisory_unlock(7365, 2) \g /dev/null
SELECT order_finish(t.id('o8'), false, 'ca_unavailable', 0, 0) \g /dev/null
SELECT is(t.ended('o8'), 'refused ca_unavailable', 'refused');
SELECT t.order('o9', 'card_certificate', 'c1') \g /dev/null
SELECT throws_ok($$SELECT order_finish(t.id('o9'), true, '', 1, 0)$$, 'P0001', NULL,
    'what is done about cards is done elsewhere');

-- Escrow.
UPDATE card SET puk = 'puk box', puk_version = 1, management = 'mgm box', management_version = 1
 WHERE token_id = t.id('c1');
SELECT t.order('r1', 'card_puk', 'c1'), t.order('r2', 'card_management', 'c1') \g /dev/null
SELECT is((SELECT string_agg(convert_from(box, 'UTF8'), ', ' ORDER BY kind) FROM orders_card_open(false)),
    'mgm box, puk box', 'each order with its own box');
SELECT card_release_finish(t.id('r1'), 'sealed'), card_release_finish(t.id('r1'), 'again') \g /dev/null
SELECT is((SELECT status || ' ' || convert_from(answer, 'UTF8') FROM order_ WHERE id = t.id('r1')), 'done sealed',
    'released once');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'card_puk'), 1::bigint, 'and written down');
SELECT housekeeping() \g /dev/null
SELECT is((SELECT answer FROM order_ WHERE id = t.id('r1')), 'sealed'::bytea, 'it can be fetched');
UPDATE order_ SET done_at = done_at - interval '11 minutes' WHERE id = t.id('r1');
SELECT housekeeping() \g /dev/null
SELECT is((SELECT answer FROM order_ WHERE id = t.id('r1')), NULL, 'for ten minutes');
SELECT card_release_finish(t.id('o9'), 'x') \g /dev/null
SELECT is(t.ended('o9'), 'new ', 'another order ends otherwise');
SELECT keyring_publish(2, t.bytes('key 2', 32)) \g /dev/null
SELECT is((SELECT string_agg(kind || ' ' || owner, ', ' ORDER BY kind) FROM boxes_old(100)
    WHERE kind IN ('puk', 'management')), 'management ' || t.id('c1') || ', puk ' || t.id('c1'), 'to be sealed anew');
SELECT is(box_reseal('puk', t.id('c1'), 'puk box', 'new puk', 2), true, 'one');
SELECT is((SELECT puk_version || ' ' || management_version FROM card WHERE token_id = t.id('c1')), '2 1',
    'by itself');
SELECT is(box_reseal('management', t.id('c1'), 'other', 'x', 2), false, 'one that changed meanwhile is left alone');

-- Other issuers.
SELECT throws_ok($$SELECT issuer_add('o', 'x', 'rumours')$$, 'SK001', 'revocation_unsupported', 'no other means');
SELECT issuer_add('hpki', repeat('h', 64)::bytea, 'crl'), issuer_add('jpki', repeat('j', 64)::bytea, 'none') \g /dev/null
SELECT throws_ok($$SELECT issuer_add('hpki', repeat('z', 64)::bytea, 'crl')$$, 'SK001', 'issuer_exists', 'a name once');
SELECT throws_ok($$SELECT issuer_add('hpki2', repeat('h', 64)::bytea, 'crl')$$, 'SK001', 'issuer_exists',
    'a certificate once');
CREATE FUNCTION t.counts() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(i ->> 'name', ' ') FROM jsonb_array_elements(issuer_list()) i WHERE (i ->> 'counts')::boolean $$;
SELECT is(t.counts(), 'Our CA jpki', 'without a CRL nothing of it counts');
CREATE FUNCTION t.load(n bigint, p_this interval DEFAULT '-1 hour', p_next interval DEFAULT '1 day',
    p_serials bytea[] DEFAULT '{}', p_name text DEFAULT 'hpki', p_certificate text DEFAULT 'h') RETURNS jsonb
    LANGUAGE sql AS $$
    SELECT issuer_crl(p_name, repeat(p_certificate, 64)::bytea, 'crl', n, now() + p_this, now() + p_next,
        p_serials, ARRAY(SELECT now() FROM unnest(p_serials))) $$;
SELECT throws_ok(format('SELECT t.load(%s)', args), 'SK001', why, why) FROM (VALUES
    ('1, p_next => ''-1 s''', 'crl_expired'), ('1, ''1 hour''', 'crl_early'),
    ('1, p_name => ''jpki'', p_certificate => ''j''', 'issuer_without_crl'),
    ('1, p_name => ''Our CA''', 'issuer_without_crl'), ('1, p_name => ''nobody''', 'issuer_unknown'),
    ('1, p_certificate => ''g''', 'issuer_changed')) v(args, why);
SELECT is(t.load(5) ->> 'counts', 'true', 'with a current one it counts');
SELECT throws_ok('SELECT t.load(4)', 'SK001', 'crl_older', 'a smaller number');
SELECT throws_ok($$SELECT t.load(5, '-2 hours')$$, 'SK001', 'crl_older', 'an earlier one');
INSERT INTO card_key (token_id, slot, key_id, spki, pin, issuer_id, serial, valid_from, valid_until, proven_at)
SELECT t.id('c2'), '1', t.bytes('h1', 32), repeat('k', 64)::bytea, 'enforced', i.id, '\xab', now(),
       now() + interval '1 day', now() FROM issuer i WHERE i.name = 'hpki';
SELECT set_config('t.version', t.version('sato')::text, true) \g /dev/null
SELECT is(t.load(6, p_serials => '{"\\xab","\\xcd","\\xab"}') ->> 'revoked', '1', 'it revokes a key of ours');
SELECT is((SELECT revoked_why FROM card_key WHERE key_id = t.bytes('h1', 32)), 'issuer', 'which ends');
SELECT is(t.version('sato'), current_setting('t.version')::bigint + 1, 'at once');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'card_key_revoked' AND login = 'sato'), 1::bigint,
    'with a line about whom it hit');
SELECT is(t.load(7, p_serials => '{"\\xab","\\xcd"}') ->> 'revoked', '0', 'the next one hits nobody again');
SELECT throws_ok($$INSERT INTO card_key (token_id, slot, key_id, spki, pin, issuer_id, serial, valid_from, valid_until)
    SELECT t.id('c2'), '2', t.bytes('h2', 32), repeat('k', 64)::bytea, 'none', i.id, '\xcd', now(),
    now() + interval '1 day' FROM issuer i WHERE i.name = 'hpki'$$, 'SK001', 'certificate_revoked',
    'what is revoked is not bound');
-- Held: for as long as the CRL says so.
INSERT INTO card_key (token_id, slot, key_id, spki, pin, issuer_id, serial, valid_from, valid_until, proven_at)
SELECT t.id('c2'), '3', t.bytes('h3', 32), repeat('k', 64)::bytea, 'enforced', i.id, '\xef', now(),
       now() + interval '1 day', now() FROM issuer i WHERE i.name = 'hpki';
CREATE FUNCTION t.hold(n bigint, p_serials bytea[], p_hold boolean[]) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', c ->> 'revoked', c ->> 'held', c ->> 'released') FROM issuer_crl('hpki',
        repeat('h', 64)::bytea, 'crl', n, now() - interval '1 hour', now() + interval '1 day', p_serials,
        ARRAY(SELECT now() FROM unnest(p_serials)), p_hold) c $$;
CREATE FUNCTION t.key(p text) RETURNS text LANGUAGE sql AS $$
    SELECT card_fault(jsonb_populate_record(k, '{"status": "active"}'), c, y, i, clock_timestamp())
      FROM card_key y JOIN token k ON k.id = y.token_id JOIN card c ON c.token_id = k.id
      JOIN issuer i ON i.id = y.issuer_id WHERE y.key_id = t.bytes(p, 32) $$;
SELECT is(t.key('h3'), NULL, 'a key that counts');
SELECT set_config('t.version', t.version('sato')::text, true) \g /dev/null
SELECT is(t.hold(8, '{"\\xab","\\xef"}', '{f,t}'), '0 1 0', 'is held');
SELECT is(t.key('h3'), 'card_suspended', 'and counts no more');
SELECT is(t.version('sato'), current_setting('t.version')::bigint + 1, 'at once');
SELECT is(t.hold(9, '{"\\xab","\\xef"}', '{f,t}'), '0 0 0', 'held as before: no news');
SELECT throws_ok($$INSERT INTO card_key (token_id, slot, key_id, spki, pin, issuer_id, serial, valid_from, valid_until)
    SELECT t.id('c2'), '4', t.bytes('h4', 32), repeat('k', 64)::bytea, 'none', i.id, '\xef', now(),
    now() + interval '1 day' FROM issuer i WHERE i.name = 'hpki'$$, 'SK001', 'certificate_held',
    'what is held is not bound');
SELECT is(t.hold(10, '{"\\xab"}', '{f}'), '0 0 1', 'it is taken back');
SELECT is(t.key('h3'), NULL, 'and counts again');
SELECT is((SELECT string_agg(reason, ' ' ORDER BY id) FROM audit WHERE reason IN ('card_key_held', 'card_key_released')
    AND login = 'sato'), 'card_key_held card_key_released', 'each a line about whom it hit');
SELECT is(t.hold(11, '{"\\xab","\\xef"}', '{t,t}'), '0 1 0', 'what was revoked stays so, also if it is only held now');
SELECT is(t.key('h1'), 'card_revoked', 'for good');
SELECT is(t.hold(12, '{"\\xef","\\xef"}', '{t,f}'), '1 0 0', 'held and revoked is revoked');
SELECT is(t.key('h3'), 'card_revoked', 'at the end of a hold, too');
SELECT is(t.hold(13, '{}', '{}'), '0 0 0', 'and nothing brings it back');
SELECT is(t.key('h3'), 'card_revoked', 'ever');
SELECT is(t.load(14, p_serials => '{"\\xaa"}') ->> 'listed', '1', 'without a word of holds all is revoked');

-- Where it is asked.
SELECT is(issuer_set('hpki', 'http://new.example/crl') ->> 'url', 'http://new.example/crl', 'another address');
SELECT is((SELECT detail ->> 'url' FROM audit WHERE reason = 'issuer_set'), 'http://new.example/crl', 'as the audit says');
SELECT is(issuer_set('hpki', '') ->> 'url', '', 'or none: it is loaded by hand');
SELECT throws_ok($$SELECT issuer_set('hpki', 'ftp://x')$$, 'SK001', 'issuer_url', 'http or https');
SELECT throws_ok($$SELECT issuer_set('jpki', 'http://x.example')$$, 'SK001', 'issuer_url', 'of bare keys nobody is asked');
SELECT throws_ok($$SELECT issuer_set('Our CA', 'http://x.example')$$, 'SK001', 'issuer_unknown', 'nor of our own');
SELECT throws_ok($$SELECT issuer_set('nobody', 'http://x.example')$$, 'SK001', 'issuer_unknown', 'or of nobody');
UPDATE issuer SET crl_next = now() - interval '1 s' WHERE name = 'hpki';
SELECT is(t.counts(), 'Our CA jpki', 'when it is stale it counts no more');
SELECT is(issuer_retire('Our CA') ->> 'status', 'retired', 'our own is retired like another');
SELECT throws_ok($$SELECT issuer_retire('Our CA')$$, 'SK001', 'issuer_unknown', 'once');
SELECT cmp_ok(t.version('sato'), '>', current_setting('t.version')::bigint + 1, 'which its people notice');
SELECT is(t.crl(), NULL, 'it makes no CRL any more');
SELECT t.order('o10', 'card_certificate', 'c1') \g /dev/null
SELECT is(t.store('o10', '9a', 'k10'), 'ca_changed', 'and certifies nothing');

-- Who a person is to Active Directory.
SELECT is(person_sid('sato', 'S-1-5-21-1-22-333-4444') ->> 'sid', 'S-1-5-21-1-22-333-4444', 'a SID');
SELECT throws_ok(format('SELECT person_sid(''sato'', %L)', s), 'SK001', 'sid_malformed', 'not ' || s)
  FROM unnest('{S-1-5-18,S-1-5-21-1-2-3,S-1-5-21-01-2-3-4,s-1-5-21-1-2-3-4,"S-1-5-21-1-2-3-4 "}'::text[]) s;
SELECT is(person_sid('sato', '') ->> 'sid', '', 'or none');

-- Settings.
SELECT is(setting_set(name, value) ->> 'value', value, name || ' is ' || value) FROM (VALUES
    ('card.realm', 'hospital.example'), ('card.realm', ''), ('card.validity_days', '365'), ('card.crl_hours', '1'),
    ('card.crl_url', 'http://pki.example/card.crl'), ('card.crl_url', '')) v(name, value);
SELECT throws_ok(format('SELECT setting_set(%L, %L)', name, value), 'SK001', 'setting_value',
    name || ' is not ' || value) FROM (VALUES ('card.realm', 'a b'), ('card.realm', '.example'),
    ('card.realm', 'a@b'), ('card.validity_days', '0'), ('card.validity_days', 'x'), ('card.crl_hours', '721'),
    ('card.crl_url', 'ldap://x'), ('card.crl_url', 'http://a b')) v(name, value);
\ir end.psql
