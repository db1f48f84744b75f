-- SPDX-License-Identifier: GPL-2.0-or-later
-- Readers at doors: what opens, what is recorded, and what must not (guideline
-- D.5).
\ir begin.psql

SELECT zone_add('W3'), zone_add('store') \g /dev/null
SELECT door_add('W3 main', NULL, 'W3', 'card', 'card'), door_add('server', NULL, 'W3', 'card_pin', ''),
    door_add('bicycles', NULL, 'store', 'uid', 'uid'),
    door_add('told', NULL, 'W3', 'card', '', p_reports_opened => true) \g /dev/null
SELECT client_add(t.id('d1'), 'd1', '192.0.2.11', 'door', 'box', 1),
    client_add(t.id('d2'), 'd2', '192.0.2.12', 'door', 'box', 1) \g /dev/null
SELECT client_set('w3', p_zone => 'W3') \g /dev/null
SELECT policy_set('terminal', p_methods => '{password,totp,card,pin,door}') \g /dev/null

-- Readers.
SELECT is(door_reader_add('W3 main', 'W3-in', 'd1') ->> 'side', 'in', 'a reader');
SELECT is(door_reader_add('W3 main', 'W3-out', 'd1', 'out') ->> 'side', 'out', 'and one on the other side');
SELECT door_reader_add('server', 'srv', 'd1'), door_reader_add('told', 'told-in', 'd1'),
    door_reader_add('bicycles', 'bike-in', 'd2') \g /dev/null
SELECT throws_ok($$SELECT door_reader_add('W3 main', 'W3-in', 'd1')$$, 'SK001', 'reader_exists', 'one name, one reader');
SELECT throws_ok($$SELECT door_reader_add('W3 main', 'x', 'w3')$$, 'SK001', 'client_is_no_door', 'of a door''s client');
SELECT throws_ok($$SELECT door_reader_add('none', 'x', 'd1')$$, 'SK001', 'door_unknown', 'at a door that is there');
SELECT throws_ok($$SELECT door_reader_add('W3 main', 'x', 'none')$$, 'SK001', 'client_unknown', 'of a client that is there');
SELECT throws_ok($$SELECT door_reader_add('server', 'x', 'd1', 'out')$$, 'SK001', 'door_side_without_card',
    'where somebody is identified');
SELECT throws_ok($$SELECT door_reader_add('W3 main', E'x\n', 'd1')$$, '23514', NULL, 'names are plain');
SELECT is((SELECT string_agg(x ->> 'name', ' ') FROM jsonb_array_elements(door_reader_list('W3 main')) x),
    'W3-in W3-out', 'listed by door');
SELECT is(jsonb_array_length(door_reader_list()), 5, 'or all');

-- A client's source is nobody else's.
SELECT is((SELECT string_agg((x ->> 'name') || ' ' || (x ->> 'role') || ' ' || (x ->> 'silent'), ', ')
    FROM jsonb_array_elements(door_source_list()) x WHERE x -> 'client' = 'true'),
    'd1 sekisho_authd true, d2 sekisho_authd true', 'each door''s client has a source, silent until heard');
SELECT throws_ok(format('SELECT door_events(%L, %L, NULL)', t.id('d1'), '[]'), 'SK001', 'source_unknown',
    'd5_forged_feed: no feed speaks for it');
UPDATE door_source SET role = session_user WHERE client_id = t.id('d1');
SELECT throws_ok(format('SELECT door_events(%L, %L, NULL)', t.id('d1'), '[]'), 'SK001', 'source_unknown',
    'd5_forged_feed: whatever its role');
SELECT throws_ok(format('SELECT door_source_remove(%L)', t.id('d1')), 'SK001', 'source_unknown', 'nor is it removed alone');

SELECT is(door_source_set('d2', 3600) ->> 'silent_after', '3600', 'its silence is set by the client''s name');
SELECT is((SELECT silent_after FROM door_source WHERE client_id = t.id('d2')), 3600, 'and noted');
SELECT throws_ok($$SELECT door_source_set('none', 60)$$, 'SK001', 'source_unknown', 'of a source that is there');
SELECT throws_ok($$SELECT door_source_set('d2', 9)$$, '23514', NULL, 'within bounds');

