-- SPDX-License-Identifier: GPL-2.0-or-later
-- What operators do: persons and their windows, passwords, tokens, clients.
\ir begin.psql

-- Nothing of a person works outside every affiliation (6.6 C.1).
CREATE FUNCTION t.usable(p text) RETURNS text LANGUAGE sql AS $$ SELECT t.read(p, 'w3') ->> 'person_usable' $$;
CREATE FUNCTION t.affiliation(p text, p_unit text) RETURNS uuid LANGUAGE sql AS $$
    SELECT id FROM affiliation WHERE person_id = t.person_id(p) AND unit = p_unit $$;
SELECT person_add('yamada', '山田', p_unit => 'a', p_from => clock_timestamp() + interval '1 day',
    p_until => clock_timestamp() + interval '3 days') \g /dev/null
SELECT is(t.usable('yamada'), 'false', 'd1: not before the first day');
SELECT t.pass('1 day') \g /dev/null
SELECT is(t.usable('yamada'), 'true', 'd1: from its first moment');
SELECT t.pass('2 days') \g /dev/null
SELECT is(t.usable('yamada'), 'false', 'd1: not after the last');
SELECT person_affiliate('yamada', 'b') \g /dev/null
SELECT is(t.usable('yamada'), 'true', 'd1: a second affiliation is enough');
SELECT affiliation_end('yamada', t.affiliation('yamada', 'b'), clock_timestamp() + interval '1 hour') \g /dev/null
SELECT is(t.usable('yamada'), 'true', 'd1: one that ends later');
SELECT affiliation_end('yamada', t.affiliation('yamada', 'b')) \g /dev/null
SELECT is(t.usable('yamada'), 'false', 'd1: and one that ends now');
SELECT person_affiliate('yamada', 'c', p_from => clock_timestamp() + interval '1 day') \g /dev/null
SELECT lives_ok($$SELECT affiliation_end('yamada', t.affiliation('yamada', 'c'))$$,
    'one that has not begun can be ended');
SELECT throws_ok($$SELECT affiliation_end('sato', t.affiliation('yamada', 'b'))$$, 'SK001',
    'affiliation_unknown', 'of its own person only');
SELECT throws_ok($$SELECT person_affiliate('nobody')$$, 'SK001', 'person_unknown', 'persons must exist');
SELECT throws_ok($$SELECT person_add('yamada', 'x')$$, 'SK001', 'person_exists', 'once');
SELECT throws_ok($$SELECT person_add('', 'x')$$, '23514', NULL, 'with a login');
SELECT throws_ok($$SELECT person_add('x', 'x', p_kind => 'god')$$, '23514', NULL, 'of a known kind');
SELECT throws_ok($$SELECT person_add('x', 'x', p_from => '2030-01-02', p_until => '2030-01-01')$$,
    '23514', NULL, 'and not backwards');

-- Suspending, and leaving for good.
SELECT t.challenge('sato', 'w3', 's1') \g /dev/null
SELECT person_status('sato', 'suspended', 'lost badge') \g /dev/null
SELECT is(t.usable('sato'), 'false', 'suspended');
SELECT is(t.read('sato', 'w3', 's1') ->> 'state_found', 'false', 'its login in progress has ended');
SELECT throws_ok($$SELECT person_status('sato', 'suspended')$$, 'SK001', 'person_status_unchanged', 'once');
SELECT person_status('sato', 'active') \g /dev/null
SELECT is(t.usable('sato'), 'true', 'back');
SELECT person_status('sato', 'left') \g /dev/null
SELECT is(t.usable('sato'), 'false', 'c6_6: left');
SELECT throws_ok($$SELECT person_status('sato', 'active')$$, 'SK001', 'person_status_unchanged',
    'c6_6: and nobody brings it back');
SELECT throws_ok($$SELECT person_status('suzuki', 'asleep')$$, '23514', NULL, 'of a known status');
SELECT is(jsonb_array_length(person_list('suz')), 1, 'found by a part of the login');
SELECT is(jsonb_array_length(person_list('name of')), 2, 'or name');
SELECT is(jsonb_array_length(person_list('%')), 0, 'a wildcard is a letter');

-- A new password ends the old one, logins in progress and their delay.
SELECT t.wrong('suzuki', 'w3', 'x') \g /dev/null
SELECT t.wrong('suzuki', 'vpn', 'x') \g /dev/null
SELECT t.wrong('suzuki', 'vpn', 'x', 'possession') \g /dev/null
SELECT t.challenge('suzuki', 'w4', 's2') \g /dev/null
SELECT password_set('suzuki', t.id('n'), t.bytes('salt2', 16), 2, 64, 'box2', 1,
    p_proof => t.proof('suzuki'), p_must_change => true) \g /dev/null
SELECT is(t.read('suzuki', 'w3') ->> 'verifier_id', t.id('n')::text, 'c14_2: the new one at once');
SELECT is(t.read('suzuki', 'w3') ->> 'change', '-2', 'c14_2: to be changed');
SELECT is((SELECT count(*) FROM verifier WHERE person_id = t.person_id('suzuki') AND status = 'active'),
    1::bigint, 'one active');
