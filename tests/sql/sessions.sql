-- SPDX-License-Identifier: GPL-2.0-or-later
-- Sessions as clients tell of them, in whichever order, and what ends them.
\ir begin.psql

SELECT zone_add('W3'), zone_add('ICU') \g /dev/null
SELECT door_add('W3 main', NULL, 'W3', 'card', 'card'), door_add('ICU', 'W3', 'ICU', 'card', 'card') \g /dev/null
SELECT door_source_add('feed', 90, session_user::text) \g /dev/null
SELECT policy_set('terminal', p_methods => '{password,totp,card,pin,door}') \g /dev/null
SELECT client_set('w3', p_zone => 'W3') \g /dev/null
CREATE SEQUENCE t.number;

-- An accept; answers with its Class in hexadecimal.
CREATE FUNCTION t.accept(p_login text, p_client text, p_evidence jsonb DEFAULT t.both()) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    v jsonb := t.read(p_login, p_client);
    r record;
BEGIN
    SELECT * INTO STRICT r FROM attempt_record(t.id(p_client), (v ->> 'client_version')::bigint,
        (v ->> 'rules_version')::bigint, (v ->> 'subject')::uuid, (v ->> 'person_id')::uuid,
        (v ->> 'person_version')::bigint, v ->> 'scope', p_login, 'login', 'accept', 'two_factors', '{}',
        '{}', '{}', p_evidence, NULL, NULL, NULL, NULL, 0, 'K7-0001', 'node1');
    IF r.outcome <> 'accept' THEN RAISE EXCEPTION '% %', r.outcome, r.reason; END IF;
    RETURN encode(r.class, 'hex');
END
$$;
-- A packet, so many seconds ago by the client's clock.
CREATE FUNCTION t.packet(p_status text, p_session text, p_client text DEFAULT 'w3', p_more jsonb DEFAULT '{}',
    p_ago numeric DEFAULT 0) RETURNS text LANGUAGE sql AS $$
    SELECT account_take(c.id, c.version, jsonb_strip_nulls(jsonb_build_object('status', p_status, 'session',
        p_session, 'event_time', floor(extract(epoch FROM clock_timestamp()) - p_ago)::bigint) || p_more))
      FROM client c WHERE c.id = t.id(p_client)
$$;
CREATE FUNCTION t.s(p_session text, p_client text DEFAULT 'w3') RETURNS session LANGUAGE sql AS $$
    SELECT s FROM session s WHERE s.client_id = t.id(p_client) AND s.acct = p_session ORDER BY s.id DESC LIMIT 1
$$;
CREATE FUNCTION t.state(p_session text, p_client text DEFAULT 'w3') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(j ->> 'login', '-') || ' ' || (j ->> 'state') || coalesce(' ' || nullif(j ->> 'cause', ''), '')
           || coalesce(' ' || nullif(j ->> 'end_why', ''), '')
      FROM session_json(t.s(p_session, p_client)) j
$$;
CREATE FUNCTION t.event(p_kind text, p_door text, p_login text, p_ago numeric DEFAULT 0) RETURNS text LANGUAGE sql AS $$
    SELECT door_events('feed', jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
        'event', 'e' || nextval('t.number'), 'kind', p_kind, 'door', p_door, 'login', p_login,
        'at', extract(epoch FROM clock_timestamp()) - p_ago))), NULL) ->> 'taken'
