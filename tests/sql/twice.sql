-- SPDX-License-Identifier: GPL-2.0-or-later
-- Two feeds report one entry: the same presence, once (guideline D.5).
\ir begin.psql
SELECT zone_add('W3'), zone_add('lab') \g /dev/null
SELECT door_add('main', NULL, 'W3', 'card', 'card'), door_add('side', NULL, 'W3', 'card', 'card'),
    door_add('inner', 'W3', 'lab', 'card', 'card'),
    door_source_add('one', 90, session_user::text), door_source_add('two', 90, session_user::text),
    client_set('w3', p_zone => 'W3'), client_set('w4', p_zone => 'W3'),
    policy_set('terminal', p_methods => '{password,totp,card,pin,door}') \g /dev/null
CREATE SEQUENCE t.number;
SELECT set_config('t.now', extract(epoch FROM clock_timestamp())::text, true) \g /dev/null
-- At so many seconds of the test's own time.
CREATE FUNCTION t.told(p_source text, p_kind text, p_login text, p_at numeric, p_door text DEFAULT 'main',
    p_more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT door_events(p_source, jsonb_build_array(jsonb_build_object('event', 'e' || nextval('t.number'),
        'kind', p_kind, 'door', p_door, 'login', p_login,
        'at', current_setting('t.now')::numeric + p_at) || p_more), NULL) ->> 'taken'
$$;
CREATE FUNCTION t.where_is(p_login text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((SELECT z.name || ' ' || coalesce(w.fault, w.category)
        FROM presence_of(t.person_id(p_login), clock_timestamp(), true) w JOIN zone z ON z.id = w.zone_id), 'nowhere')
$$;
CREATE FUNCTION t.known_as(p_login text) RETURNS bigint LANGUAGE sql AS $$
    SELECT event_id FROM presence_of(t.person_id(p_login), clock_timestamp(), true)
$$;
CREATE FUNCTION t.version(p_login text) RETURNS bigint LANGUAGE sql AS $$
    SELECT version FROM person WHERE login = p_login
$$;
CREATE FUNCTION t.by_door(p_login text, p_client text, p_view jsonb DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v jsonb := coalesce(p_view, t.read(p_login, p_client));
BEGIN
    RETURN t.record(p_login, p_client, 'accept', 'door_and_terminal', '{knowledge}', p_view => v,
        p_evidence => jsonb_build_array(t.both() -> 0, jsonb_build_object('category', 'possession',
            'method', 'door', 'event', (v ->> 'door_event')::bigint)));
END
$$;
CREATE FUNCTION t.fresh(p_login text) RETURNS void LANGUAGE sql AS $$
    SELECT t.person(p_login);
    SELECT set_config('t.v', t.version(p_login)::text, true);
$$;

SELECT t.fresh('kato') \g /dev/null
SELECT is(t.told('one', 'enter', 'kato', -30), '1', 'one feed tells an entry');
SELECT set_config('t.id', t.known_as('kato')::text, true), set_config('t.seen', t.read('kato', 'w3')::text, true) \g /dev/null
SELECT is(t.by_door('kato', 'w3'), 'accept door_and_terminal 0', 'which opens a terminal');
SELECT is(t.told('two', 'enter', 'kato', -29.6), '1', 'the other feed tells it as well');
SELECT is(t.where_is('kato'), 'W3 possession', 'd5_two_feeds: the same presence');
SELECT is(t.known_as('kato'), current_setting('t.id')::bigint, 'd5_two_feeds: by the same name');
SELECT is(t.version('kato'), current_setting('t.v')::bigint, 'd5_two_feeds: nothing has changed');
SELECT is(t.by_door('kato', 'w3', current_setting('t.seen')::jsonb), 'accept door_and_terminal 0',
    'd5_two_feeds: what was read between the two still counts');
SELECT is(t.read('kato', 'w4') ->> 'door_fault', 'presence_in_use', 'd5_two_feeds: and opens no second terminal');
SELECT is(t.by_door('kato', 'w4', t.read('kato', 'w4') || jsonb_build_object('door_event',
    (SELECT max(id) FROM door_event))), 'reject presence_ended 0', 'd5_two_feeds: under no name');
SELECT is(t.told('two', 'leave', 'kato', -20), '1', 'an exit');
SELECT is(t.told('one', 'leave', 'kato', -20.3), '1', 'told twice');
SELECT is(t.version('kato'), current_setting('t.v')::bigint + 1, 'd5_two_feeds: one leaving');
SELECT is(t.where_is('kato'), 'nowhere', 'and gone');

-- Whichever comes first.
SELECT t.fresh('mori') \g /dev/null
SELECT t.told('two', 'enter', 'mori', -29) \g /dev/null
SELECT set_config('t.id', t.known_as('mori')::text, true) \g /dev/null
SELECT is(t.by_door('mori', 'w3'), 'accept door_and_terminal 0', 'the later one first');
SELECT t.told('one', 'enter', 'mori', -30) \g /dev/null
SELECT is(t.known_as('mori'), current_setting('t.id')::bigint, 'd5_two_feeds: it stays what it was');
SELECT is(t.read('mori', 'w4') ->> 'door_fault', 'presence_in_use', 'd5_two_feeds: with its terminal');

-- A movement onwards, told twice, is one too.
SELECT t.told('one', 'enter', 'mori', -15, 'inner'), t.told('two', 'enter', 'mori', -14, 'inner') \g /dev/null
SELECT is(t.version('mori'), current_setting('t.v')::bigint + 1, 'd5_two_feeds: one move');
SELECT t.told('one', 'leave', 'mori', -10, 'inner'), t.told('two', 'leave', 'mori', -9, 'inner') \g /dev/null
SELECT is(t.where_is('mori'), 'W3 possession', 'back in W3');
SELECT is(t.version('mori'), current_setting('t.v')::bigint + 2, 'd5_two_feeds: one way back');

-- Who hears and in time: one of them is enough.
SELECT t.fresh('ito') \g /dev/null
SELECT t.told('one', 'enter', 'ito', -30), t.told('two', 'enter', 'ito', -29) \g /dev/null
UPDATE door_source SET heard_at = heard_at - interval '2 minutes' WHERE name = 'two';
SELECT is(t.where_is('ito'), 'W3 possession', 'd5_two_feeds: while one of them is heard');
UPDATE door_source SET heard_at = heard_at - interval '2 minutes' WHERE name = 'one';
SELECT is(t.where_is('ito'), 'W3 source_silent', 'd5_silent_feed: but not when neither is');
SELECT door_events('one', '[]', NULL), door_events('two', '[]', NULL) \g /dev/null

-- What it was: the worse word holds, in either order.
SELECT t.fresh('abe'), t.fresh('oda') \g /dev/null
SELECT t.told('one', 'enter', 'abe', -30, p_more => '{"method": "uid"}'), t.told('two', 'enter', 'abe', -29) \g /dev/null
SELECT t.told('one', 'enter', 'oda', -30), t.told('two', 'enter', 'oda', -29, p_more => '{"method": "uid"}') \g /dev/null
SELECT is(t.where_is('abe'), 'W3 no_factor', 'd5_cloned_number: a second feed makes no card of it');
SELECT is(t.where_is('oda'), 'W3 no_factor', 'd5_cloned_number: nor the first');
SELECT t.fresh('ono') \g /dev/null
SELECT badge_add('ono', '\x04a1b2c3') \g /dev/null
SELECT t.told('one', 'enter', 'ono', -30) \g /dev/null
SELECT badge_remove('\x04a1b2c3') \g /dev/null
SELECT is(t.where_is('ono'), 'W3 card_ended', 'what was used has ended');
SELECT t.told('two', 'enter', 'ono', -29) \g /dev/null
SELECT is(t.where_is('ono'), 'W3 card_ended', 'd5_card_lost: the second feed does not bring it back');

-- What is not the same.
SELECT t.fresh('aoki') \g /dev/null
SELECT t.told('one', 'enter', 'aoki', -30) \g /dev/null
SELECT set_config('t.id', t.known_as('aoki')::text, true) \g /dev/null
SELECT t.told('two', 'enter', 'aoki', -24.9) \g /dev/null
SELECT isnt(t.known_as('aoki'), current_setting('t.id')::bigint, 'after five seconds it is another entry');
SELECT set_config('t.id', t.known_as('aoki')::text, true) \g /dev/null
SELECT t.told('two', 'enter', 'aoki', -24, 'side') \g /dev/null
SELECT isnt(t.known_as('aoki'), current_setting('t.id')::bigint, 'and through another door');
SELECT t.fresh('doi') \g /dev/null
SELECT t.told('one', 'enter', 'doi', -30) \g /dev/null
SELECT set_config('t.id', t.known_as('doi')::text, true) \g /dev/null
SELECT t.told('one', 'enter', 'doi', -29) \g /dev/null
SELECT isnt(t.known_as('doi'), current_setting('t.id')::bigint, 'and what the same source tells again');
SELECT t.fresh('baba') \g /dev/null
SELECT t.told('one', 'enter', 'baba', -30) \g /dev/null
SELECT set_config('t.id', t.known_as('baba')::text, true) \g /dev/null
SELECT t.told('one', 'leave', 'baba', -29), t.told('one', 'enter', 'baba', -28) \g /dev/null
SELECT isnt(t.known_as('baba'), current_setting('t.id')::bigint, 'and after an exit');
SELECT t.told('one', 'leave', 'baba', -27), t.told('one', 'enter', 'baba', -26, p_more => '{"method": "uid"}') \g /dev/null
SELECT is(t.where_is('baba'), 'W3 no_factor', 'd5_leaves: what was left does not count again');

-- Told by the second feed when the first has told the exit already.
SELECT t.fresh('endo') \g /dev/null
SELECT t.told('one', 'enter', 'endo', -30), t.told('one', 'leave', 'endo', -20), t.told('two', 'enter', 'endo', -15) \g /dev/null
SELECT is(t.where_is('endo'), 'W3 told_after_exit', 'd5_two_feeds: an entry told after its exit counts for nothing');
SELECT t.told('one', 'enter', 'endo', -14) \g /dev/null
SELECT is(t.where_is('endo'), 'W3 possession', 'until the other tells of a return as well');
SELECT t.fresh('hara') \g /dev/null
SELECT t.told('one', 'enter', 'hara', -40), t.told('two', 'enter', 'hara', -39), t.told('one', 'leave', 'hara', -30),
    t.told('two', 'enter', 'hara', -20) \g /dev/null
SELECT is(t.where_is('hara'), 'W3 possession', 'who told the first entry too tells of a return');
SELECT t.fresh('imai') \g /dev/null
SELECT t.told('one', 'enter', 'imai', -40), t.told('one', 'leave', 'imai', -30), t.told('two', 'enter', 'imai', -20, 'side') \g /dev/null
SELECT is(t.where_is('imai'), 'W3 possession', 'and another door is another entry');
SELECT t.fresh('seki') \g /dev/null
SELECT t.told('one', 'enter', 'seki', -90), t.told('one', 'leave', 'seki', -80), t.told('two', 'enter', 'seki', -15) \g /dev/null
SELECT is(t.where_is('seki'), 'W3 possession', 'as is one a minute later');
\ir end.psql
