-- SPDX-License-Identifier: GPL-2.0-or-later
-- Rules for passwords, their days, the ledger, and a change by its owner.
\ir begin.psql

-- C.14 (4): rules by group.
SELECT is(password_rule_list() -> 0 ->> 'class', 'c', 'everybody begins in class c');
SELECT is(password_rule_set('nurses', 'a') ->> 'min_chars', '13', 'c14_4a: thirteen');
SELECT is(password_rule_set('nurses') ->> 'expire_days', NULL, 'c14_4a: and it lasts');
SELECT is(password_rule_set('residents', 'b') ->> 'min_chars', '8', 'c14_4b: eight');
SELECT is(password_rule_set('residents') ->> 'expire_days', '59', 'c14_4b: two months at most');
SELECT is(password_rule_set('residents') ->> 'warn_days', '45', 'c14_4b: warned from day 45');
SELECT is(password_rule_set('residents', p_expire_days => 30) ->> 'warn_days', '30', 'a warning is not after the end');
SELECT throws_ok($$SELECT password_rule_set('residents', p_expire_days => 60)$$, 'SK001', 'password_rule_expiry',
    'c14_4b: sixty days are too long');
SELECT throws_ok($$SELECT password_rule_set('residents', p_expire_days => 0)$$, 'SK001', 'password_rule_expiry',
    'c14_4b: nor for ever');
SELECT throws_ok($$SELECT password_rule_set('nurses', p_min_chars => 12)$$, 'SK001', 'password_rule_short',
    'c14_4a: twelve are too few');
SELECT throws_ok($$SELECT password_rule_set('default', p_min_chars => 7)$$, 'SK001', 'password_rule_short',
    'c14_4c: seven are too few');
SELECT throws_ok($$INSERT INTO password_rule (name, class, min_chars) VALUES ('y', 'b', 8)$$, '23514', NULL,
    'c14_4b: the table takes none without an end');
SELECT throws_ok($$SELECT password_rule_set('x')$$, 'SK001', 'password_rule_class', 'a new one says of which class');
SELECT throws_ok($$SELECT password_rule_set('')$$, 'SK001', 'password_rule_name', 'and has a name');
SELECT password_rule_set('residents', p_expire_days => 59, p_warn_days => 45) \g /dev/null

-- Days are the hospital's, midnight to midnight.
CREATE FUNCTION t.due(p_set timestamptz, p_now timestamptz) RETURNS int LANGUAGE sql AS $$
    SELECT password_change_due(jsonb_populate_record(NULL::verifier,
        jsonb_build_object('set_at', p_set, 'must_change', false, 'min_chars', 8)), u, p_now)
      FROM password_rule u WHERE u.name = 'residents'
$$;
SELECT is(t.due(s::timestamptz, n::timestamptz), d, 'c14_4b: ' || what) FROM (VALUES
    ('2027-04-01 10:00+09', '2027-04-01 10:00+09', 0, 'the day it was set'),
    ('2027-04-01 10:00+09', '2027-05-15 23:59+09', 0, 'day 44: nothing is said'),
    ('2027-04-01 10:00+09', '2027-05-16 00:00+09', 14, 'day 45: fourteen days'),
    ('2027-04-01 10:00+09', '2027-05-29 23:59:59+09', 1, 'day 58: the last'),
    ('2027-04-01 10:00+09', '2027-05-30 00:00+09', -1, 'day 59: expired at midnight in Japan'),
    ('2027-04-01 10:00+09', '2027-05-29 15:00+00', -1, 'which is three in the afternoon in Greenwich'),
    ('2027-04-01 10:00+09', '2027-05-29 14:59:59+00', 1, 'and a second before it is not'),
    ('2027-04-01 23:59+09', '2027-05-30 00:00+09', -1, 'set at night it lasts no longer'),
    ('2027-04-01 00:00+09', '2027-05-30 00:00+09', -1, 'set at midnight it lasts its 59 days'),
    ('2027-03-31 23:30+00', '2027-05-29 15:00+00', -1, 'set on what was March in Greenwich'),
    ('2028-01-15 10:00+09', '2028-03-13 12:00+09', 1, 'over a leap day'),
    ('2028-01-15 10:00+09', '2028-03-14 00:00+09', -1, 'which counts like any'),
    ('2027-01-15 10:00+09', '2027-03-14 12:00+09', 1, 'and where there is none'),
    ('2027-12-01 10:00+09', '2028-01-29 00:00+09', -1, 'over a new year')) v(s, n, d, what);
