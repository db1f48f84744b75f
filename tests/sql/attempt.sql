-- SPDX-License-Identifier: GPL-2.0-or-later
-- One attempt, one statement: what it takes for an attempt to count.
\ir begin.psql

-- What is read.
SELECT is(t.read('sato', 'none'), NULL, 'no row for an unknown client');
SELECT is(t.read('sato', 'w3') ->> 'scope', 'inside', 'a terminal is inside');
SELECT is(t.read('sato', 'vpn') ->> 'scope', 'outside', 'a VPN is outside');
SELECT is(t.read('sato', 'wlan') ->> 'scope', 'outside', 'a wireless network reaches the car park');
SELECT is(t.read('sato', 'old') ->> 'scope', 'client/' || t.id('old'), 'a forgeable client is alone');
SELECT is(t.read('sato', 'old') ->> 'client_no_ma', 'true', 'and may leave Message-Authenticator out');
UPDATE client SET no_ma_until = clock_timestamp() - interval '1 second' WHERE name = 'old';
SELECT is(t.read('sato', 'old') ->> 'scope', 'outside', 'until its exception ends');
SELECT is(t.read('sato', 'old') ->> 'client_no_ma', 'false', 'and not longer');
SELECT is(t.read('sato', 'w3') ->> 'subject', t.person_id('sato')::text, 'a person is the subject');
SELECT is(t.read('none', 'w3') ->> 'subject', t.id('bucket of none')::text, 'a bucket otherwise');
SELECT is(t.read('none', 'w3') ->> 'cost_opslimit', '2', 'with a cost to hash as if');
SELECT is(t.read('sato', 'w3') ->> 'person_usable', 'true', 'sato may log in');
SELECT is((SELECT count(*) FROM attempt_read(t.id('w3'), 'sato', t.id('b'), NULL, NULL)), 1::bigint,
    'one row for one token');
SELECT totp_enrol('sato', t.id('sato/u'), 'fob', 'SHA256', 8, 60, 'box', 1) \g /dev/null
SELECT is((SELECT count(*) FROM attempt_read(t.id('w3'), 'sato', t.id('b'), NULL, NULL)), 1::bigint,
    'a pending token is inert');
UPDATE token SET status = 'active' WHERE id = t.id('sato/u');
SELECT is((SELECT count(*) FROM attempt_read(t.id('w3'), 'sato', t.id('b'), NULL, NULL)), 2::bigint,
    'two rows for two');
UPDATE token SET status = 'suspended' WHERE id = t.id('sato/u');