-- Cards: 9A with PIN, 9E without, 9C for papers.
CREATE FUNCTION t.card(p_login text, p text DEFAULT '') RETURNS void LANGUAGE sql AS $$
    INSERT INTO token (id, person_id, method, label, status)
    VALUES (t.id('card of ' || p_login || p), t.person_id(p_login), 'card', 'card', 'active');
    INSERT INTO card (token_id, origin, state, number) VALUES (t.id('card of ' || p_login || p), 'issued', 'active', 'N' || p_login || p);
    INSERT INTO card_key (token_id, slot, key_id, spki, pin, valid_from, valid_until, proven_at)
    SELECT t.id('card of ' || p_login || p), s, t.bytes(p_login || p || s, 32), t.bytes(p_login || s, 32) || t.bytes(s, 32),
           CASE s WHEN '9e' THEN 'none' ELSE 'enforced' END, now() - interval '1 day', now() + interval '1 year', now()
      FROM unnest('{9a,9c,9e}'::text[]) s
$$;
SELECT t.card('sato'), t.card('suzuki') \g /dev/null

-- One entry as a worker makes it: "accept card_accepted", or why not.
CREATE FUNCTION t.open(p_reader text, p_state text, p_client text DEFAULT 'd1') RETURNS boolean LANGUAGE sql AS $$
    SELECT entry_open(t.id(p_client), 1, p_reader, t.bytes(p_state, 32))
$$;
CREATE FUNCTION t.look(p_reader text, p_state text, p_key text, p_client text DEFAULT 'd1') RETURNS jsonb LANGUAGE sql AS $$
    SELECT to_jsonb(r) FROM entry_read(t.id(p_client), 1, p_reader, t.bytes(p_state, 32), t.bytes(p_key, 32)) r
$$;
CREATE FUNCTION t.write(p_reader text, p_state text, v jsonb, p_client text DEFAULT 'd1') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    SELECT * INTO r FROM entry_record(t.id(p_client), 1, p_reader, t.bytes(p_state, 32),
        (v ->> 'person_id')::uuid, (v ->> 'person_version')::bigint, v ->> 'login',
        CASE WHEN v ->> 'fault' IS NULL THEN 'accept' ELSE 'reject' END,
        coalesce(v ->> 'fault', 'card_accepted'),
        '[{"method": "card"}]'::jsonb || CASE WHEN v -> 'pin' = 'true' THEN '[{"method": "pin"}]' ELSE '[]' END::jsonb,
        'K7-0001', 'node1');
    RETURN r.outcome || ' ' || r.reason;
END
$$;
CREATE SEQUENCE t.states;
CREATE FUNCTION t.enter(p_reader text, p_key text, p_client text DEFAULT 'd1') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_state text := 's' || nextval('t.states');
    v jsonb;
BEGIN
    IF NOT t.open(p_reader, v_state, p_client) THEN
        RETURN 'no reader';
    END IF;
    v := t.look(p_reader, v_state, p_key, p_client);
    RETURN t.write(p_reader, v_state, v, p_client);