SELECT is(t.wait('suzuki', 'w3') + t.wait('suzuki', 'vpn'), 0, 'no delay left');
SELECT is(t.wait('suzuki', 'vpn', 'possession'), 5, 'but for the code');
SELECT is(t.read('suzuki', 'w4', 's2') ->> 'state_found', 'false', 'nor a login in progress');
SELECT throws_ok($$SELECT password_set('suzuki', t.id('o'), t.bytes('s', 15), 2, 64, 'b', 1, 8, t.proof('suzuki'))$$,
    '23514', NULL, 'c14_1: with a whole salt');
SELECT throws_ok($$SELECT password_set('suzuki', t.id('o'), t.bytes('s', 16), 0, 64, 'b', 1, 8, t.proof('suzuki'))$$,
    '23514', NULL, 'c14_1: and a cost');
SELECT throws_ok($$SELECT password_set('suzuki', t.id('o'), t.bytes('s', 16), 2, 64, 'b', 2, 8, t.proof('suzuki'))$$,
    '23503', NULL, 'c14_1: to a key that is published');

-- Unlocking lifts delay, lock and stop; what counts towards a hundred stays.
SELECT t.wrong('suzuki', 'w3', 'y') \g /dev/null
UPDATE throttle SET hard = 'operator', failures = 20, total = 30
 WHERE subject = t.person_id('suzuki') AND scope = 'inside' AND category = 'knowledge';
SELECT unlock('suzuki', 'possession') \g /dev/null
SELECT is(t.wait('suzuki', 'w3'), 2147483647, 'd4_2: another category was not meant');
SELECT is(t.wait('suzuki', 'vpn', 'possession'), 0, 'd4_2: this one was');
SELECT unlock('suzuki') \g /dev/null
SELECT is(t.counters(t.person_id('suzuki'), 'inside'), '0 30 -', 'd4_2: unlocked, with its total');
SELECT is(t.wrong('suzuki', 'w3', 'y'), 'reject wrong_password 5', 'd4_2: from the first step again');
SELECT throws_ok($$SELECT unlock('nobody')$$, 'SK001', 'person_unknown', 'not an unknown name');

-- Tokens.
CREATE FUNCTION t.token(p text) RETURNS text LANGUAGE sql AS $$ SELECT status FROM token WHERE id = t.id(p) $$;
SELECT totp_enrol('suzuki', t.id('k'), 'fob', 'SHA512', 8, 60, 'b', 1) \g /dev/null
SELECT throws_ok($$SELECT token_status('suzuki', t.id('k'), 'active')$$, 'SK001', 'token_status_unchanged',
    'only its holder''s code makes a token active');
SELECT token_status('suzuki', t.id('suzuki/t'), 'suspended') \g /dev/null
SELECT is(t.read('suzuki', 'w3') ->> 'token_id', NULL, 'a suspended one is not read');
SELECT token_status('suzuki', t.id('suzuki/t'), 'active') \g /dev/null
SELECT is(t.read('suzuki', 'w3') ->> 'token_id', t.id('suzuki/t')::text, 'a resumed one is');
SELECT throws_ok($$SELECT token_status('suzuki', t.id('k'), 'suspended')$$, 'SK001', 'token_status_unchanged',
    'nor is one made active by suspending and resuming it');
SELECT token_status('suzuki', t.id('suzuki/t'), 'revoked') \g /dev/null
SELECT throws_ok($$SELECT token_status('suzuki', t.id('suzuki/t'), 'active')$$, 'SK001',
    'token_status_unchanged', 'a revoked one never comes back');
SELECT throws_ok($$SELECT token_status('yamada', t.id('k'), 'revoked')$$, 'SK001',
    'token_status_unchanged', 'of its own person only');
CREATE FUNCTION t.many_tokens() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 9 LOOP
        PERFORM totp_enrol('yamada', t.id('y' || i), '', 'SHA1', 6, 30, 'b', 1);
    END LOOP;
END
$$;
SELECT throws_ok('SELECT t.many_tokens()', 'SK001', 'too_many_tokens', 'eight at most');
SELECT throws_ok($$SELECT totp_enrol('yamada', t.id('q'), '', 'MD5', 6, 30, 'b', 1)$$, '23514', NULL, 'no MD5');
SELECT throws_ok($$SELECT totp_enrol('yamada', t.id('q'), '', 'SHA1', 7, 30, 'b', 1)$$, '23514', NULL, 'no 7 digits');

-- Clients.
SELECT is(client_show('w3') ->> 'show_first', 'true', 'a terminal says that the password was wrong');
SELECT is(client_show('vpn') ->> 'show_first', 'false', 'a VPN does not');
SELECT is(client_show('wlan') ->> 'policy', 'wlan', 'the policy is its kind''s');
SELECT throws_ok($$SELECT client_add(t.id('1'), 'w3', '198.51.100.1', 'terminal', 'b', 1)$$, 'SK001',
    'client_exists', 'a name is taken once');
SELECT throws_ok($$SELECT client_add(t.id('1'), 'n', '192.0.2.1', 'terminal', 'b', 1)$$, 'SK001',
    'address_taken', 'and an address');