$$;
-- An entry into W3, an accept that it carries, and a session of that name.
CREATE FUNCTION t.by_door(p_login text, p_session text, p_ago numeric DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_event bigint;
    v_class text;
BEGIN
    PERFORM t.event('enter', 'W3 main', p_login, p_ago);
    v_event := (presence_of(t.person_id(p_login), clock_timestamp(), true)).event_id;
    -- one entry opens one terminal; others of this test had it before
    DELETE FROM presence_use;
    v_class := t.accept(p_login, 'w3', jsonb_build_array(t.both() -> 0, jsonb_build_object(
        'category', 'possession', 'method', 'door', 'event', v_event)));
    PERFORM t.packet('start', p_session, 'w3', jsonb_build_object('user', p_login, 'class', v_class));
    RETURN t.state(p_session);
END
$$;

-- Class names the accept.
SELECT t.accept('sato', 'w3') AS class \gset
SELECT is(octet_length(:'class'), 32, 'a Class of 16 octets');
SELECT is(t.packet('start', 'a1', 'w3', jsonb_build_object('user', 'sato', 'class', :'class')), 'taken', 'a start');
SELECT is(t.packet('start', 'a1', 'w3', jsonb_build_object('user', 'sato', 'class', :'class')), 'repeated', 'again');
SELECT is((SELECT count(*) FROM session), 1::bigint, 'is one session');
SELECT is(t.state('a1'), 'sato open', 'open');
SELECT is((t.s('a1')).accept_id, (SELECT max(id) FROM audit WHERE outcome = 'accept'), 'and carried by that accept');
SELECT is((session_show((t.s('a1')).id) #>> '{evidence,1,method}'), 'totp', 'whose evidence is shown');
SELECT is(t.packet('interim', 'a1', 'w3', '{"seconds": 60, "octets_in": 5000000000}'), 'taken', 'an interim update');
SELECT is(t.packet('interim', 'a1', 'w3', '{"seconds": 30, "octets_in": 100}'), 'taken', 'an older one');
SELECT is((t.s('a1')).octets_in, 5000000000, 'counters do not run backwards');
SELECT is(t.packet('stop', 'a1', 'w3', '{"seconds": 1000000, "cause": 1}'), 'taken', 'a stop');
SELECT is(t.state('a1'), 'sato ended user_request', 'ends it');
SELECT is((t.s('a1')).seconds, 1000000::bigint, 'a session of a million seconds');
SELECT is(t.packet('stop', 'a1', 'w3', '{"seconds": 90, "cause": 1}'), 'repeated', 'the stop again');
SELECT is(t.packet('start', 'a1', 'w3', jsonb_build_object('user', 'sato', 'class', :'class')), 'ignored', 'a start after its stop');
SELECT is(t.state('a1'), 'sato ended user_request', 'does not open it again');
SELECT is(t.packet('interim', 'a1', 'w3', '{}', 30), 'ignored', 'an interim update from before the stop');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'session_after_stop'), 0::bigint, 'is only late');

-- In any order.
SELECT t.accept('sato', 'w3') AS class \gset
SELECT is(t.packet('stop', 'a2', 'w3', jsonb_build_object('user', 'sato', 'class', :'class', 'seconds', 50, 'cause', 4)), 'taken', 'a stop first');
SELECT is(t.state('a2'), 'sato ended idle_timeout', 'is a session that is over');
SELECT ok((t.s('a2')).started_at < (t.s('a2')).ended_at - interval '40 seconds', 'and began before');
SELECT is(t.packet('start', 'a2', 'w3', jsonb_build_object('user', 'sato', 'class', :'class'), 50), 'ignored', 'its start');
SELECT is(t.state('a2'), 'sato ended idle_timeout', 'changes nothing');
SELECT is(t.packet('interim', 'a3', 'w3', jsonb_build_object('user', 'sato', 'class', :'class')), 'taken', 'an interim update first');
SELECT is(t.state('a3'), 'sato open', 'is an open session');

-- The same identifier again: another session only by another accept.
SELECT t.accept('sato', 'w3') AS next \gset
UPDATE session SET ended_at = ended_at - interval '5 seconds' WHERE acct = 'a2';
SELECT is(t.packet('start', 'a2', 'w3', jsonb_build_object('user', 'sato', 'class', :'next')), 'taken', 'an identifier that is used again');
SELECT is(t.state('a2'), 'sato open', 'is another session');
SELECT is((SELECT count(*) FROM session WHERE acct = 'a2'), 2::bigint, 'beside the old one');

-- Whose Class, whose name.
SELECT t.accept('suzuki', 'w4') AS elsewhere \gset
SELECT is(t.packet('start', 'b1', 'w3', jsonb_build_object('user', 'suzuki', 'class', :'elsewhere')), 'taken', 'a Class of another client');
SELECT is((session_json(t.s('b1')) ->> 'accepted'), 'false', 'carries nothing here');
SELECT is((t.s('b1')).person_id, t.person_id('suzuki'), 'but a name to end it by');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'session_unaccepted' AND login = 'suzuki'), 1::bigint, 'd7: an anomaly');
SELECT is(t.packet('start', 'b2', 'w4', '{"user": "suzuki"}'), 'taken', 'without a Class');
SELECT is(t.state('b2', 'w4'), 'suzuki open', 'the name''s last accept at that client');
SELECT is((session_json(t.s('b2', 'w4')) ->> 'accepted'), 'true', 'carries it');
SELECT is(t.packet('start', 'b3', 'w3', jsonb_build_object('user', 'suzuki', 'class', :'next')), 'taken', 'the Class of one under the name of another');
SELECT is(t.state('b3'), 'sato open', 'is the session of the one who was accepted');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'session_other_name'), 1::bigint, 'd7: and an anomaly');
SELECT is(t.packet('start', 'b4', 'w3', '{"user": "nobody", "class": "ffffffffffffffffffffffffffffffff"}'), 'taken', 'a Class that nobody gave');
SELECT is(t.packet('start', 'b5', 'w3', '{"user": "nobody", "class": "00"}'), 'taken', 'one of another server');
SELECT is(t.packet('start', 'b6', 'w3', '{"user_sent": "\\xff"}'), 'taken', 'a name that is none');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'session_unaccepted' AND login = 'nobody'), 1::bigint, 'd7: once');
SELECT is((SELECT count FROM session_anomaly WHERE reason = 'session_unaccepted' AND login = 'nobody'), 1::bigint, 'd7: then counted');
UPDATE session_anomaly SET first_at = first_at - interval '2 hours';
SELECT housekeeping() \g /dev/null
SELECT is((SELECT count(*) || ' ' || max(count) FROM audit WHERE reason = 'session_unaccepted' AND login = 'nobody'), '2 1', 'd7: and summed up');
SELECT is((SELECT count(*) FROM session_anomaly), 0::bigint, 'd7: the hour begins anew');