END
$$;
CREATE FUNCTION t.where_is(p_login text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((SELECT z.name || ' ' || coalesce(w.fault, w.category || ' ' || w.method)
        FROM presence_of(t.person_id(p_login), clock_timestamp(), true) w JOIN zone z ON z.id = w.zone_id), 'nowhere')
$$;
SELECT is(t.enter('W3-in', 'sato9e'), 'accept card_accepted', 'd5: a card''s own key at the door');
SELECT is(t.where_is('sato'), 'W3 possession card', 'd5: is an entry by card');
SELECT is((SELECT x ->> 'silent' FROM jsonb_array_elements(door_source_list()) x WHERE x ->> 'name' = 'd1'), 'false',
    'd7: and the door was heard');
SELECT is((SELECT login || ' ' || kind || ' ' || purpose || ' ' || outcome || ' ' || (detail ->> 'reader') || ' ' || (detail ->> 'door')
    FROM audit WHERE reason = 'card_accepted'), 'sato entry entry accept W3-in W3 main', 'the audit says who and where');
SELECT is((SELECT (detail ->> 'event')::bigint FROM audit WHERE reason = 'card_accepted'),
    (SELECT id FROM door_event WHERE person_id = t.person_id('sato')), 'and by which event');
SELECT is(t.read('sato', 'w3') ->> 'door_category', 'possession', 'd5: it counts at the terminal inside');
SELECT set_config('t.v', version::text, true) FROM person WHERE login = 'sato' \g /dev/null
SELECT is(t.enter('W3-out', 'sato9e'), 'accept card_accepted', 'd5_leaves: out again');
SELECT is(t.where_is('sato'), 'nowhere', 'd5_leaves: nowhere');
SELECT is(t.read('sato', 'w3') ->> 'door_event', NULL, 'd5_leaves: and nothing counts');
SELECT is((SELECT version FROM person WHERE login = 'sato'), current_setting('t.v')::bigint + 1, 'which running logins notice');

-- Which key.
SELECT is(t.enter('W3-in', 'sato9a'), 'accept card_accepted', 'the key with a PIN too');
SELECT is(t.where_is('sato'), 'W3 possession card', 'is a card where the door asks for no more');
SELECT is(t.enter('srv', 'sato9a'), 'accept card_accepted', 'card and PIN where the door asks for it');
SELECT is(t.where_is('sato'), 'W3 possession card_pin', 'is recorded as such');
SELECT is(t.enter('srv', 'sato9e'), 'reject changed_meanwhile', 'never a key without PIN there');
SELECT is(t.enter('W3-in', 'sato9c'), 'reject card_unknown', 'a key for papers opens nothing');
SELECT is(t.enter('W3-in', 'nobody9e'), 'reject card_unknown', 'a key nobody knows');
SELECT is(t.enter('bike-in', 'sato9e', 'd2'), 'reject changed_meanwhile', 'no signature where numbers are known');
SELECT is(t.enter('W3-in', 'sato9e', 'd2'), 'no reader', 'another client has no such reader');
SELECT is(t.enter('W3-in', 'sato9e', 'w3'), 'no reader', 'nor has a terminal');
SELECT is(entry_open(t.id('d1'), 2, 'W3-in', '\x01'), false, 'nor a client of another version');

-- A State: once, in time, of this reader and client, for an entry.
SELECT t.open('W3-in', 'one') \g /dev/null
SELECT is(t.write('W3-in', 'one', t.look('W3-in', 'one', 'suzuki9e')), 'accept card_accepted', 'd5_replayed_event: a State');
SELECT is(t.write('W3-in', 'one', t.look('W3-in', 'one', 'suzuki9e')), 'reject state_spent', 'd5_replayed_event: works once');
SELECT is((SELECT count(*) FROM door_event WHERE person_id = t.person_id('suzuki')), 1::bigint, 'd5_replayed_event: one event');
SELECT t.open('W3-in', 'two') \g /dev/null
SELECT is(t.look('W3-out', 'two', 'suzuki9e') -> 'state_found', 'false', 'not at another reader');
SELECT is(t.look('W3-in', 'two', 'suzuki9e', 'd2') -> 'state_found', 'false', 'not of another client');
SELECT is(t.write('W3-out', 'two', t.look('W3-in', 'two', 'suzuki9e')), 'reject state_spent', 'nor when it is written');
SELECT is(t.write('W3-in', 'two', t.look('W3-in', 'two', 'suzuki9e'), 'd2'), 'reject state_spent', 'nor of another client then');
SELECT t.pass('9 seconds') \g /dev/null
SELECT is(t.look('W3-in', 'two', 'suzuki9e') -> 'state_found', 'true', 'for ten seconds');
SELECT t.pass('2 seconds') \g /dev/null
SELECT is(t.look('W3-in', 'two', 'suzuki9e') -> 'state_found', 'false', 'and no longer');
SELECT is((SELECT count || ' ' || purpose FROM refusal_tally WHERE reason = 'state_spent' AND client_id = t.id('d1')),
    '2 entry', 'a sum of refused entries');
SELECT is((SELECT x ->> 'purpose' FROM jsonb_array_elements(audit_show('(door)', p_kind => 'entry')) x WHERE x ->> 'client' = 'd1' AND x ->> 'reason' = 'state_spent'), 'entry', 'and is shown as one');
-- purposes never mix
SELECT t.open('W3-in', 'entry') \g /dev/null
SELECT is(t.read('W3-in', 'd1', 'entry') ->> 'state_found', 'false', 'a State for an entry reads as no login');
SELECT is(t.record('sato', 'd1', 'accept', 'two_factors', p_evidence => t.both(), p_old => 'entry'), 'reject state_spent 0',
    'and counts for none');
SELECT v.opened FROM attempt_open(t.id('w3'), 1, true, 'sato', t.id('b'), t.bytes('login', 32), 'login') v \g /dev/null
SELECT is((SELECT v.opened FROM attempt_open(t.id('d1'), 1, true, 'sato', t.id('b'), t.bytes('l2', 32), 'login') v), false,
    'no login begins at a door');
INSERT INTO login (state_hash, subject, login, client_id, purpose, created_at, expires_at, view)
SELECT t.bytes('l3', 32), subject, 'W3-in', t.id('d1'), 'login', created_at, now() + interval '1 minute', view FROM login
 WHERE state_hash = t.bytes('entry', 32);
SELECT is(t.look('W3-in', 'l3', 'suzuki9e') -> 'state_found', 'false', 'a State for a login reads as no entry');
SELECT is(t.write('W3-in', 'l3', t.look('W3-in', 'entry', 'suzuki9e')), 'reject state_spent', 'and opens nothing');

-- What ends a card meanwhile or before.
SELECT t.open('W3-in', 'meanwhile') \g /dev/null
SELECT set_config('t.seen', t.look('W3-in', 'meanwhile', 'suzuki9e')::text, true) \g /dev/null
SELECT card_lost('Nsuzuki', 'x') \g /dev/null
SELECT is(t.write('W3-in', 'meanwhile', current_setting('t.seen')::jsonb), 'reject changed_meanwhile', 'd5_card_lost: meanwhile');
SELECT is(t.enter('W3-in', 'suzuki9e'), 'reject card_lost', 'd5_card_lost: refused at once');
SELECT is((SELECT string_agg((x ->> 'login') || ' ' || (x ->> 'purpose') || ' ' || (x ->> 'outcome') || ' ' || (x ->> 'ref'), ', ')
    FROM jsonb_array_elements(audit_show('suzuki')) x WHERE x ->> 'reason' = 'card_lost' AND x ->> 'kind' = 'entry'),
    'suzuki entry reject K7-0001', 'd5_card_lost: and the audit says so');
SELECT set_config('t.n', count(*)::text, true) FROM audit WHERE kind = 'entry' \g /dev/null
SELECT count(t.enter('W3-in', k)) FROM generate_series(1, 50), unnest('{suzuki9e,nobody9e}'::text[]) k \g /dev/null
SELECT is((SELECT count(*) FROM audit WHERE kind = 'entry'), current_setting('t.n')::bigint, 'a flood of refusals is no flood of audit');
SELECT is((SELECT count FROM refusal_tally WHERE reason = 'card_lost' AND person_id = t.person_id('suzuki')), 51::bigint, 'but a sum');
SELECT is(t.where_is('suzuki'), 'W3 card_ended', 'd5_card_lost: and what it opened before has ended');
SELECT person_status('sato', 'suspended', 'on leave') \g /dev/null
SELECT is(t.enter('W3-in', 'sato9e'), 'reject person_unusable', 'who is suspended');
SELECT person_status('sato', 'active', 'back') \g /dev/null
UPDATE affiliation SET valid_until = now() - interval '1 second' WHERE person_id = t.person_id('sato');
SELECT is(t.enter('W3-in', 'sato9e'), 'reject person_unusable', 'or has no affiliation');
UPDATE affiliation SET valid_until = NULL WHERE person_id = t.person_id('sato');
SELECT t.open('W3-in', 'door') \g /dev/null
SELECT set_config('t.seen', t.look('W3-in', 'door', 'sato9e')::text, true) \g /dev/null
SELECT door_set('W3 main', p_method_in => 'card_pin') \g /dev/null
SELECT is(t.write('W3-in', 'door', current_setting('t.seen')::jsonb), 'reject changed_meanwhile', 'a door that asks for more meanwhile');
SELECT door_set('W3 main', p_method_in => 'card') \g /dev/null
SELECT t.open('W3-in', 'gone') \g /dev/null
SELECT set_config('t.seen', t.look('W3-in', 'gone', 'sato9e')::text, true) \g /dev/null
SELECT door_reader_remove('W3 main', 'W3-in') \g /dev/null
SELECT is(t.write('W3-in', 'gone', current_setting('t.seen')::jsonb), 'reject changed_meanwhile', 'a reader that is removed meanwhile');
SELECT is(t.enter('W3-in', 'sato9e'), 'no reader', 'and afterwards');
SELECT throws_ok($$SELECT door_reader_remove('W3 main', 'W3-in')$$, 'SK001', 'reader_unknown', 'once');
SELECT door_reader_add('W3 main', 'W3-in', 'd1') \g /dev/null

-- A heartbeat is a challenge that comes back; what was said before is none.
UPDATE door_source SET heard_at = now() - interval '91 seconds' WHERE client_id = t.id('d1');
SELECT is(t.enter('W3-in', 'sato9e'), 'accept card_accepted', 'an entry');
SELECT is(t.where_is('sato'), 'W3 possession card', 'd5_silent_feed: ends silence');
UPDATE door_source SET heard_at = now() - interval '91 seconds' WHERE client_id = t.id('d1');
SELECT is(t.where_is('sato'), 'W3 source_silent', 'd5_silent_feed: silent');
SELECT housekeeping() \g /dev/null
SELECT is((SELECT detail ->> 'source' FROM audit WHERE reason = 'door_source_silent'), 'd1', 'd7: said, by the client''s name');
SELECT t.open('W3-out', 'beat') \g /dev/null
SELECT is(t.where_is('sato'), 'W3 source_silent', 'd5_silent_feed: asking alone may be a recording');
SELECT is(entry_heard(t.id('d1'), 1, 'W3-in', t.bytes('beat', 32)), false, 'another reader''s challenge is none');
SELECT is(entry_heard(t.id('d1'), 1, 'W3-out', t.bytes('beat', 32)), true, 'a heartbeat');
SELECT is(t.where_is('sato'), 'W3 possession card', 'd5_silent_feed: heard');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'door_source_heard' AND detail ->> 'source' = 'd1'), 1::bigint, 'd7: said');
SELECT is(entry_heard(t.id('d1'), 1, 'W3-out', t.bytes('beat', 32)), false, 'd5_replayed_event: once');

