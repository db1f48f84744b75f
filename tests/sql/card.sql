-- SPDX-License-Identifier: GPL-2.0-or-later
-- Cards as the database sees them: from the first step to the last, and who may
-- do what.
\ir begin.psql

CREATE FUNCTION t.begin_card(p text, p_login text, p_number text DEFAULT '') RETURNS jsonb
    LANGUAGE sql AS $$
    SELECT card_begin(t.id(p), 'device ' || p, t.bytes(p, 16), 'box', 'box', 1, p_login, p_number) $$;
-- What the clerk does after two certificates and a proof.
CREATE FUNCTION t.count_card(p text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO card_key (token_id, slot, key_id, spki, pin, valid_from, valid_until, proven_at)
    SELECT t.id(p), s, t.bytes(p || s, 32), t.bytes(p, 32) || t.bytes(s, 32),
           CASE s WHEN '9e' THEN 'none' ELSE 'enforced' END, clock_timestamp(),
           clock_timestamp() + interval '60 days', clock_timestamp() FROM unnest('{9a,9e}'::text[]) s;
    UPDATE card SET state = 'active' WHERE token_id = t.id(p);
    UPDATE token SET status = 'active' WHERE id = t.id(p) $$;
CREATE FUNCTION t.card(p text) RETURNS text LANGUAGE sql AS $$
    SELECT c.state || ' ' || k.status FROM card c JOIN token k ON k.id = c.token_id WHERE k.id = t.id(p) $$;
CREATE FUNCTION t.version(p text) RETURNS bigint LANGUAGE sql AS $$
    SELECT version FROM person WHERE login = p $$;

-- The stock is somebody who can never log in.
SELECT is((SELECT status FROM person WHERE login = 'card stock'), 'left', 'the stock is nobody');
SELECT is(t.read('card stock', 'w3') ->> 'person_usable', 'false', 'and cannot log in');
SELECT is(jsonb_array_length(person_list('stock')), 0, 'nor is it listed among people');

-- Beginning: once for a card, for a person who is here.
SELECT is(t.begin_card('a', 'suzuki', '417') ->> 'state', 'new', 'begun');
SELECT is(t.card('a'), 'new pending', 'and worth nothing yet');
SELECT throws_ok($$SELECT t.begin_card('a', 'suzuki')$$, 'SK001', 'card_begun', 'its secrets are not overwritten');
SELECT throws_ok($$SELECT card_begin(t.id('z'), 'device a', t.bytes('z', 16), 'b', 'b', 1, 'sato')$$, 'SK001',
    'card_taken', 'one device, one card');
SELECT throws_ok($$SELECT card_begin(t.id('z'), '', t.bytes('a', 16), 'b', 'b', 1, 'sato')$$, 'SK001',
    'card_taken', 'also by its GUID');
SELECT throws_ok($$SELECT t.begin_card('b', 'sato', '417')$$, 'SK001', 'card_number_taken', 'one number, one card');
SELECT throws_ok($$SELECT t.begin_card('b', 'nobody')$$, 'SK001', 'person_unknown', 'for a person');
SELECT person_add('gone', 'x', p_from => clock_timestamp() - interval '9 days',
    p_until => clock_timestamp() - interval '1 day') \g /dev/null
SELECT throws_ok($$SELECT t.begin_card('b', 'gone')$$, 'SK001', 'person_unusable', 'c6_6: who is here');
SELECT is(card_find('device a') ->> 'id', t.id('a')::text, 'found by its device');
SELECT is(card_find('', t.bytes('a', 16)) ->> 'id', t.id('a')::text, 'or its GUID');
SELECT is(card_find('device zzz'), NULL, 'or not');

-- After an interruption: certified keys that nobody proved are revoked.
INSERT INTO card_key (token_id, slot, key_id, spki, pin, valid_from, valid_until)
VALUES (t.id('a'), '9a', t.bytes('old', 32), t.bytes('o', 32) || t.bytes('p', 32), 'enforced',
    clock_timestamp(), clock_timestamp() + interval '1 day');
SELECT throws_ok($$SELECT card_restart(t.id('a'), 'sato')$$, 'SK001', 'card_not_begun', 'by its own person only');
SELECT card_restart(t.id('a'), 'suzuki') \g /dev/null
SELECT is((SELECT revoked_why FROM card_key WHERE key_id = t.bytes('old', 32)), 'interrupted', 'restarted');
SELECT is(length(card_challenge(t.id('a')) ->> 'challenge'), 64, 'a challenge of 32 octets');
SELECT isnt(card_challenge(t.id('a')) ->> 'challenge', card_challenge(t.id('a')) ->> 'challenge', 'new each time');

-- Orders: for cards that can use them; secrets for a recorded reason.
CREATE FUNCTION t.card_order(p_kind text, p text, p_why text DEFAULT '') RETURNS jsonb LANGUAGE sql AS $$
    SELECT card_order(gen_random_uuid(), p_kind, t.id(p), 'box', 1, p_why) $$;
SELECT lives_ok($$SELECT t.card_order('card_certificate', 'a')$$, 'a certificate for a card that was begun');
SELECT lives_ok($$SELECT t.card_order('card_management', 'a')$$, 'its secrets after an interruption');
SELECT throws_ok($$SELECT t.card_order('card_prove', 'nothing')$$, 'SK001', 'card_unknown', 'nothing for no card');
SELECT throws_ok($$SELECT t.card_order('totp_confirm', 'a')$$, '20000', NULL, 'no order of another kind');
SELECT throws_ok($$SELECT order_place(gen_random_uuid(), 'card_puk', 'suzuki', t.id('a'), 'x', 1)$$, NULL, NULL,
    'and none by the other door');
SELECT t.count_card('a') \g /dev/null
SELECT throws_ok($$SELECT t.card_order('card_puk', 'a')$$, 'SK001', 'identity_proof_missing',
    'c14_2: no PUK of a card in use without proof of identity');
SELECT lives_ok($$SELECT t.card_order('card_puk', 'a', 'passport')$$, 'with it');
SELECT is((SELECT detail ->> 'identity_proof' FROM audit WHERE reason = 'card_puk_asked' ORDER BY id DESC LIMIT 1),
    'passport', 'which the audit keeps');
SELECT is(order_show((SELECT id FROM order_ LIMIT 1)) ->> 'status', 'new', 'an order is shown');

-- Lost: not a moment longer.
SELECT t.challenge('suzuki', 'w3', 's1') \g /dev/null
SELECT t.version('suzuki') AS before \gset
SELECT is(card_lost('417', 'train') ->> 'logins_ended', '1', 'its person''s login in progress ended');
SELECT is(t.card('a'), 'lost suspended', 'it does not count');
SELECT is(t.version('suzuki'), (:before + 1)::bigint, 'nor for an attempt under evaluation');
SELECT is(t.read('suzuki', 'w3', 's1') ->> 'state_found', 'false', 'nor a State');
SELECT throws_ok($$SELECT card_lost('417')$$, 'SK001', 'card_state_lost', 'once');
SELECT throws_ok($$SELECT card_status('417', 'active')$$, 'SK001', 'card_state_lost', 'resuming is not finding');
SELECT throws_ok($$SELECT token_status('suzuki', t.id('a'), 'active')$$, 'SK001', 'token_status_unchanged',
    'nor by the door of code tokens');
SELECT throws_ok($$SELECT card_found('417', ' ')$$, 'SK001', 'identity_proof_missing', 'found with a proof');
SELECT is(card_found('417', 'passport') ->> 'status', 'active', 'found');
SELECT throws_ok($$SELECT card_found('417', 'passport')$$, 'SK001', 'card_state_active', 'once');
SELECT card_status('417', 'suspended') \g /dev/null
SELECT throws_ok($$SELECT card_found('417', 'passport')$$, 'SK001', 'card_not_lost', 'suspended is not lost');
SELECT card_lost('417') \g /dev/null
SELECT throws_ok($$SELECT card_status('417', 'active')$$, 'SK001', 'card_state_lost', 'lost while suspended');
SELECT is(card_found('417', 'passport') ->> 'state', 'suspended', 'is suspended when found');
SELECT is(card_status('417', 'active') ->> 'state', 'active', 'and can be resumed');

-- One that was never proven does not become active by being found.
SELECT t.begin_card('n', 'sato', '500') \g /dev/null
SELECT card_lost('500') \g /dev/null
SELECT throws_ok($$SELECT t.card_order('card_prove', 'n')$$, 'SK001', 'card_state_new', 'lost before its proof: no proof');
SELECT card_found('500', 'passport') \g /dev/null
SELECT is(t.card('n'), 'new pending', 'found, and still to be proven');
SELECT throws_ok($$SELECT card_status('500', 'active')$$, 'SK001', 'card_state_new', 'nor by resuming');
SELECT throws_ok($$SELECT card_status('500', 'suspended')$$, 'SK001', 'card_state_new', 'nor by suspending first');

-- How cards are named.
SELECT is(jsonb_array_length(card_show('SUZUKI')), 1, 'by login');
SELECT is(jsonb_array_length(card_show(left(t.id('a')::text, 6))), 1, 'by the beginning of the id');
SELECT throws_ok($$SELECT card_show('%')$$, 'SK001', 'card_unknown', 'a wildcard is a letter');
SELECT throws_ok($$SELECT card_show('')$$, 'SK001', 'card_unknown', 'nothing names nothing');
SELECT t.begin_card('a2', 'suzuki') \g /dev/null
SELECT throws_ok($$SELECT card_lost('suzuki')$$, 'SK001', 'card_which', 'one of two must be named');
SELECT card_end(t.id('a2')::text) \g /dev/null

-- What ends by itself.
SELECT card_lost('417') \g /dev/null
SELECT card_housekeeping();
SELECT is(t.card('a'), 'lost suspended', 'a lost card waits');
SELECT t.pass('15 days') \g /dev/null
UPDATE card SET lost_at = lost_at - interval '15 days' WHERE lost_at > clock_timestamp() - interval '1 day';
SELECT housekeeping();
SELECT is(t.card('a'), 'revoked revoked', 'and is over after fourteen days');
SELECT is((SELECT count(*) FROM card_key WHERE token_id = t.id('a') AND revoked_at IS NULL), 0::bigint,
    'with its certificates');
SELECT throws_ok($$SELECT card_found('417', 'passport')$$, 'SK001', 'card_state_revoked', 'found too late');
SELECT throws_ok($$SELECT card_end('417')$$, 'SK001', 'card_state_revoked', 'once');
SELECT is(card_end('417', 'returned') ->> 'state', 'returned', 'the plastic came back');
SELECT is(t.begin_card('b', 'sato', '417') ->> 'number', '417', 'its number is free');
SELECT is(card_find('device a') ->> 'state', 'returned', 'its device too');
SELECT lives_ok($$SELECT card_begin(t.id('a3'), 'device a', t.bytes('a', 16), 'b', 'b', 1, 'sato')$$, 'for a second life');
SELECT is(card_find('device a') ->> 'before', t.id('a')::text, 'whose first secrets are known');

-- Stock, and handing out.
SELECT t.begin_card('s', '') \g /dev/null
SELECT is(card_prepared(t.id('s'), '{"keys": {}}') ->> 'state', 'prepared', 'prepared');
SELECT throws_ok($$SELECT card_prepared(t.id('s'), '{}')$$, 'SK001', 'card_not_begun', 'once');
SELECT throws_ok($$SELECT card_prepared(t.id('a3'), '{}')$$, 'SK001', 'card_not_begun', 'and nobody''s only');
SELECT throws_ok($$SELECT t.card_order('card_certificate', 's')$$, 'SK001', 'card_state_prepared',
    'no certificate for nobody');
SELECT throws_ok($$SELECT card_activate(t.id('s'), 'sato', '')$$, 'SK001', 'identity_proof_missing', 'with a proof');
SELECT throws_ok($$SELECT card_activate(t.id('s'), '', 'passport')$$, 'SK001', 'person_unknown', 'to somebody');
SELECT throws_ok($$SELECT card_activate(t.id('s'), 'gone', 'passport')$$, 'SK001', 'person_unusable', 'who is here');
SELECT is(card_activate(t.id('s'), 'sato', 'passport') ->> 'login', 'sato', 'handed out');
SELECT is(t.card('s'), 'new pending', 'to be proven');
SELECT lives_ok($$SELECT card_activate(t.id('s'), 'sato', 'passport')$$, 'again after an interruption');
SELECT throws_ok($$SELECT card_activate(t.id('s'), 'suzuki', 'passport')$$, 'SK001', 'card_not_prepared', 'not to another');

-- For a shift.
SELECT t.begin_card('m', '') \g /dev/null
SELECT card_prepared(t.id('m'), '{"keys": {}}') \g /dev/null
SELECT throws_ok(format($$SELECT card_temporary(t.id('m'), 'suzuki', clock_timestamp() + interval %L, 'passport')$$, i),
    'SK001', 'temporary_too_long', 'not for ' || i) FROM unnest('{-1 hour,15 days}'::text[]) i;
SELECT card_temporary(t.id('m'), 'suzuki', clock_timestamp() + interval '8 hours', 'passport') \g /dev/null
-- The night certifies what the stock's card made, so nobody may rewrite that.
SELECT card_challenge(t.id('m'), NULL, '{"keys": {"9a": "00"}, "model": "x"}') \g /dev/null
SELECT is((SELECT (attestation #>> '{keys,9a}' IS DISTINCT FROM '00') AND attestation ->> 'model' = 'x' FROM card WHERE token_id = t.id('m')),
    true, 'recorded keys are not the caller''s to change');
SELECT is(card_temporary_end(t.person_id('suzuki')), 0, 'one that does not count yet does not end');
SELECT t.count_card('m') \g /dev/null
SELECT is(card_temporary_end(t.person_id('sato')), 0, 'nor another''s');
SELECT is(card_temporary_end(t.person_id('suzuki')), 1, 'the own card was used');
SELECT is(t.card('m'), 'revoked revoked', 'so this one is over');
SELECT t.begin_card('m2', '') \g /dev/null
SELECT card_prepared(t.id('m2'), '{"keys": {}}') \g /dev/null
SELECT card_temporary(t.id('m2'), 'suzuki', clock_timestamp() + interval '8 hours', 'passport') \g /dev/null
SELECT t.count_card('m2') \g /dev/null
UPDATE card SET temporary_until = clock_timestamp() WHERE token_id = t.id('m2');
SELECT card_housekeeping();
SELECT is(t.card('m2'), 'revoked revoked', 'its time is over');

-- A new PUK never takes the place of the one that the card may have still.
SELECT card_puk_next(t.id('s'), 'next', 1) \g /dev/null
SELECT is((SELECT puk FROM card WHERE token_id = t.id('s')), 'box', 'stored beside');
-- a rotation of the keyring's key takes it along
SELECT keyring_publish(2, t.bytes('public key 2', 32)) \g /dev/null
SELECT is((SELECT string_agg(convert_from(box, 'UTF8'), ' ' ORDER BY box) FROM boxes_old(1000)
    WHERE kind = 'puk' AND id = t.id('s')), 'box next', 'both are sealed anew');
SELECT is(box_reseal('puk', t.id('s'), 'next', 'next2', 2), true, 'the one beside');
SELECT is((SELECT convert_from(puk, 'UTF8') || puk_version || convert_from(puk_next, 'UTF8') || puk_next_version
    FROM card WHERE token_id = t.id('s')), 'box1next22', 'where it stands');
SELECT is(box_reseal('puk', t.id('s'), 'next2', 'next', 2), true, 'and back');
SELECT card_puk_next(t.id('s')) \g /dev/null
SELECT is((SELECT puk FROM card WHERE token_id = t.id('s')), 'next', 'then in its place');
SELECT throws_ok($$SELECT card_puk_next(t.id('s'))$$, 'SK001', 'card_no_escrow', 'once');

-- Replacing, and lists.
SELECT t.count_card('s'), t.count_card('b') \g /dev/null
SELECT is(card_replaced(t.id('s'), 'sato', 'worn') ->> 'replaced', '3', 'the others end');
SELECT is(t.card('b') || ', ' || t.card('s'), 'revoked revoked, active active', 'and it counts');
SELECT is((SELECT string_agg(DISTINCT split_part(revoked_why, ' ', 1), ' ') FROM card_key WHERE token_id = t.id('b')),
    'replaced', 'the CRL will say why');
SELECT is(jsonb_array_length(card_list()), 1, 'one in service');
SELECT is(jsonb_array_length(card_list(p_expires_days => 90)), 1, 'that ends within 90 days');
SELECT is(jsonb_array_length(card_list(p_expires_days => 30)), 0, 'and not within 30');
SELECT is(card_inventory() #>> '{states,active}', '1', 'counted');
SELECT ok(card_list('', 'all')::text !~ encode('box', 'hex'), 'no list shows a box');

-- A supplier's list.
SELECT is(card_announce('700', 'device x', 'suzuki', true) ->> 'done', 'added', 'it would be added');
SELECT throws_ok($$SELECT card_show('700')$$, 'SK001', 'card_unknown', 'and was not');
SELECT is(card_announce('700', 'device x', 'suzuki') ->> 'done', 'added', 'added');
SELECT is(card_announce('700', 'device x', 'suzuki') ->> 'done', 'same', 'once');
SELECT throws_ok($$SELECT card_announce('700', 'device y')$$, 'SK001', 'card_number_taken', 'a number once');
SELECT throws_ok($$SELECT card_announce('701', 'device x')$$, 'SK001', 'card_taken', 'a device once');
SELECT throws_ok($$SELECT card_announce('', 'device y')$$, 'SK001', 'card_line_incomplete', 'a whole line');
SELECT throws_ok($$SELECT card_order(gen_random_uuid(), 'card_puk', (SELECT token_id FROM card WHERE number = '700'), 'x', 1)$$,
    'SK001', 'card_no_escrow', 'it has no secrets yet');
SELECT throws_ok($$SELECT card_begin((SELECT token_id FROM card WHERE number = '700'), 'device x', t.bytes('x', 16),
    'b', 'b', 1, 'sato')$$, 'SK001', 'card_announced_for_another', 'it is for its person');

-- Cards of others, bound by a public key.
CREATE FUNCTION t.bind(p text, p_login text, p_pin text DEFAULT 'unknown') RETURNS jsonb LANGUAGE sql AS $$
    SELECT card_bind(t.id(p), p_login, '01', sha256(t.bytes(p, 32) || t.bytes(p, 32)), t.bytes(p, 32) || t.bytes(p, 32),
        t.bytes(p, 32) || t.bytes(p, 32), t.bytes('serial', 8), clock_timestamp(), clock_timestamp() + interval '1 year',
        '', p_pin, '', p_acceptance => 'the CISO') $$;
SELECT is(t.bind('o', 'suzuki') ->> 'status', 'pending', 'bound, and to be proven');
SELECT throws_ok($$SELECT card_bind(t.id('o9'), 'sato', '01', sha256(t.bytes('o', 32) || t.bytes('o', 32)),
    t.bytes('o', 32) || t.bytes('o', 32), NULL, NULL, now(), now() + interval '1 day', '', 'unknown', '', p_acceptance => 'x')$$, 'SK001',
    'card_key_taken', 'one key, one person');
SELECT throws_ok($$SELECT t.bind('p', 'suzuki', 'none')$$, 'P0001', NULL, 'a key without a PIN is not bound');

-- The night: lost, found, temporary, unlock; and the day looks at it.
GRANT USAGE ON SCHEMA t, tap TO sekisho_night;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap, t TO sekisho_night;
GRANT ALL ON ALL TABLES IN SCHEMA tap TO sekisho_night;
SET SESSION AUTHORIZATION sekisho_night;
SELECT t.id('s') AS s \gset
SELECT throws_ok(format('SELECT sekisho.%s', call), '42501', NULL, 'not by night: ' || call) FROM unnest(ARRAY[
    'card_end(''x'')', 'card_status(''x'', ''active'')', 'card_begin(NULL, '''', NULL, NULL, NULL, 1)',
    'card_activate(NULL, '''', '''')', 'card_puk_next(NULL)', 'card_replaced(NULL, '''')', 'card_review()',
    'card_list()', 'card_restart(NULL, '''')', 'card_prepared(NULL, ''{}'')', 'card_announce('''', '''')', 'person_add(''x'', ''x'')',
    'person_status(''x'', ''active'')', 'password_set(''x'', NULL, NULL, 1, 1, NULL, 1)', 'setting_set(''x'', ''1'')',
    'order_place(NULL, '''', '''', NULL, NULL, 1)', 'token_status(''x'', NULL, ''active'')', 'audit_show()',
    'card_change(NULL, '''', '''', '''')', 'card_hand_out(NULL, '''', '''', NULL)', 'card_temporary_end(NULL)']) call;
SELECT is(sekisho.card_lost('sato', 'at night') ->> 'status', 'suspended', 'by night: lost');
SELECT is(sekisho.card_found('sato', 'known to me') ->> 'status', 'active', 'by night: found');
SELECT lives_ok($$SELECT sekisho.unlock('sato')$$, 'by night: unlock');
SELECT throws_ok(format('SELECT sekisho.card_order(gen_random_uuid(), %L, %L, ''x'', 1, ''why'')', kind, :'s'), 'SK001',
    'card_unknown', 'by night no ' || kind || ' for a card that is not temporary')
  FROM unnest('{card_puk,card_management,card_certificate,card_prove}'::text[]) kind;
SELECT throws_ok(format('SELECT sekisho.card_challenge(%L)', :'s'), 'SK001', 'card_not_begun',
    'nor a challenge');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT string_agg(x ->> 'reason', ' ' ORDER BY x ->> 'id') FROM jsonb_array_elements(card_review()) x),
    'card_lost card_found unlock', 'the day sees what the night did');
SELECT is(jsonb_array_length(card_review((SELECT max(id) FROM audit))), 0, 'and has seen it');
\ir end.psql