UPDATE setting SET value = 'Europe/Berlin' WHERE name = 'site.timezone';
SELECT is(t.due('2027-02-10 10:00+01', '2027-04-09 21:59:59+00'), 1, 'where clocks are changed: before midnight');
SELECT is(t.due('2027-02-10 10:00+01', '2027-04-09 22:00+00'), -1, 'and at it');
UPDATE setting SET value = 'Asia/Tokyo' WHERE name = 'site.timezone';
SELECT ok((SELECT bool_and(t.due(d, d + interval '59 days') = -1) FROM generate_series(
    '2026-01-01 00:00+09'::timestamptz, '2029-01-01', interval '7 hours') d), 'c14_4b: 59 times 24 hours it never outlasts');

-- The group decides, and a rule that is stricter today.
SELECT person_set('sato', p_rule => 'residents') \g /dev/null
SELECT is(t.read('sato', 'w3') ->> 'change', '0', 'fresh');
UPDATE verifier SET set_at = now() - interval '80 days' WHERE person_id = t.person_id('sato');
SELECT is(t.read('sato', 'w3') ->> 'change', '-1', 'c14_4b: expired');
SELECT is(t.read('suzuki', 'w3') ->> 'change', '0', 'of who is in another group it is not');
SELECT password_rule_set('nurses', p_min_chars => 20) \g /dev/null
SELECT person_set('suzuki', p_rule => 'nurses') \g /dev/null
SELECT is(t.read('suzuki', 'w3') ->> 'change', '-3', 'c14_4a: too short for the rule of today');
SELECT throws_ok($$SELECT person_set('suzuki', p_rule => 'nobody')$$, 'SK001', 'password_rule_unknown', 'of a rule there is');
SELECT throws_ok($$SELECT person_add('neu', 'neu', p_rule => 'nobody')$$, 'SK001', 'password_rule_unknown',
    'also from the beginning');
SELECT is((SELECT x ->> 'expired' FROM jsonb_array_elements(password_rule_list()) x WHERE x ->> 'name' = 'residents'),
    '1', 'and it is counted');

-- C.14 (2): no reset without method, verifier and subject.
SELECT throws_ok($$SELECT password_set('sato', t.id('n'), t.bytes('s', 16), 2, 64, 'b', 1, 13)$$, 'SK001',
    'identity_proof_missing', 'c14_2: not without an entry');
SELECT throws_ok($$SELECT password_set('sato', t.id('n'), t.bytes('s', 16), 2, 64, 'b', 1, 13, 999999)$$, 'SK001',
    'identity_proof_missing', 'c14_2: of the ledger');
SELECT throws_ok($$SELECT password_set('sato', t.id('n'), t.bytes('s', 16), 2, 64, 'b', 1, 13, t.proof('suzuki'))$$,
    'SK001', 'identity_proof_missing', 'c14_2: about this person');
SELECT throws_ok($$SELECT password_set('sato', t.id('n'), t.bytes('s', 16), 2, 64, 'b', 1, 7, t.proof('sato'))$$,
    'SK001', 'password_rule_unmet', 'c14_4: of a password that meets the rule');
SELECT throws_ok($$SELECT password_set('sato', t.id('n'), t.bytes('s', 16), 2, 64, 'b', 1, 8, t.proof('sato'),
    p_must_change => true, p_with_card => true)$$, 'SK001', 'password_needs_a_card', 'beside a card there is');
SELECT throws_ok($$SELECT proof_add('sato', 'password_reset', 'in_person', ' x ')$$, 'SK001', 'identity_proof_missing',
    'c14_2: an entry names documents');
SELECT throws_ok($$SELECT proof_add('sato', 'password_reset', 'somehow', 'licence')$$, '23514', NULL, 'c14_2: and a method');
SELECT throws_ok($$SELECT proof_add('nobody', 'password_reset', 'video', 'licence')$$, 'SK001', 'person_unknown',
    'c14_2: and a subject');
SELECT throws_ok($$SELECT proof_add('sato', 'password_reset', 'video', 'licence', p_second => session_user::text)$$, 'SK001',
    'identity_proof_second', 'a second officer is a second one');