-- Opened, and closed.
CREATE FUNCTION t.account(p_status text, p_session text, p_more jsonb DEFAULT '{}', p_client text DEFAULT 'd1') RETURNS text
    LANGUAGE sql AS $$
    SELECT door_account(t.id(p_client), jsonb_build_object('status', p_status, 'session', p_session, 'called', 'told-in', 'delay', 0) || p_more)
$$;
SELECT is(t.enter('told-in', 'sato9e'), 'accept card_accepted', 'a door that tells when it opens');
SELECT is(t.where_is('sato'), 'W3 not_opened', 'd5_tailgating: and was not opened');
SELECT is(t.account('start', 'o1', '{"called": "W3-in"}'), 'done', 'another one was');
SELECT is(t.where_is('sato'), 'W3 not_opened', 'd5_tailgating: which says nothing');
SELECT is(t.account('start', 'o2', '{"delay": 40}'), 'done', 'it was, before');
SELECT is(t.where_is('sato'), 'W3 not_opened', 'd5_tailgating: for somebody else');
SELECT is(t.account('start', 'o3'), 'done', 'opened');
SELECT is(t.where_is('sato'), 'W3 possession card', 'd5: now he is inside');
SELECT is(t.account('stop', 'o3'), 'done', 'closed');
SELECT is(t.account('start', 'o3'), 'done', 'd5_replayed_event: a repetition');
SELECT is((SELECT string_agg(kind, ' ' ORDER BY id) FROM door_event WHERE event LIKE '% o3'), 'opened closed', 'd5_replayed_event: is none');
SELECT is(t.account('start', 'o4', jsonb_build_object('event_time', floor(extract(epoch FROM clock_timestamp())) + 61)), 'done', 'a clock');
SELECT is(t.account('start', ''), 'done', 'no name');
SELECT is(t.account('start', 'o5', '{"called": "elsewhere"}'), 'done', 'no such reader');
SELECT is(t.account('start', 'o6', '{"event_time": "now", "delay": "x"}'), 'done', 'no time');
SELECT is((SELECT string_agg(quarantine, ' ' ORDER BY id) FROM door_event WHERE quarantine <> ''),
    'from_the_future event_malformed reader_unknown', 'd5_clock_skew: kept, and not believed');