-- What is not understood gets no answer.
SELECT is(t.packet('start', NULL), 'malformed', 'a session without a name');
SELECT is(t.packet('other', 'c1'), 'malformed', 'a status that there is not');
SELECT is(account_take(t.id('w3'), 0, '{"status": "on"}'), 'client_changed', 'a client that was changed');
SELECT is(account_take(t.id('nobody'), 1, '{"status": "on"}'), 'client_changed', 'no client');
SELECT client_add(t.id('gate'), 'gate', '192.0.2.9', 'door', 'box', 1) \g /dev/null
SELECT is(t.packet('start', 'd1', 'gate'), 'done', 'a door is asked for its own');
SELECT is((SELECT count(*) FROM session WHERE client_id = t.id('gate')), 0::bigint, 'and has no sessions');

-- Interim updates, several at once: what is open goes on, the rest is left to account_take.
CREATE FUNCTION t.update(p_session text, p_client text DEFAULT 'w3', p_more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('client', c.id, 'version', c.version, 'status', 'interim', 'session', p_session) || p_more
      FROM client c WHERE c.id = t.id(p_client)
$$;
CREATE FUNCTION t.continue(VARIADIC p_events jsonb[]) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(place::text, ' ' ORDER BY place), '-') FROM account_continue(to_jsonb(p_events)) place
$$;
SELECT t.packet('start', 'u1', 'w4'), t.packet('start', 'u2', 'w4'), t.packet('start', 'u3', 'w4'), t.packet('stop', 'u3', 'w4') \g /dev/null
SELECT is(t.continue(t.update('u1', 'w4', '{"seconds": 60, "octets_in": 7, "framed_ip": "192.0.2.77"}'), t.update('none', 'w4'),
    t.update('u2', 'w4', '{"octets_out": 9}'), t.update('u3', 'w4'), t.update('u1', 'w3')), '1 3', 'of five the two that are open');