SELECT person_add(session_user::text, 'the officer') \g /dev/null
SELECT throws_ok($$SELECT proof_add(session_user::text, 'password_reset', 'video', 'licence')$$, 'SK001',
    'identity_proof_own', 'nobody vouches for himself');
SELECT throws_ok($$SELECT proof_add('sato', 'password_reset', 'video', 'licence',
    p_copies => '[{"name": "a", "octets": "YWJj", "sha256": "00"}]')$$, 'SK001', 'identity_copy_broken',
    'a copy that did not arrive whole');
SELECT t.proof('sato') AS proof \gset
SELECT password_set('sato', t.id('n'), t.bytes('s', 16), 2, 64, 'b', 1, 13, :proof) \g /dev/null
SELECT throws_ok(format('SELECT password_set(''sato'', t.id(''m''), t.bytes(''s'', 16), 2, 64, ''b'', 1, 13, %s)', :proof),
    'SK001', 'identity_proof_missing', 'c14_2: an entry serves once');
SELECT proof_add('sato', 'password_reset', 'video', 'licence', p_corrects => :proof) ->> 'id' AS correction \gset
SELECT throws_ok(format('SELECT password_set(''sato'', t.id(''m''), t.bytes(''s'', 16), 2, 64, ''b'', 1, 13, %s)', :correction),
    'SK001', 'identity_proof_missing', 'a correction opens nothing');
SELECT throws_ok(format('SELECT proof_add(''suzuki'', ''other'', ''video'', ''licence'', p_corrects => %s)', :proof), 'SK001',
    'identity_proof_unknown', 'and is about the same person');
SELECT throws_ok($$UPDATE identity_proof SET verifier = 'x'$$, 'SK002', NULL, 'c14_2: nothing in it is altered');
SELECT throws_ok($$UPDATE identity_proof SET used_at = NULL$$, 'SK002', NULL, 'nor made fresh again');
SELECT throws_ok($$DELETE FROM identity_proof$$, 'SK002', NULL, 'nor deleted');
SELECT throws_ok($$TRUNCATE identity_proof CASCADE$$, 'SK002', NULL, 'nor all of it');

-- A leak: at once, and everywhere.
SELECT t.challenge('sato', 'w3', 'leaking') \g /dev/null
SELECT is(password_leaked('sato', 'mail') ->> 'revoked', 'true', 'c14_2: revoked');
SELECT is(t.read('sato', 'w3') ->> 'verifier_id', NULL, 'c14_2: at once');
SELECT is(t.read('sato', 'w3', 'leaking') ->> 'state_found', 'false', 'with logins in progress');
SELECT is(password_leaked('sato') ->> 'revoked', 'false', 'twice does no harm');