SELECT is((SELECT x ->> 'source' FROM jsonb_array_elements(door_quarantine()) x LIMIT 1), 'd1', 'listed by the client''s name');
SELECT is(t.account('start', 'o1', p_client => 'w3'), 'unknown', 'a terminal accounts for sessions');
UPDATE door_source SET heard_at = now() - interval '91 seconds' WHERE client_id = t.id('d1');
SELECT is(t.account('start', 'o3') || t.account('interim', '') || t.account('on', '')
    || t.account('interim', '', jsonb_build_object('event_time', floor(extract(epoch FROM clock_timestamp())) - 130)), 'donedonedonedone', 'recordings');
SELECT is(t.where_is('sato'), 'W3 source_silent', 'd5_silent_feed: are not heard');
SELECT is(t.account('interim', '', jsonb_build_object('event_time', floor(extract(epoch FROM clock_timestamp())) - 3)), 'done', 'a beat with the time');
SELECT is(t.where_is('sato'), 'W3 possession card', 'd5_silent_feed: is');

-- By the door's list, while no server answered.
SELECT is((SELECT keys FROM entry_keys(t.id('d1'), 1, 'told-in', '')), t.bytes('sato9e', 32), 'a list: who passes here, by keys that count');
SELECT is((SELECT seconds FROM entry_keys(t.id('d1'), 1, 'told-in', '')), 43200, 'for hours');
SELECT is((SELECT keys FROM entry_keys(t.id('d1'), 1, 'told-in', t.bytes('sato9e', 32))), '', 'in pages');
SELECT is((SELECT keys FROM entry_keys(t.id('d1'), 1, 'srv', '')), '', 'none where a PIN is asked for');
SELECT is((SELECT seconds FROM entry_keys(t.id('d2'), 1, 'told-in', '')), NULL, 'nor for another client');
SELECT setting_set('door.list_hours', '0') \g /dev/null
SELECT is((SELECT keys FROM entry_keys(t.id('d1'), 1, 'told-in', '')), '', 'nor where nobody wants one');
-- What no list can have let in is not believed, and changes nothing.
CREATE FUNCTION t.listed(p_session text, p_reader text, p_key text DEFAULT 'sato9e', p_more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT t.account('start', p_session, jsonb_build_object('called', p_reader, 'calling', encode(t.bytes(p_key, 32), 'hex')) || p_more);
    SELECT coalesce(nullif(e.quarantine, ''), 'taken') FROM door_event e WHERE e.event = 'start ' || p_session
$$;
SELECT set_config('t.v', version::text, true) FROM person WHERE login = 'sato' \g /dev/null
SELECT is(t.listed('n1', 'W3-out'), 'not_listed', 'd5_offline_is_bounded: where there are no lists');
SELECT setting_set('door.list_hours', '12') \g /dev/null
SELECT is(t.listed('n2', 'srv', 'sato9e'), 'door_method_other', 'd5_offline_is_bounded: where a PIN is asked for');
SELECT t.person('hara'), t.card('hara') \g /dev/null
SELECT is(t.listed('n3', 'W3-in', 'hara9e'), 'not_listed', 'd5_offline_is_bounded: who never passed there');
SELECT is(t.listed('n4', 'W3-out', 'sato9e', '{"delay": 129700}'), 'not_listed', 'd5_offline_is_bounded: longer ago than a list lasts');
SELECT is(t.listed('n5', 'elsewhere'), 'reader_unknown', 'd5_offline_is_bounded: at no reader');
SELECT is((SELECT version FROM person WHERE login = 'sato'), current_setting('t.v')::bigint, 'd5_offline_is_bounded: no login of the person is disturbed');
SELECT is(t.where_is('sato'), 'W3 possession card', 'd5_offline_is_bounded: nor is the presence ended');
SELECT set_config('t.v', version::text, true) FROM person WHERE login = 'sato' \g /dev/null
SELECT is(t.where_is('sato'), 'W3 possession card', 'inside');
SELECT is(t.account('start', 'l1', jsonb_build_object('called', 'W3-in', 'calling', encode(t.bytes('sato9e', 32), 'hex'))), 'done', 'd5_late_event: at once');
SELECT is(t.where_is('sato'), 'W3 offline', 'd5_late_event: what the door alone says makes nobody present');
SELECT t.account('start', 'l1', jsonb_build_object('called', 'W3-in', 'calling', encode(t.bytes('sato9e', 32), 'hex')))
  FROM generate_series(1, 5) \g /dev/null
SELECT is((SELECT version FROM person WHERE login = 'sato'), current_setting('t.v')::bigint + 1,
    'd5_replayed_event: sent again, it disturbs no login');
SELECT is(t.account('start', 'l2', jsonb_build_object('called', 'W3-out', 'calling', encode(t.bytes('sato9e', 32), 'hex'))), 'done', 'd5_late_event: a late exit');
SELECT is(t.where_is('sato'), 'nowhere', 'd5_late_event: ends it');
SELECT is((SELECT version FROM person WHERE login = 'sato'), current_setting('t.v')::bigint + 2, 'and is noticed');
SELECT is(t.account('start', 'l3', jsonb_build_object('called', 'W3-in', 'calling', encode(t.bytes('nobody', 32), 'hex'))), 'done', 'a key nobody has');
SELECT is((SELECT quarantine FROM door_event WHERE event = 'start l3'), 'person_unknown', 'is nobody''s entry');
SELECT is(t.enter('told-in', 'sato9e'), 'accept card_accepted', 'online again');

-- A client that invents events fills no table.
SELECT t.account('start', '', '{"called": "none", "delay": 1}'), t.account('start', '', '{"called": "none", "delay": 2}') \g /dev/null
SELECT is((SELECT count(*) FROM door_event WHERE detail ->> 'reader' = 'none'), 1::bigint, 'a nameless one that is sent again is a repetition');
SELECT count(t.account('start', 'f' || i, '{"called": "none"}')) FROM generate_series(1, 400) i \g /dev/null
SELECT is((SELECT count(*) FROM door_event e JOIN door_source s ON s.id = e.source_id WHERE s.client_id = t.id('d1') AND e.quarantine <> ''),
    256::bigint, 'a flood from a door''s client is bounded');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'door_events_dropped'), 1::bigint, 'd7: said once');
