-- SPDX-License-Identifier: GPL-2.0-or-later
-- Grace: what was held at a terminal counts again there beside a password, for
-- the same person, for a while (guideline D.5; off unless a policy says so).
\ir begin.psql

SELECT zone_add('W3'), client_set('w3', p_zone => 'W3'), client_set('w4', p_zone => 'W3') \g /dev/null
SELECT door_add('main', NULL, 'W3', 'card', 'card'), door_source_add('feed', 90, session_user::text) \g /dev/null
CREATE SEQUENCE t.step START 1000;
CREATE SEQUENCE t.number;
CREATE FUNCTION t.event(p_kind text, p_login text, p_ago numeric DEFAULT 0) RETURNS jsonb LANGUAGE sql AS $$
    SELECT door_events('feed', jsonb_build_array(jsonb_build_object('event', 'e' || nextval('t.number'),
        'kind', p_kind, 'door', 'main', 'login', p_login,
        'at', extract(epoch FROM clock_timestamp()) - p_ago)), NULL)
$$;
-- Two factors given now, with the token's name in the evidence, as a worker has it.
CREATE FUNCTION t.full(p_login text, p_client text) RETURNS text LANGUAGE sql AS $$
    SELECT t.record(p_login, p_client, 'accept', 'two_factors', '{knowledge,possession}',
        p_evidence => jsonb_build_array(t.both() -> 0, t.both() -> 1
            || jsonb_build_object('token', t.id(p_login || '/t'), 'label', 'phone')),
        p_token => t.id(p_login || '/t'), p_step => nextval('t.step'))
$$;
-- What is read: "possession totp phone" or NULL.
CREATE FUNCTION t.kept(p_login text, p_client text) RETURNS text LANGUAGE sql AS $$
    SELECT v ->> 'earlier_category' || ' ' || (v ->> 'earlier_method') || ' ' || (v ->> 'earlier_label')
      FROM t.read(p_login, p_client) v