-- A change by its owner: what attempt_record says, and a State of a change.
SELECT password_set('sato', t.id('old'), t.bytes('s', 16), 2, 64, 'b', 1, 13, t.proof('sato')) \g /dev/null
CREATE FUNCTION t.change(p_state text, p_version bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT r.outcome || ' ' || r.reason FROM attempt_read(t.id('w3'), 'sato', t.id('x'), NULL, NULL) v,
        LATERAL password_change(t.id('w3'), v.client_version, v.rules_version, t.person_id('sato'),
            coalesce(p_version, v.person_version), v.scope, 'sato', 'password_changed',
            '[{"category": "knowledge", "method": "password"}, {"category": "possession", "method": "totp"}]',
            t.bytes(p_state, 32), 'K7-0001', 'n', t.id(p_state || '/new'), t.bytes('salt', 16), 2, 64, 'new', 1, 13) r
     LIMIT 1
$$;
CREATE FUNCTION t.carry(p_state text) RETURNS void LANGUAGE sql AS $$
    UPDATE login SET carried = 'x' WHERE state_hash = t.bytes(p_state, 32)
$$;
SELECT is(t.change('never'), 'reject state_spent', 'a change needs a State');
SELECT t.challenge('sato', 'w3', 'plain') \g /dev/null
SELECT is(t.change('plain'), 'reject state_spent', 'of a change');
SELECT is(t.read('sato', 'w3') ->> 'verifier_id', t.id('old')::text, 'and else nothing changes');
SELECT t.challenge('sato', 'w3', 'c1') \g /dev/null
SELECT t.carry('c1');
SELECT is(t.change('c1', 1), 'reject changed_meanwhile', 'of a person who was changed meanwhile');
SELECT is(t.read('sato', 'w3') ->> 'verifier_id', t.id('old')::text, 'neither');
SELECT t.challenge('sato', 'w3', 'c2') \g /dev/null
SELECT t.carry('c2');
SELECT is(t.change('c2'), 'accept password_changed', 'else login and password at once');
SELECT is(t.read('sato', 'w3') ->> 'verifier_id', t.id('c2/new')::text, 'the new one');
SELECT is(t.change('c2'), 'reject state_spent', 'once');
SELECT is((SELECT set_by FROM verifier WHERE id = t.id('c2/new')), 'sato', 'set by its owner');

-- The passwords of before, for who judges a new one; hashed anew it is the same.
SELECT is((SELECT count(*) FROM password_ground(t.person_id('sato'))), 4::bigint, 'c14_5: what was used before');
SELECT verifier_rehash(t.person_id('sato'), t.id('c2/new'), t.id('re'), t.bytes('z', 16),
    2, (SELECT value::int FROM setting WHERE name = 'password.memlimit_kib'), 'b', 1) \g /dev/null
SELECT is((SELECT count(*) FROM password_ground(t.person_id('sato'))), 4::bigint, 'c14_5: hashed anew it is no other');
SELECT password_rule_set('residents', p_history => 2) \g /dev/null
SELECT is((SELECT count(*) FROM password_ground(t.person_id('sato'))), 2::bigint, 'as many as the rule says');
SELECT is((SELECT login FROM password_ground(t.person_id('suzuki')) LIMIT 1), 'suzuki', 'and who it is about');

-- C.14 (4), last sentence: confirmed by somebody, each year and after each weakening.
DELETE FROM policy_weakening;
SELECT is(policy_confirmation_show() ->> 'due', 'true', 'c14_4: nobody has confirmed the rules yet');
SELECT throws_ok($$SELECT policy_confirm('  ')$$, 'SK001', 'policy_note_missing', 'c14_4: with what was considered');
SELECT is(policy_confirm('rules, throttle and sealing looked at') ->> 'due', 'false', 'c14_4: confirmed');
SELECT is(policy_confirmation_show() ->> 'officer', session_user::text, 'by whom');
SELECT password_rule_set('nurses', p_min_chars => 25), setting_set('password.guess_bits', '40'),
    policy_set('vpn', p_methods => '{password,totp}'), policy_set('vpn', p_idle_timeout => 60) \g /dev/null
SELECT is(policy_confirmation_show() ->> 'due', 'false', 'what asks for more leaves it as it is');
SELECT password_rule_set('nurses', p_min_chars => 13) \g /dev/null
SELECT is(policy_confirmation_show() ->> 'due', 'true', 'c14_4: a shorter password has to be confirmed');
SELECT is(policy_confirmation_show() -> 'weakened' -> 0 ->> 'what', 'password rule nurses', 'and it is said what');
SELECT is(policy_confirm('shorter, beside cards') ->> 'due', 'false', 'as it then is');
SELECT setting_set('password.guess_bits', '36') \g /dev/null
SELECT is(policy_confirmation_show() ->> 'due', 'true', 'c14_4: easier to guess');
SELECT policy_confirm('again') \g /dev/null
SELECT policy_set('vpn', p_methods => '{password,totp,card,pin}') \g /dev/null
SELECT is(policy_confirmation_show() ->> 'due', 'true', 'c14_4: another method counts');
SELECT policy_confirm('again') \g /dev/null
SELECT policy_set('vpn', p_grace_minutes => 30) \g /dev/null
SELECT is(policy_confirmation_show() ->> 'due', 'true', 'c14_4: and for longer');
SELECT policy_confirm('again') \g /dev/null
ALTER TABLE policy_confirmation DISABLE TRIGGER append_only;
UPDATE policy_confirmation SET at = at - interval '366 days';
ALTER TABLE policy_confirmation ENABLE TRIGGER append_only;
DELETE FROM policy_weakening;
SELECT is(policy_confirmation_show() ->> 'due', 'true', 'c14_4: after a year once more');
SELECT throws_ok($$UPDATE policy_confirmation SET note = 'x'$$, 'SK002', NULL, 'nobody alters one');

\ir end.psql