SELECT cmp_ok((SELECT dropped FROM door_source WHERE client_id = t.id('d1')), '>', 100::bigint, 'the rest is counted');
SELECT is(t.account('start', 'after'), 'done', 'an event');
SELECT is((SELECT quarantine FROM door_event WHERE event = 'start after'), '', 'of a reader that is there is taken all the same');
ALTER TABLE door_event DISABLE TRIGGER append_only;
UPDATE door_event SET received_at = received_at - interval '25 hours' WHERE quarantine <> '';
ALTER TABLE door_event ENABLE TRIGGER append_only;
SELECT t.account('start', 'next day', '{"called": "none"}') \g /dev/null
SELECT is((SELECT quarantine FROM door_event WHERE event = 'start next day'), 'reader_unknown', 'and so is the next day''s');

-- A feed that tells of a side where cards prove themselves to a reader of ours.
SELECT door_source_add('feed', 90, session_user::text), t.person('nagai'), t.card('nagai') \g /dev/null
CREATE FUNCTION t.told(p_kind text, p_door text, p_event text) RETURNS text LANGUAGE sql AS $$
    SELECT door_events('feed', jsonb_build_array(jsonb_build_object('event', p_event, 'kind', p_kind, 'door', p_door,
        'login', 'nagai', 'at', extract(epoch FROM clock_timestamp()))), NULL) ->> 'taken'