SELECT throws_ok($$SELECT client_add(t.id('1'), 'n', '198.51.100.1', 'toaster', 'b', 1)$$, 'SK001',
    'policy_unknown', 'of a known kind');
SELECT throws_ok($$SELECT client_add(t.id('1'), 'n', '198.51.100.1', 'terminal', 'b', 1, p_zone => 'z')$$,
    'SK001', 'zone_unknown', 'in a known zone');
SELECT throws_ok(format('SELECT client_add(t.id(''1''), ''n'', %L, ''vpn'', ''b'', 1,
        p_no_ma_until => clock_timestamp() + interval %L, p_no_ma_reason => %L)', a, u, r), 'SK001',
    'no_ma_needs_reason_date_address', 'BlastRADIUS: no exception for ' || concat_ws(', ', a, u, r))
  FROM (VALUES ('198.51.100.1', '1 day', ''), ('198.51.100.1', '400 days', 'why'),
               ('198.51.100.0/24', '1 day', 'why'), ('2001:db8::/64', '1 day', 'why')) v(a, u, r);
SELECT client_remove('w4') \g /dev/null
SELECT lives_ok($$SELECT client_add(t.id('w4b'), 'w4', '192.0.2.2', 'terminal', 'b', 1)$$,
    'name and address of a removed one are free');
SELECT zone_add('ward') \g /dev/null
SELECT is(client_set('w3', p_zone => 'ward') ->> 'version', '2', 'a change is a new version');
SELECT throws_ok($$SELECT zone_remove('ward')$$, 'SK001', 'zone_in_use', 'a zone in use stays');
SELECT is(client_set('w3', p_zone => '') ->> 'zone', NULL, 'an empty zone is none');
SELECT lives_ok($$SELECT zone_remove('ward')$$, 'then it can go');
SELECT throws_ok($$SELECT zone_remove('ward')$$, 'SK001', 'zone_unknown', 'once');
SELECT throws_ok($$SELECT client_set('w9')$$, 'SK001', 'client_unknown', 'no such client');

-- Policies: c13 is in decide(), and here no number can leave its range.
SELECT throws_ok(format('SELECT policy_set(''x'', %L)', m), 'SK001', 'policy_needs_two_methods',
    'c13: no policy that counts ' || m) FROM unnest('{"{}","{password}","{totp}","{totp,totp}"}'::text[]) m;
SELECT is(policy_set('terminal', p_session_timeout => 100) ->> 'session_timeout', '100', 'one number');
SELECT is(policy_set('terminal') ->> 'methods', '["password", "totp", "card", "pin", "fido2", "uv"]', 'the others stay');
SELECT throws_ok(format('SELECT policy_set(''x'', %s)', what), '23514', NULL, 'no policy with ' || what)
  FROM unnest(ARRAY['''{mac,password,totp}''', 'p_state_seconds => 5', 'p_state_seconds => 601', 'p_totp_window => 6',
    'p_totp_window => -1', 'p_session_timeout => -1']) v(what);
SELECT is(setting_set('password.opslimit', '3') ->> 'value', '3', 'a setting');
SELECT is(keyring_public() ->> 'opslimit', '3', 'in force at once');
SELECT throws_ok(format('SELECT setting_set(%L, %L)', name, value), 'SK001', why, name || ' is not ' || value)
  FROM (VALUES ('nothing', '1', 'setting_unknown'), ('password.opslimit', '0', 'setting_value'),
    ('password.memlimit_kib', 'much', 'setting_value'),
    ('password.memlimit_kib', '12345678', 'setting_value'),
    ('password.memlimit_kib', '1048577', 'setting_value'),
    ('password.opslimit', '17', 'setting_value'), ('password.opslimit', '-1', 'setting_value'),
    ('tally_seconds', 'soon', 'setting_value'), ('tally_seconds', '0', 'setting_value'),
    ('tally_seconds', '3601', 'setting_value')) v(name, value, why);
-- What a person is called.
SELECT is(person_set('sato', '佐藤 新', 'さとう あらた') ->> 'name', '佐藤 新', 'a new name');
SELECT is(person_set('sato', p_lang => 'en') ->> 'lang', 'en', 'another language');
SELECT is(person_show('sato') ->> 'kana', 'さとう あらた', 'what is not given stays');
SELECT throws_ok($$SELECT person_set('sato', '')$$, 'SK001', 'person_name', 'nobody is without a name');
SELECT throws_ok($$SELECT person_set('nobody', 'x')$$, 'SK001', 'person_unknown', 'nor a name without somebody');
SELECT throws_ok($$SELECT person_set('card stock', 'x')$$, 'SK001', 'person_name', 'the stock is nobody');
SELECT throws_ok($$SELECT person_set('sato', p_lang => 'xx')$$, '23514', NULL, 'in a language that we speak');
SELECT is((SELECT detail #>> '{after,name}' FROM audit WHERE reason = 'person_set' ORDER BY id LIMIT 1), '佐藤 新',
    'the audit has both names');
\ir end.psql