$$;
-- A password and what was read.
CREATE FUNCTION t.again(p_login text, p_client text, p_view jsonb DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v jsonb := coalesce(p_view, t.read(p_login, p_client));
BEGIN
    RETURN t.record(p_login, p_client, 'accept', 'proven_here_before', '{knowledge}', p_view => v,
        p_evidence => jsonb_build_array(t.both() -> 0, jsonb_build_object('category', 'possession',
            'method', 'totp', 'earlier', (v ->> 'earlier')::bigint)));
END
$$;
CREATE FUNCTION t.later(i interval) RETURNS void LANGUAGE sql AS $$ UPDATE grace SET at = at - i $$;

SELECT is(t.full('sato', 'w3'), 'accept two_factors 0', 'both factors');
SELECT is(t.kept('sato', 'w3'), NULL, 'd5_grace: off by default');
SELECT throws_ok($$SELECT policy_set('terminal', p_grace_minutes => 481)$$, '23514', NULL, 'd5_grace: eight hours at most');
SELECT policy_set('terminal', p_grace_minutes => 60) \g /dev/null
SELECT is(t.kept('sato', 'w3'), NULL, 'd5_grace: not for what was proven before the policy said so');
SELECT t.full('sato', 'w3') \g /dev/null
SELECT is(t.kept('sato', 'w3'), 'possession totp phone', 'd5_grace: what was held is kept');
SELECT is(t.kept('sato', 'w4'), NULL, 'd5_grace: not at another terminal');
SELECT is(t.kept('suzuki', 'w3'), NULL, 'd5_grace: not for another person');
SELECT is(t.kept('sato', 'vpn'), NULL, 'd5_grace: not from outside');
SELECT is(t.again('sato', 'w3'), 'accept proven_here_before 0', 'd5_grace: with a password it is enough');
SELECT is((SELECT evidence #>> '{1,earlier}' FROM audit ORDER BY id DESC LIMIT 1),
    (SELECT max(id)::text FROM audit WHERE reason = 'two_factors' AND login = 'sato'),
    'd5_grace: and the audit names the accept that it was given for');

-- No chain: the second login prolongs nothing.
SELECT t.later('59 minutes') \g /dev/null
SELECT is(t.again('sato', 'w3'), 'accept proven_here_before 0', 'd5_grace: up to its end');
SELECT set_config('t.seen', t.read('sato', 'w3')::text, true) \g /dev/null
SELECT t.later('61 seconds') \g /dev/null
SELECT is(t.kept('sato', 'w3'), NULL, 'd5_grace: and not longer, however often it was used');
SELECT is(t.again('sato', 'w3', current_setting('t.seen')::jsonb), 'reject proven_here_ended 0',
    'd5_grace: not even for what was read before');

-- What ends it.
CREATE FUNCTION t.ends(p_what text, p_act text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v jsonb;
BEGIN
    PERFORM t.full('sato', 'w3');
    RETURN NEXT is(t.kept('sato', 'w3'), 'possession totp phone', p_what || ': before');
    v := t.read('sato', 'w3');
    EXECUTE p_act;
    RETURN NEXT is(t.kept('sato', 'w3'), NULL, 'd5_grace: ends with ' || p_what);
    RETURN NEXT matches(t.again('sato', 'w3', v), '^reject (changed_meanwhile|proven_here_ended) 0$',
        'd5_grace: also while it is decided: ' || p_what);
END
$$;
SELECT t.ends('another person''s login there', $$SELECT t.full('suzuki', 'w3')$$);
SELECT t.ends('a login elsewhere', $$SELECT t.full('sato', 'w4')$$);
SELECT t.ends('one from outside', $$SELECT t.full('sato', 'vpn')$$);
SELECT t.ends('a suspension', $$SELECT person_status('sato', 'suspended'), person_status('sato', 'active')$$);
SELECT t.ends('a new password', $$SELECT password_set('sato', gen_random_uuid(), t.bytes('salt', 16), 2, 64, 'box', 1, 8, t.proof('sato'))$$);
SELECT t.ends('a change of policy', $$SELECT policy_set('terminal')$$);
SELECT t.ends('a change of the terminal', $$SELECT client_set('w3')$$);
SELECT t.ends('a change of the zone', $$SELECT zone_set('W3')$$);
SELECT t.ends('an exit', $$SELECT t.event('leave', 'sato')$$);
SELECT t.ends('an exit of whom nobody saw enter', $$UPDATE door_source SET last_seq = 0; SELECT t.event('leave', 'sato', 20)$$);
SELECT t.full('sato', 'w3') \g /dev/null
SELECT t.event('enter', 'sato') \g /dev/null
SELECT is(t.kept('sato', 'w3'), 'possession totp phone', 'd5_grace: an entry into the zone ends nothing');
SELECT t.event('leave', 'sato') \g /dev/null
SELECT is(t.kept('sato', 'w3'), NULL, 'd5_grace: the exit does');
SELECT t.ends('the token', $$UPDATE token SET status = 'revoked' WHERE id = t.id('sato/t')$$);
UPDATE token SET status = 'active' WHERE id = t.id('sato/t');

-- By an entry: what a door gave is not kept, and ends another's.
SELECT t.full('suzuki', 'w3') \g /dev/null
SELECT t.record('sato', 'w3', 'accept', 'two_factors', '{knowledge}', p_evidence => '[{"category": "knowledge", "method": "password"},
    {"category": "inherence", "method": "face"}]') \g /dev/null
SELECT is((SELECT evidence ->> 'category' FROM grace WHERE client_id = t.id('w3')), 'inherence', 'd5_grace: what one is, too');
SELECT grace_keep(t.person_id('sato'), 1, t.id('w3'), '[{"category": "knowledge", "method": "password"},
    {"category": "possession", "method": "door", "event": 1}]', 1, clock_timestamp()) \g /dev/null
SELECT is((SELECT evidence ->> 'method' FROM grace WHERE client_id = t.id('w3')), 'face', 'd5_grace: an entry is not kept');
SELECT grace_keep(t.person_id('suzuki'), 1, t.id('w3'), '[{"category": "knowledge", "method": "password"},
    {"category": "possession", "method": "door", "event": 1}]', 1, clock_timestamp()) \g /dev/null
SELECT is((SELECT count(*) FROM grace), 1::bigint, 'd5_grace: but ends what another had proven there');

-- A card that is lost or whose issuer says no more.
INSERT INTO token (id, person_id, method, status) VALUES (t.id('card'), t.person_id('sato'), 'card', 'active');
INSERT INTO card (token_id, number, origin, state) VALUES (t.id('card'), '00417', 'issued', 'active');
INSERT INTO card_key (token_id, slot, key_id, spki, pin, valid_from, valid_until, proven_at)
    VALUES (t.id('card'), '9a', t.bytes('key', 32), decode(repeat('00', 64), 'hex'), 'enforced', now() - interval '1 day',
    now() + interval '1 day', now());
CREATE FUNCTION t.by_card() RETURNS text LANGUAGE sql AS $$
    SELECT t.record('sato', 'w3', 'accept', 'two_factors', '{}', p_evidence => jsonb_build_array(
        jsonb_build_object('category', 'possession', 'method', 'card', 'token', t.id('card'), 'label', '00417'),
        jsonb_build_object('category', 'knowledge', 'method', 'pin', 'token', t.id('card'), 'label', '00417')))
$$;
SELECT t.by_card() \g /dev/null
SELECT is(t.kept('sato', 'w3'), 'possession card 00417', 'd5_grace: a card is kept, its PIN is not');
UPDATE card_key SET valid_until = now() WHERE key_id = t.bytes('key', 32);
SELECT is(t.kept('sato', 'w3'), NULL, 'd5_grace: as long as the card counts');
UPDATE card_key SET valid_until = now() + interval '1 day' WHERE key_id = t.bytes('key', 32);
SELECT is(t.kept('sato', 'w3'), 'possession card 00417', 'and');
SELECT card_change(t.id('card'), 'lost', 'suspended', 'lost') \g /dev/null
SELECT is(t.kept('sato', 'w3'), NULL, 'd5_card_lost: a lost card ends it');

-- Where many terminals are one client they could not be told apart.
SELECT t.full('sato', 'w3') \g /dev/null
UPDATE client SET address = '198.18.0.0/24' WHERE name = 'w3';
SELECT is(t.kept('sato', 'w3'), NULL, 'd5_grace: one address, one terminal');
UPDATE client SET address = '198.18.0.1/32' WHERE name = 'w3';
SELECT is(t.kept('sato', 'w3'), 'possession totp phone', 'and there it is');

-- A code that was given before forgives no guesses at codes.
SELECT t.wrong('sato', 'w3', 'guess', 'possession') \g /dev/null
SELECT is(t.counters(t.person_id('sato'), 'inside', 'possession'), '1 1 -', 'a wrong code');
SELECT t.pass('1 minute') \g /dev/null
SELECT is(t.again('sato', 'w3'), 'accept proven_here_before 0', 'the password alone');
SELECT is(t.counters(t.person_id('sato'), 'inside', 'possession'), '1 1 -', 'd4_2: it stays counted');

-- Off again.
SELECT policy_set('terminal', p_grace_minutes => 0) \g /dev/null
SELECT is(t.kept('sato', 'w3'), NULL, 'd5_grace: off');
\ir end.psql