$$;
SELECT is(t.told('enter', 'W3 main', 't1'), '1', 'a feed tells an entry');
SELECT is(t.where_is('nagai'), 'W3 not_by_reader', 'd5_forged_feed: which the door''s own reader knows nothing of');
SELECT is(t.enter('W3-in', 'nagai9e'), 'accept card_accepted', 'the reader does');
SELECT is(t.where_is('nagai'), 'W3 possession card', 'd5_two_feeds: both count');
SELECT is(t.told('leave', 'W3 main', 't2'), '1', 'a feed tells the exit');
SELECT is(t.where_is('nagai'), 'nowhere', 'd5_leaves: it is one');
SELECT door_add('no reader', NULL, 'W3', 'card', 'card') \g /dev/null
SELECT is(t.told('enter', 'no reader', 't3'), '1', 'a door without');
SELECT is(t.where_is('nagai'), 'W3 possession card', 'counts by its feed');
SELECT t.told('leave', 'W3 main', 't4') \g /dev/null
-- What the door says to have done alone is that, whoever else tells it.
SELECT is(t.listed('m1', 'W3-in', 'nagai9e'), 'taken', 'the door let in by its list');
SELECT is(t.told('enter', 'W3 main', 't5'), '1', 'a feed tells it as well');
SELECT is(t.where_is('nagai'), 'W3 offline', 'd5_late_event: no server was asked all the same');
SELECT door_reader_remove('W3 main', 'W3-in') \g /dev/null
SELECT is(t.where_is('nagai'), 'W3 offline', 'd5_late_event: also where no reader is');
SELECT door_reader_add('W3 main', 'W3-in', 'd1') \g /dev/null

-- Numbers, at doors that ask for them themselves.
INSERT INTO badge (number, person_id, added_at) SELECT '\x04a1b2c3', t.person_id('suzuki'), now() - interval '1 day';
SELECT badge_add('sato', '\x04a1b2c4') \g /dev/null
CREATE FUNCTION t.number(p_number bytea, p_event text, p_reader text DEFAULT 'bike-in', p_client text DEFAULT 'd2') RETURNS text
    LANGUAGE sql AS $$
    SELECT r.outcome || ' ' || r.reason || coalesce(' ' || r.login, '')
      FROM entry_number(t.id(p_client), 1, p_reader, p_number, p_event, 'K7-0002', 'node1') r