SELECT is((SELECT s.seconds || ' ' || s.octets_in || ' ' || s.octets_out || ' ' || host(s.framed_ip) FROM t.s('u1', 'w4') s), '60 7 0 192.0.2.77', 'have what was told');
SELECT is((SELECT s.seconds || ' ' || s.octets_out FROM t.s('u2', 'w4') s), '0 9', 'each its own');
SELECT is(t.continue(t.update('u1', 'w4', '{"seconds": 30, "octets_in": 1}')), '1', 'one that was overtaken');
SELECT is((SELECT s.seconds || ' ' || s.octets_in || ' ' || host(s.framed_ip) FROM t.s('u1', 'w4') s), '60 7 192.0.2.77', 'takes nothing back');
SELECT matches(t.continue(t.update('u1', 'w4', '{"seconds": 61}'), t.update('u1', 'w4', '{"seconds": 62}')), '^[12]$', 'of two about one session one');
SELECT is(t.continue(t.update('u1', 'w4', '{"version": 0}')), '-', 'not of a client that was changed');
SELECT is(t.continue(t.update('u1', 'w4', '{"source": "192.0.2.250"}')), '-', 'nor from another address');
SELECT is(t.continue(t.update('u1', 'gate')), '-', 'nor of a door');
SELECT is((SELECT count(*) FROM account_continue('[]')), 0::bigint, 'of none, none');
SELECT is((SELECT s.seconds < 63 AND s.ended_at IS NULL FROM t.s('u1', 'w4') s), true, 'and it goes on');
UPDATE client SET status = 'removed' WHERE name = 'w4';
SELECT is(t.continue(t.update('u1', 'w4')), '-', 'nor of a client that is gone');
UPDATE client SET status = 'active' WHERE name = 'w4';
SELECT t.packet('stop', 'u1', 'w4'), t.packet('stop', 'u2', 'w4') \g /dev/null

-- A flood.
SELECT t.packet('start', 'flood' || n, 'vpn', jsonb_build_object('user', 'u' || n)) FROM generate_series(1, 300) n \g /dev/null
SELECT is((SELECT count(*) FROM session WHERE client_id = t.id('vpn')), 256::bigint, 'a flood of sessions that nobody was accepted for is bounded');
SELECT cmp_ok((SELECT count(*) FROM session_anomaly WHERE client_id = t.id('vpn')), '<=', 65::bigint, 'and so is what is remembered of it');
SELECT cmp_ok((SELECT count(*) FROM audit WHERE client_id = t.id('vpn') AND kind = 'system'), '<=', 65::bigint, 'and what is written of it');
SELECT t.accept('sato', 'vpn') AS vpn \gset
SELECT is(t.packet('start', 'mine', 'vpn', jsonb_build_object('user', 'sato', 'class', :'vpn')), 'taken', 'who was accepted');
SELECT is(t.state('mine', 'vpn'), 'sato open', 'is there all the same');
SELECT t.packet('start', 'more' || n, 'vpn', jsonb_build_object('user', 'sato', 'class', :'vpn')) FROM generate_series(1, 30) n \g /dev/null
SELECT is((SELECT count(*) FROM session WHERE client_id = t.id('vpn') AND accept_id IS NOT NULL), 16::bigint, 'one accept carries 16 sessions');
SELECT is((SELECT count(*) FROM audit WHERE client_id = t.id('vpn') AND reason = 'session_class_reused'), 1::bigint, 'd7: more is an anomaly');

SELECT t.person('ogata') \g /dev/null
SELECT t.by_door('ogata', 'door 1') \g /dev/null
SELECT encode(int8send((t.s('door 1')).accept_id) || int8send((extract(epoch FROM (t.s('door 1')).accept_at) * 1000000)::bigint), 'hex') AS door \gset
SELECT t.packet('start', 'door ' || n, 'w3', jsonb_build_object('user', 'ogata', 'class', :'door')) FROM generate_series(2, 18) n \g /dev/null
SELECT is((SELECT count(*) FILTER (WHERE accept_id IS NOT NULL) || ' ' || count(*) FROM session WHERE acct LIKE 'door %'), '16 18', 'more sessions than an accept carries');
SELECT is(t.event('leave', 'W3 main', 'ogata'), '1', 'd2_no_session_outlives_its_entry: the exit');
SELECT is((SELECT count(*) FROM session WHERE acct LIKE 'door %' AND end_why = 'left_zone'), 18::bigint, 'd2_no_session_outlives_its_entry: ends all of them');
SELECT t.packet('stop', 'door ' || n, 'w3') FROM generate_series(1, 18) n \g /dev/null