-- Accepts.
SELECT is(t.read('sato', 'w3') ->> 'familiar', 'false', 'not seen here before');
SELECT is(t.right('sato', 'w3', 1000), 'accept two_factors 0', 'two factors');
SELECT is(current_setting('t.ref'), 'none', 'an accept needs no reference');
SELECT is(t.read('sato', 'w3') ->> 'familiar', 'true', 'seen here lately');
SELECT is(t.read('sato', 'w4') ->> 'familiar', 'false', 'but not there');
SELECT is((SELECT jsonb_agg(ARRAY[outcome, reason, evidence #>> '{0,method}',
        evidence #>> '{1,method}', scope, node]) FROM audit WHERE login = 'sato' AND kind = 'login'),
    '[["accept", "two_factors", "password", "totp", "inside", "node1"]]'::jsonb,
    'the audit names the evidence');

-- A code is spent once, by whichever step.
SELECT is(t.right('sato', 'w3', 1000), 'reject code_spent 0', 'the same step again is spent');
SELECT is(current_setting('t.ref'), 'K7-0001', 'a reject has a reference');
SELECT is(t.right('sato', 'w4', 999), 'reject code_spent 0', 'an older one too');
SELECT is(t.counters(t.person_id('sato'), 'inside', 'possession'), 'none', 'nobody is charged for it');
SELECT is(t.right('sato', 'w4', 1001), 'accept two_factors 0', 'the next is not');
SELECT is((SELECT last_step FROM token WHERE id = t.id('sato/t')), 1001::bigint, 'and remembered');
SELECT is(t.record('sato', 'w3', 'accept', 'two_factors', p_evidence => t.both(),
    p_token => t.id('sato/u'), p_step => 5), 'reject code_spent 0', 'a suspended token gives nothing');

-- Challenge and answer.
SELECT is(t.challenge('sato', 'w3', 's1'), 'challenge first_factor 0', 'a first factor');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'first_factor'), 0::bigint,
    'leaves no line in the audit');
SELECT is(t.read('sato', 'w3', 's1') ->> 'state_found', 'true', 'its State is found');
SELECT is(t.read('sato', 'w3', 's1') #>> '{state_evidence,0,method}', 'password', 'with what was proven');
SELECT is(t.read('sato', 'w4', 's1') ->> 'state_found', 'false', 'not at another client');
SELECT is(t.read('suzuki', 'w3', 's1') ->> 'state_found', 'false', 'not for another person');
SELECT is(t.read('none', 'w3', 's1') ->> 'state_found', 'false', 'not for nobody');
SELECT is(t.read('sato', 'w3', 's2') ->> 'state_found', 'false', 'not another State');
SELECT is(t.code('suzuki', 'w3', 's1', 1002), 'reject state_spent 0', 'another person cannot record with it');
SELECT is(t.code('sato', 'w4', 's1', 1002), 'reject state_spent 0', 'nor can another client');
SELECT is(t.code('sato', 'w3', 's1', 1002), 'accept two_factors 0', 'its own does');
SELECT is(t.read('sato', 'w3', 's1') ->> 'state_found', 'false', 'and then it is gone');
SELECT is(t.code('sato', 'w3', 's1', 1003), 'reject state_spent 0', 'for good');
SELECT is((SELECT last_step FROM token WHERE id = t.id('sato/t')), 1002::bigint,
    'a spent State spends no code');
SELECT t.challenge('sato', 'w3', 's3') \g /dev/null
SELECT t.pass('119 seconds') \g /dev/null
SELECT is(t.read('sato', 'w3', 's3') ->> 'state_found', 'true', 'a State lives its time');
SELECT t.pass('2 seconds') \g /dev/null
SELECT is(t.read('sato', 'w3', 's3') ->> 'state_found', 'false', 'and not longer');
SELECT is(t.code('sato', 'w3', 's3', 1003), 'reject state_spent 0', 'also when it ends meanwhile');
SELECT t.challenge('sato', 'w3', 's4') \g /dev/null
SELECT throws_ok($q$SELECT t.challenge('suzuki', 'w3', 's4')$q$, '23505', NULL,
    'two logins never share a State');

-- A login in progress ends with what it was begun under.
CREATE FUNCTION t.lives(p_login text, p_client text, p_state text) RETURNS int LANGUAGE sql AS $$
    SELECT round(extract(epoch FROM l.expires_at - l.created_at))::int FROM login l
     WHERE l.state_hash = t.bytes(p_state, 32) AND l.login = p_login AND l.client_id = t.id(p_client)
$$;
SELECT t.person('till') \g /dev/null
SELECT t.challenge('till', 'w3', 'u1') \g /dev/null
SELECT is(t.lives('till', 'w3', 'u1'), 120, 'a login in progress lives two minutes');
UPDATE affiliation SET valid_until = clock_timestamp() + interval '30 seconds'
 WHERE person_id = t.person_id('till');
SELECT t.challenge('till', 'w3', 'u2') \g /dev/null
SELECT is(t.lives('till', 'w3', 'u2'), 30, 'no longer than its affiliation');
INSERT INTO affiliation (person_id) VALUES (t.person_id('till'));
SELECT t.challenge('till', 'w3', 'u3') \g /dev/null
SELECT is(t.lives('till', 'w3', 'u3'), 120, 'the longest one counts');
UPDATE client SET no_ma_until = clock_timestamp() + interval '20 seconds' WHERE name = 'old';
SELECT t.challenge('till', 'old', 'u4') \g /dev/null
SELECT is(t.lives('till', 'old', 'u4'), 20, 'no longer than the exception');
UPDATE client SET no_ma_until = clock_timestamp() - interval '1 second' WHERE name = 'old';

-- A wrong first factor, hidden behind a challenge, is an event of its own.
SELECT is(t.record('suzuki', 'vpn', 'challenge', 'wrong_password', '{knowledge}', '{knowledge}',
    '{guess}', p_new => 's5'), 'challenge wrong_password 5', 'a hidden failure');
SELECT is(t.read('suzuki', 'vpn', 's5') ->> 'state_evidence', '[]', 'has proven nothing');
SELECT is((SELECT jsonb_agg(ARRAY[outcome, reason]) FROM audit WHERE login = 'suzuki'
        AND reason LIKE 'wrong%'), '[["reject", "wrong_password"]]'::jsonb,
    'and stands in the audit as what it is');
SELECT is(t.counters(t.person_id('suzuki'), 'outside'), '1 1 -', 'and is counted');

-- Where nothing may be told, a delay that runs hides behind a challenge too.
SELECT t.pass('1 hour') \g /dev/null
SELECT t.wrong('suzuki', 'vpn', 'other') \g /dev/null
SELECT is(t.record('suzuki', 'vpn', 'challenge', 'delay_running', p_new => 's7'),
    'challenge delay_running 0', 'd4_1: a hidden refusal time');
SELECT is(t.read('suzuki', 'vpn', 's7') ->> 'state_evidence', '[]', 'd4_1: proves nothing');
SELECT is(t.counters(t.person_id('suzuki'), 'outside'), '2 2 -', 'd4_1: is not counted');
SELECT is((SELECT count FROM refusal_tally WHERE login = 'suzuki' AND reason = 'delay_running'),
    1::bigint, 'd4_1: and summed up like an open one');

-- Whatever weakens something while an attempt is evaluated refuses it.
CREATE FUNCTION t.meanwhile(p_what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v jsonb;
    v_step bigint := (SELECT last_step FROM token WHERE id = t.id('sato/t'));
BEGIN
    PERFORM t.challenge('sato', 'w3', 'for ' || p_what);
    v := t.read('sato', 'w3');
    EXECUTE p_what;
    RETURN NEXT is(t.record('sato', 'w3', 'accept', 'two_factors', '{knowledge,possession}',
        p_evidence => t.both(), p_token => t.id('sato/t'), p_step => v_step + 10, p_view => v),
        'reject changed_meanwhile 0', 'refused after: ' || regexp_replace(p_what, '\s+', ' ', 'g'));
    RETURN NEXT is(t.record('sato', 'w3', 'reject', 'wrong_password', '{knowledge}', '{knowledge}',
        '{guess}', p_view => v), 'reject changed_meanwhile 0', 'a failure charges nobody then');
    -- A second round sees what the first one saw, also when it reads later.
    v := t.read('sato', 'w3', 'for ' || p_what);
    IF v IS NOT NULL THEN
        RETURN NEXT matches(t.record('sato', 'w3', 'accept', 'two_factors', '{possession}',
            p_evidence => t.both(), p_old => 'for ' || p_what, p_token => t.id('sato/t'),
            p_step => v_step + 10, p_view => v),
            CASE WHEN (v ->> 'state_found')::boolean THEN '^reject changed_meanwhile 0$'
                ELSE '^reject state_spent 0$' END, 'nor is a login begun before it ended');
    END IF;
    RETURN NEXT is((SELECT last_step FROM token WHERE id = t.id('sato/t')), v_step, 'no code was spent');
    RETURN NEXT is(t.counters(t.person_id('sato'), 'inside'), 'none', 'nothing was counted');
END
$$;
SELECT zone_add('ward') \g /dev/null
SELECT t.meanwhile($$SELECT password_set('sato', t.id('sato/p2'), t.bytes('s', 16), 2, 64, 'box', 1, 8, t.proof('sato'))$$);
SELECT t.meanwhile($$SELECT person_status('sato', 'suspended')$$);
SELECT t.meanwhile($$SELECT person_status('sato', 'active')$$);
SELECT t.meanwhile($$SELECT client_set('w3', p_zone => 'ward')$$);
SELECT t.meanwhile($$UPDATE zone SET version = version + 1$$);
SELECT t.meanwhile($$SELECT client_set('w3', p_codes => 'prompt')$$);
SELECT t.meanwhile($$SELECT policy_set('terminal', p_totp_window => 0)$$);
SELECT t.meanwhile($$SELECT client_set('w3', p_policy => 'vpn')$$);
SELECT t.meanwhile($$SELECT token_status('sato', t.id('sato/u'), 'revoked')$$);
SELECT t.meanwhile($$SELECT affiliation_end('sato', (SELECT id FROM affiliation
    WHERE person_id = t.person_id('sato')))$$);
SELECT t.meanwhile($$SELECT client_remove('w3')$$);
-- and a name that was unknown when it was read, but is a person's now
SELECT is(t.read('later', 'vpn') ->> 'person_id', NULL, 'nobody yet');
CREATE FUNCTION t.later() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v jsonb := t.read('later', 'vpn');
BEGIN
    PERFORM t.person('later');
    RETURN t.record('later', 'vpn', 'reject', 'unknown_person', '{knowledge}', '{knowledge}',
        '{guess}', p_view => v);
END
$$;
SELECT is(t.later(), 'reject changed_meanwhile 0', 'a person added meanwhile is not charged as nobody');

-- Only a full accept resets, and only what it proved, where it proved it.
SELECT t.wrong('suzuki', 'w4', 'a') \g /dev/null
SELECT t.wrong('suzuki', 'w4', 'a', 'possession') \g /dev/null
SELECT t.pass('1 hour') \g /dev/null
SELECT t.challenge('suzuki', 'w4', 's6') \g /dev/null
SELECT is(t.counters(t.person_id('suzuki'), 'inside'), '1 1 -', 'a first factor resets nothing');
SELECT is(t.record('suzuki', 'w4', 'accept', 'two_factors', '{possession}',
    p_evidence => jsonb_build_array(t.both() -> 1), p_old => 's6'), 'accept two_factors 0', 'an accept');
SELECT is(t.counters(t.person_id('suzuki'), 'inside', 'possession'), '0 0 -', 'resets what it proved');
SELECT is(t.counters(t.person_id('suzuki'), 'inside'), '1 1 -', 'not what it did not');
SELECT is(t.counters(t.person_id('suzuki'), 'outside'), '2 2 -', 'nor elsewhere');
SELECT is(t.right('suzuki', 'w4', 2000), 'accept two_factors 0', 'a full one');
SELECT is(t.counters(t.person_id('suzuki'), 'inside'), '0 0 -', 'resets both');
SELECT is((SELECT digests FROM throttle WHERE subject = t.person_id('suzuki') AND scope = 'inside'
    AND category = 'knowledge'), '{}'::bytea[], 'and forgets what was wrong');

-- Refusals that charge nobody are summed up.
SELECT is(attempt_tally(t.id('b'), 'inside', t.id('w4'), 'name_malformed', '(malformed)', NULL,
    'K7-1111', 'node1'), 'K7-1111', 'the first gives the reference');
SELECT is(attempt_tally(t.id('b'), 'inside', t.id('w4'), 'name_malformed', '(malformed)', NULL,
    'K7-2222', 'node1'), 'K7-1111', 'and keeps it');
SELECT is(attempt_tally(t.id('b'), 'inside', t.id('w4'), 'scheme_chap', '(malformed)', NULL,
    'K7-3333', 'node1'), 'K7-3333', 'another reason is another sum');
SELECT is((SELECT count FROM refusal_tally WHERE ref = 'K7-1111'), 2::bigint, 'of two');
SELECT is(jsonb_array_length(audit_show(p_ref => 'K7-1111')), 1, 'and the help desk finds it at once');
SELECT is(t.counters(t.id('b'), 'inside'), 'none', 'no counter moved');

-- Clients by address.
SELECT client_add(t.id('net'), 'net', '192.0.2.0/24', 'wlan', 'box', 1) \g /dev/null
SELECT is((SELECT name FROM client_lookup('192.0.2.2')), 'w4', 'the narrowest wins');
SELECT is((SELECT name FROM client_lookup('192.0.2.99')), 'net', 'then its network');
SELECT is((SELECT name FROM client_lookup('192.0.2.1')), 'net', 'a removed one is not found');
SELECT is((SELECT name FROM client_lookup('198.51.100.1')), NULL, 'nor a stranger');
SELECT is((SELECT name FROM client_lookup('::1')), NULL, 'of the other family');

-- Clients over TLS: the certificate's name and the address, never one of them.
SELECT client_set('net', p_tls_name => 'Net.Example') \g /dev/null
SELECT client_set('w4', p_tls_name => 'w4.example') \g /dev/null
SELECT is((SELECT name FROM client_lookup_tls('192.0.2.2', '{w4.example}')), 'w4', 'by its name');
SELECT is((SELECT name FROM client_lookup_tls('192.0.2.2', '{x.example,NET.example}')), 'net',
    'which counts more than the narrowest address');
SELECT is((SELECT name FROM client_lookup_tls('192.0.2.99', '{w4.example}')), NULL,
    'not from elsewhere');
SELECT is((SELECT name FROM client_lookup_tls('192.0.2.2', '{w4.example.org,example,""}')), NULL,
    'no other name');
SELECT is((SELECT name FROM client_lookup_tls('192.0.2.4', '{}')), NULL, 'not without any');
SELECT throws_ok($$SELECT client_set('net', p_tls_name => 'w4.example')$$, 'SK001',
    'tls_name_taken', 'one name is one client');
SELECT throws_ok($$SELECT client_set('net', p_tls_name => '*.example')$$, 'SK001',
    'tls_name_invalid', 'and no pattern');
SELECT client_set('w4', p_tls_name => '') \g /dev/null
SELECT is((SELECT name FROM client_lookup_tls('192.0.2.2', '{w4.example}')), NULL,
    'what is taken from it is not found');

-- The same password at today's cost, from another cost to that one only.
SELECT is(verifier_rehash(t.person_id('suzuki'), t.id('suzuki/p'), t.id('suzuki/q'),
    t.bytes('n', 16), 3, 128, 'box2', 1), false, 'not to a cost that is not today''s');
UPDATE setting SET value = CASE name WHEN 'password.opslimit' THEN '3' ELSE '128' END
 WHERE name IN ('password.opslimit', 'password.memlimit_kib');
SELECT is(verifier_rehash(t.person_id('suzuki'), t.id('suzuki/p'), t.id('suzuki/q'),
    t.bytes('n', 16), 3, 128, 'box2', 1), true, 'the active verifier is replaced');
SELECT is(verifier_rehash(t.person_id('suzuki'), t.id('suzuki/p'), t.id('suzuki/r'),
    t.bytes('n', 16), 3, 128, 'box3', 1), false, 'one that is not is not');
SELECT is(verifier_rehash(t.person_id('sato'), t.id('suzuki/q'), t.id('suzuki/r'),
    t.bytes('n', 16), 3, 128, 'box3', 1), false, 'nor another person''s');
SELECT is(verifier_rehash(t.person_id('suzuki'), t.id('suzuki/q'), t.id('suzuki/s'),
    t.bytes('n', 16), 3, 128, 'box4', 1), false, 'and what has today''s cost is nobody''s to replace');
SELECT is(t.read('suzuki', 'w4') ->> 'opslimit', '3', 'and the new one is read');
\ir end.psql