$$;
SELECT is(t.number('\x04a1b2c4', 'r1'), 'accept card_number sato', 'd5_cloned_number: a number opens');
SELECT is(t.where_is('sato'), 'store no_factor', 'd5_cloned_number: and is no factor');
SELECT is(t.number('\x04a1b2c4', 'r1'), 'reject request_repeated sato', 'd5_replayed_event: a recorded request');
SELECT is(t.number('\x04a1b2c4', 'r2', NULL), 'accept card_number sato', 'one reader needs no name');
SELECT door_set('bicycles', p_uid_until => current_date + 30, p_uid_why => 'replaced in spring') \g /dev/null
SELECT is(t.where_is('sato'), 'store possession uid', 'd5_cloned_number: but where somebody accepts that');
SELECT is(t.number('\x04a1b2c5', 'r3'), 'reject badge_unknown', 'a number nobody has');
SELECT is(t.number('\x04a1b2c4', 'r4', 'W3-in', 'd1'), 'reject door_method_other', 'd5_cloned_number: no number where cards must sign');
SELECT is(t.number('\x04a1b2c4', 'r5', NULL, 'd1'), 'reject reader_unknown', 'of several readers one is named');
SELECT is(t.number('\x04a1b2c4', 'r6', 'bike-in', 'd1'), 'reject reader_unknown', 'of one''s own');
SELECT is(t.number('\x04a1b2c4', 'r7', NULL, 'w3'), 'reject reader_unknown', 'and no terminal asks');
SELECT is(t.number('\x04a1b2c3', 'r8'), 'reject card_lost suzuki', 'd5_card_lost: the number may be the lost card''s');
SELECT card_change(t.id('card of suzuki'), 'revoked', 'revoked', 'replaced') \g /dev/null
SELECT is(t.number('\x04a1b2c3', 'r9a'), 'reject card_lost suzuki', 'd5_lost_card_stays_lost: also when its keys are revoked');
SELECT badge_remove('\x04a1b2c3'), badge_add('suzuki', '\x04a1b2c3') \g /dev/null
SELECT is(t.number('\x04a1b2c3', 'r9'), 'accept card_number suzuki', 'new plastic opens');
SELECT person_status('suzuki', 'suspended', 'on leave') \g /dev/null
SELECT is(t.number('\x04a1b2c3', 'r10'), 'reject person_unusable suzuki', 'who is suspended');
SELECT is((SELECT string_agg((x ->> 'reason') || ' ' || coalesce(x ->> 'count', '1'), ', ' ORDER BY x ->> 'reason')
    FROM jsonb_array_elements(audit_show('suzuki', p_kind => 'entry')) x WHERE x ->> 'client' = 'd2'),
    'card_lost 2, card_number 1, person_unusable 1', 'all in the audit');
SELECT set_config('t.n', count(*)::text, true) FROM audit WHERE kind = 'entry' \g /dev/null
SELECT set_config('t.row', ctid::text, true) FROM person WHERE login = 'sato' \g /dev/null
SELECT count(t.number('\x04a1b2c4', 'r1')), count(t.number('\x04a1b2c4', 'r' || i, 'W3-in', 'd1')), count(t.number('\x04a1b2c4', 'r' || i, NULL, 'd1'))
  FROM generate_series(20, 69) i \g /dev/null
SELECT is((SELECT count(*) FROM audit WHERE kind = 'entry'), current_setting('t.n')::bigint, 'd5_replayed_event: a flood of repetitions is no flood of audit');
SELECT is((SELECT count FROM refusal_tally WHERE reason = 'request_repeated'), 51::bigint, 'd5_replayed_event: but a sum');
SELECT is((SELECT ctid::text FROM person WHERE login = 'sato'), current_setting('t.row'), 'd5_replayed_event: and writes nothing of the person');
SELECT badge_remove('\x04a1b2c4') \g /dev/null
SELECT is(t.where_is('sato'), 'store card_ended', 'd5_card_lost: a number that is taken back ends its entries');

-- Who is gone.
SELECT door_remove('bicycles') \g /dev/null
SELECT is(jsonb_array_length(door_reader_list('bicycles')), 0, 'a door goes with its readers');
SELECT client_remove('d1') \g /dev/null
SELECT is(t.where_is('sato'), 'store card_ended', 'where he was last');
SELECT is(entry_open(t.id('d1'), 2, 'W3-in', '\x02'), false, 'a client that is removed opens nothing');
SELECT is(t.account('start', 'o9'), 'unknown', 'and tells nothing');
SELECT client_add(t.id('d1 new'), 'd1', '192.0.2.11', 'door', 'box', 1) \g /dev/null
SELECT is((SELECT count(*) FROM door_source WHERE client_id IN (t.id('d1'), t.id('d1 new'))), 2::bigint,
    'one of the same name has a source of its own');
\ir end.psql