-- Devices of one client that give the same name.
SELECT is(t.packet('start', 'same', 'w4', '{"user": "suzuki", "source": "192.0.2.2"}'), 'taken', 'one device');
SELECT is(t.packet('start', 'same', 'w4', '{"user": "suzuki", "source": "192.0.2.3"}'), 'taken', 'another');
SELECT is(t.packet('stop', 'same', 'w4', '{"user": "suzuki", "source": "192.0.2.3"}'), 'taken', 'ends its own');
SELECT is((SELECT string_agg(host(nas) || ' ' || (ended_at IS NULL), ', ' ORDER BY id) FROM session WHERE acct = 'same'),
    '192.0.2.2 true, 192.0.2.3 false', 'and no other');
SELECT t.packet('stop', 'same', 'w4', '{"source": "192.0.2.2"}') \g /dev/null

-- A client that begins anew.
UPDATE session SET started_at = started_at - interval '1 hour' WHERE client_id = t.id('w3');
SELECT is(t.packet('on', NULL, 'w3', '{}', 7200), 'repeated', 'an Accounting-On from before');
SELECT is(t.state('a3'), 'sato open', 'ends nothing that began since');
SELECT is(t.packet('on', NULL, 'w3', '{"source": "192.0.2.1"}'), 'taken', 'a client that begins anew');
SELECT is(t.state('a3'), 'sato ended client_restart', 'has no session of before');
SELECT is((SELECT count(*) FROM session WHERE client_id = t.id('w3') AND ended_at IS NULL), 0::bigint, 'not one');
SELECT is(t.state('b2', 'w4'), 'suzuki open', 'another client''s go on');
SELECT is(t.packet('stop', 'a3', 'w3', '{"cause": 2, "seconds": 7}'), 'repeated', 'a stop that comes after all');
SELECT is(t.state('a3'), 'sato ended lost_carrier', 'knows better how it ended');
SELECT t.accept('sato', 'w4') AS w4 \gset
SELECT t.packet('start', 'n1', 'w4', jsonb_build_object('user', 'sato', 'class', :'w4', 'source', '192.0.2.2'), 5) \g /dev/null
SELECT is(t.packet('off', NULL, 'w4', '{"source": "192.0.2.3"}'), 'repeated', 'one of several devices of a client');
SELECT is(t.state('n1', 'w4'), 'sato open', 'ends its own only');

-- d2: what ends sessions: the own exit, a move to another zone.
SELECT is(t.by_door('sato', 'e1'), 'sato open', 'd2: a session that an entry carries');
SELECT t.accept('sato', 'w3') AS class \gset
SELECT t.packet('start', 'e2', 'w3', jsonb_build_object('user', 'sato', 'class', :'class')) \g /dev/null
SELECT is(t.event('leave', 'W3 main', 'sato'), '1', 'd2: who leaves');
SELECT is(t.state('e1'), 'sato ending left_zone', 'd2: ends it');
SELECT is(t.state('e2'), 'sato open', 'd2: what two factors at the terminal carry goes on');
SELECT is(t.by_door('sato', 'e3'), 'sato open', 'd2: another');
SELECT is(t.event('enter', 'W3 main', 'sato'), '1', 'd2: the card once more at the same door');
SELECT is(t.state('e3'), 'sato open', 'd2: ends nothing');
SELECT is(t.event('enter', 'ICU', 'sato'), '1', 'd2: another zone');
SELECT is(t.state('e3'), 'sato ending moved_zone', 'd2: ends it');
SELECT is(t.by_door('suzuki', 'e4', 10), 'suzuki open', 'd2: of somebody else');
SELECT is(t.event('leave', 'W3 main', 'suzuki', 3000), '1', 'd2: an exit from before the entry');
SELECT is(t.state('e4'), 'suzuki open', 'd2: ends nothing');
SELECT is(t.event('leave', 'W3 main', 'suzuki', 9), '1', 'd2: a late exit');
SELECT is(t.state('e4'), 'suzuki ending left_zone', 'd2: ends it however late');

-- d2: what ends none.
SELECT t.person('tanaka') \g /dev/null
SELECT is(t.by_door('tanaka', 'f1'), 'tanaka open', 'd2: a session');
SELECT t.event(k, 'W3 main', NULL) FROM unnest('{fire,forced,held,opened,closed}'::text[]) k \g /dev/null
SELECT is(t.state('f1'), 'tanaka open', 'd2: fire, a forced or held door end none');
SELECT t.event(k, 'W3 main', 'tanaka') FROM unnest('{duress,passback,denied}'::text[]) k \g /dev/null
SELECT is(t.state('f1'), 'tanaka open', 'd2: nor duress, passback, a refusal');
SELECT t.event('leave', 'W3 main', 'tanaka', -61) \g /dev/null
SELECT t.event('leave', 'no such door', 'tanaka') \g /dev/null
SELECT is(t.state('f1'), 'tanaka open', 'd2: nor an event that is not believed');
UPDATE door_source SET heard_at = heard_at - interval '1 hour';
SELECT housekeeping() \g /dev/null
SELECT is(t.state('f1'), 'tanaka open', 'd2: nor a silent feed');
SELECT zone_set('W3', p_shift_minutes => 1) \g /dev/null
ALTER TABLE door_event DISABLE TRIGGER append_only;
UPDATE door_event SET at = at - interval '20 hours', received_at = received_at - interval '20 hours' WHERE person_id = t.person_id('tanaka') AND kind = 'enter';
ALTER TABLE door_event ENABLE TRIGGER append_only;
SELECT is((presence_of(t.person_id('tanaka'), clock_timestamp(), false)).fault, 'expired', 'd2: a shift that is over');
SELECT housekeeping() \g /dev/null
SELECT is(t.state('f1'), 'tanaka open', 'd2: nor the end of the shift');
SELECT zone_set('W3', p_clear_at => to_char(clock_timestamp() AT TIME ZONE 'Asia/Tokyo', 'HH24:MI')) \g /dev/null
SELECT housekeeping() \g /dev/null
SELECT is(t.state('f1'), 'tanaka open', 'd2: nor the nightly clear');
SELECT door_source_remove('feed') \g /dev/null
SELECT is(t.state('f1'), 'tanaka open', 'd2: nor the removal of a feed');
SELECT door_source_add('feed', 90, session_user::text) \g /dev/null

-- People and cards.
SELECT person_status('tanaka', 'suspended', 'x') \g /dev/null
SELECT is(t.state('f1'), 'tanaka ending person_suspended', 'who is suspended has no session');
SELECT person_status('tanaka', 'active', 'x') \g /dev/null
SELECT t.person('ito') \g /dev/null
CREATE FUNCTION t.card(p text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    v uuid := t.id(p || '/card');
BEGIN
    INSERT INTO token (id, person_id, method, label, status) VALUES (v, t.person_id(p), 'card', '', 'active');
    INSERT INTO card (token_id, origin, number, state) VALUES (v, 'issued', 'C' || p, 'active');
    RETURN v;
END
$$;
SELECT t.card('ito') AS card \gset
SELECT t.accept('ito', 'w3', jsonb_build_array(jsonb_build_object('category', 'possession', 'method', 'card', 'token', :'card'))) AS class \gset
SELECT t.packet('start', 'g1', 'w3', jsonb_build_object('user', 'ito', 'class', :'class')) \g /dev/null
SELECT t.accept('ito', 'w3') AS other \gset
SELECT t.packet('start', 'g2', 'w3', jsonb_build_object('user', 'ito', 'class', :'other')) \g /dev/null
SELECT is((session_json(t.s('g1')) #>> '{evidence,0,method}'), 'card', 'a session that a card carries');
SELECT card_end('Cito', 'revoked', 'x') \g /dev/null
SELECT is(t.state('g1'), 'ito ending card_ended', 'ends with the card');
SELECT is(t.state('g2'), 'ito open', 'and no other');
SELECT t.person('kato') \g /dev/null
SELECT t.card('kato') AS card \gset
SELECT t.accept('kato', 'w3') AS class \gset
SELECT t.packet('start', 'h1', 'w3', jsonb_build_object('user', 'kato', 'class', :'class')) \g /dev/null
SELECT is((card_lost('Ckato', 'x') #>> '{sessions,0,ending}'), 'true', 'a lost card names the sessions');
SELECT is(t.state('h1'), 'kato ending card_lost', 'd5_card_lost: and ends all of its person''s');
SELECT t.packet('start', 'h2', 'w3', jsonb_build_object('user', 'kato', 'class', :'class')) \g /dev/null
SELECT is(t.state('h2'), 'kato ending card_lost', 'also one that is told of only afterwards');
SELECT t.person('mori') \g /dev/null
SELECT t.accept('mori', 'w3') AS class \gset
SELECT t.packet('start', 'i1', 'w3', jsonb_build_object('user', 'mori', 'class', :'class')) \g /dev/null
SELECT affiliation_end('mori', (person_show('mori') #>> '{affiliations,0,id}')::uuid, clock_timestamp() + interval '1 day') \g /dev/null
SELECT is(t.state('i1'), 'mori open', 'an affiliation that will end');
SELECT affiliation_end('mori', (person_show('mori') #>> '{affiliations,0,id}')::uuid) \g /dev/null
SELECT is(t.state('i1'), 'mori ending affiliation_ended', 'the last affiliation that is ended');
SELECT t.person('abe') \g /dev/null
SELECT t.accept('abe', 'w3') AS class \gset
SELECT person_status('abe', 'left', 'x') \g /dev/null
SELECT t.packet('start', 'j1', 'w3', jsonb_build_object('user', 'abe', 'class', :'class')) \g /dev/null
SELECT is(t.state('j1'), 'abe ending person_left', 'who left before the start came');
SELECT t.person('oda') \g /dev/null
SELECT t.packet('start', 'l1', 'w3', '{"user": "oda"}') \g /dev/null
SELECT person_status('oda', 'suspended', 'x') \g /dev/null
SELECT is(t.state('l1'), 'oda ending person_suspended', 'also a session that only has the name');
UPDATE session SET end_wanted_at = NULL, end_why = '' WHERE acct = 'l1';
SELECT housekeeping() \g /dev/null
SELECT is(t.state('l1'), 'oda ending person_suspended', 'what was missed at first is found');
SELECT t.person('ueno') \g /dev/null
SELECT zone_set('W3', p_shift_minutes => 720, p_clear_at => '', p_alarm_over => true) \g /dev/null
SELECT is(t.by_door('ueno', 'k1'), 'ueno open', 'd2: a session');
SELECT is(t.packet('stop', 'k1'), 'taken', 'd2: over');
SELECT t.event('leave', 'W3 main', 'ueno') \g /dev/null
SELECT is(t.state('k1'), 'ueno ended unknown', 'd2: is not ended again');

-- Whom the clerk asks.
UPDATE session SET end_next = NULL WHERE acct NOT IN ('e1', 'e3');
SELECT is((SELECT string_agg(client || ' ' || address || ' ' || port || ' ' || acct || ' ' || login, ', ' ORDER BY id) FROM disconnects_due(10, 4)),
    'w3 192.0.2.1 3799 e1 sato, w3 192.0.2.1 3799 e3 sato', 'Disconnects are due');
SELECT is((SELECT count(*) FROM disconnects_due(10, 4)), 0::bigint, 'once, until they are due again');
UPDATE session SET end_next = clock_timestamp() WHERE acct IN ('e1', 'e3');
SELECT is((SELECT count(*) FROM disconnects_due(10, 1)), 1::bigint, 'so many of one client');
UPDATE session SET end_next = clock_timestamp() WHERE acct IN ('e1', 'e3');
SELECT is((SELECT string_agg(acct, ' ') FROM disconnects_due(10, 4, ARRAY[(t.s('e1')).id])), 'e3', 'but not those that are waited for');
SELECT disconnect_answer((t.s('e3')).id, true, 0) \g /dev/null
SELECT is(t.state('e3'), 'sato ending moved_zone', 'an ACK is a promise');
SELECT is(t.packet('stop', 'e3', 'w3', '{"cause": 6}'), 'taken', 'kept by a stop');
SELECT is(t.state('e3'), 'sato ended admin_reset moved_zone', 'then it is over');
SELECT is((SELECT detail ->> 'how' FROM audit WHERE reason = 'session_ended' ORDER BY id DESC LIMIT 1), 'stop', 'and written down');
SELECT disconnect_answer((t.s('e1')).id, false, 404) \g /dev/null
SELECT is((t.s('e1')).end_answer, 'nak_404', 'a NAK');
SELECT is(t.state('e1'), 'sato ending left_zone', 'ends nothing');
SELECT setting_set('session.end_tries', '3') \g /dev/null
UPDATE session SET end_next = clock_timestamp(), end_tries = 3 WHERE acct = 'e1';
SELECT is((SELECT count(*) FROM disconnects_due(10, 4)), 1::bigint, 'asked in vain so often');
SELECT is(t.state('e1'), 'sato cannot left_zone', 'it is named as one that cannot be ended');
SELECT is((SELECT count(*) || max(detail ->> 'answer') FROM audit WHERE reason = 'session_cannot_end'), '1nak_404', 'once, with the answer');
SELECT ok((t.s('e1')).end_next > clock_timestamp() + interval '4 minutes', 'and is asked again, later');
SELECT disconnect_answer((t.s('e1')).id, false, 503) \g /dev/null
SELECT is(t.state('e1'), 'sato ended not_found left_zone', 'one that the client has not is over');
SELECT is(t.packet('interim', 'e1', 'w3', '{}', -1), 'taken', 'it tells of it all the same');
SELECT isnt(t.state('e1'), 'sato ended not_found left_zone', 'then it is not');
SELECT ok((t.s('e1')).end_next > clock_timestamp() + interval '50 seconds', 'and is asked again in a while');
SELECT disconnect_answer((t.s('e1')).id, false, 503), t.packet('interim', 'e1', 'w3', '{}', -1) FROM generate_series(1, 20) \g /dev/null
SELECT is((SELECT count(*) FROM audit WHERE reason = 'session_ended' AND (detail ->> 'session')::bigint = (t.s('e1')).id), 1::bigint,
    'd7: denied and told of twenty times, it is said once');
SELECT client_set('w4', p_coa_port => 0) \g /dev/null
SELECT is((client_show('w4') ->> 'coa_port'), '0', 'a client that takes no Disconnects');
SELECT session_end(p_login => 'sato', p_why => 'test') \g /dev/null
SELECT is((SELECT count(*) FROM disconnects_due(10, 4) WHERE client = 'w4'), 0::bigint, 'is not asked');
SELECT is(t.state('n1', 'w4'), 'sato cannot operator: test', 'but named at once');

SELECT session_end(p_id => (t.s('n1', 'w4')).id, p_why => 'again') \g /dev/null
SELECT is(t.state('n1', 'w4'), 'sato ending operator: test', 'once more');
SELECT is((SELECT count(*) FROM disconnects_due(10, 4) WHERE client = 'w4'), 0::bigint, 'in vain');
SELECT is(t.state('n1', 'w4'), 'sato cannot operator: test', 'which is said again');

-- Operators.
SELECT is((SELECT string_agg(x ->> 'session', ' ') FROM jsonb_array_elements(session_list(p_client => 'w4')) x), 'n1 b2', 'list by client');
SELECT is((SELECT count(*) FROM jsonb_array_elements(session_list(p_login => 'sato')) x WHERE x ->> 'login' <> 'sato'), 0::bigint, 'list by person');
SELECT throws_ok('SELECT session_show(0)', 'SK001', 'session_unknown', 'no such session');
SELECT throws_ok(format('SELECT session_end(%s)', (t.s('a1')).id), 'SK001', 'session_over', 'one that is over');
SELECT is((SELECT detail ->> 'why' FROM audit WHERE reason = 'session_end' ORDER BY id DESC LIMIT 1), 'again', 'who ended it is written down');

-- What is over is forgotten in the end, and what nobody tells of any more.
SELECT throws_ok($$SELECT setting_set('session.keep_days', '30')$$, 'SK001', 'setting_value', 'longer than an accept counts for one');
UPDATE session SET ended_at = ended_at - interval '91 days' WHERE acct = 'a1';
UPDATE session SET heard_at = heard_at - interval '9 days' WHERE acct = 'n1';
SELECT housekeeping() \g /dev/null
SELECT is((SELECT count(*) FROM session WHERE acct = 'a1'), 0::bigint, 'sessions are kept so long');
SELECT is(t.state('n1', 'w4'), 'sato ended forgotten operator: test', 'silence of nine days');
\ir end.psql
