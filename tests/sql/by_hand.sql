-- SPDX-License-Identifier: GPL-2.0-or-later
-- Entries and exits that officers enter: two people, marked, never a factor
-- (guideline D.5: operator inserts an entry).
\ir begin.psql
CREATE ROLE t_asker LOGIN IN ROLE sekisho_operator, sekisho_approval;
CREATE ROLE t_second LOGIN IN ROLE sekisho_approval;
GRANT USAGE ON SCHEMA t, tap TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap, t TO PUBLIC;
SELECT zone_add('W3'), zone_add('ICU') \g /dev/null
SELECT door_add('main', NULL, 'W3', 'card', 'card'), door_add('icu', 'W3', 'ICU', 'card', 'card'),
    door_source_add('feed', 90, session_user::text), client_set('w3', p_zone => 'W3'),
    policy_set('terminal', p_methods => '{password,totp,card,pin,door}') \g /dev/null
CREATE FUNCTION t.where_is(p_login text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT coalesce((SELECT z.name || ' ' || coalesce(w.fault, w.category)
        FROM sekisho.presence_of(t.person_id(p_login), clock_timestamp(), true) w
             JOIN sekisho.zone z ON z.id = w.zone_id), 'nowhere')
$$;
CREATE SEQUENCE t.number;
CREATE FUNCTION t.enter(p_login text, p_door text DEFAULT 'main') RETURNS jsonb LANGUAGE sql AS $$
    SELECT door_events('feed', jsonb_build_array(jsonb_build_object('event', 'e' || nextval('t.number'), 'kind', 'enter',
        'door', p_door, 'login', p_login, 'at', extract(epoch FROM clock_timestamp()))), NULL)
$$;
CREATE FUNCTION t.approve(p_order text) RETURNS text LANGUAGE sql AS $$
    SELECT sekisho.order_approve(p_order, decode(sekisho.order_find(p_order) ->> 'digest', 'hex')) ->> 'status'
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA t TO PUBLIC;

SET SESSION AUTHORIZATION t_asker;
SELECT throws_ok($$SELECT sekisho.presence_enter('sato', 'main', ' ')$$, 'SK001', 'why_missing', 'a reason must be given');
SELECT throws_ok($$SELECT sekisho.presence_enter('sato', 'nowhere', 'reader broken')$$, 'SK001', 'door_unknown', 'and a door');
SELECT throws_ok($$SELECT sekisho.presence_enter('nobody', 'main', 'reader broken')$$, 'SK001', 'person_unknown', 'and a person');
SELECT set_config('t.order', sekisho.presence_enter('sato', 'main', 'reader broken') ->> 'id', true) \g /dev/null
SELECT is(t.where_is('sato'), 'nowhere', 'd5_operator_inserts_an_entry: asking enters nobody');
SELECT throws_ok($$SELECT t.approve(current_setting('t.order'))$$, 'SK001', 'approval_own',
    'd5_operator_inserts_an_entry: it takes two people');
SELECT throws_ok($$SELECT sekisho.order_rule_set('presence_enter', 0)$$, 'SK001', 'order_rule_value',
    'd5_operator_inserts_an_entry: always');
RESET SESSION AUTHORIZATION;
SELECT throws_ok($$SELECT presence_enter_finish(o) FROM order_ o WHERE o.id = current_setting('t.order')::uuid$$,
    'P0001', NULL, 'd5_operator_inserts_an_entry: whoever calls what');
SELECT is((SELECT count(*) FROM orders_card_open(true)), 0::bigint, 'it is nothing for the clerk');
SET SESSION AUTHORIZATION t_second;
SELECT is(sekisho.order_find(current_setting('t.order')) #>> '{entry,door}', 'main', 'who is to agree sees the door');
SELECT throws_ok($$SELECT sekisho.order_approve(current_setting('t.order'), sha256('x'))$$, 'SK001', 'order_changed',
    'and agrees to exactly that');
SELECT is(t.approve(current_setting('t.order')), 'done', 'another officer agrees');
SELECT throws_ok($$SELECT t.approve(current_setting('t.order'))$$, 'SK001', 'order_not_waiting', 'once');
RESET SESSION AUTHORIZATION;
SELECT is(t.where_is('sato'), 'W3 by_hand', 'd5_operator_inserts_an_entry: marked manual');
SELECT is((SELECT category FROM presence_of(t.person_id('sato'), clock_timestamp(), true)), NULL,
    'd5_operator_inserts_an_entry: of no category');
SELECT is(t.read('sato', 'w3') ->> 'door_event', NULL, 'd5_operator_inserts_an_entry: never a factor');
SELECT is((SELECT count(*) FROM jsonb_array_elements(presence_who('W3')) x WHERE x ->> 'login' = 'sato'), 1::bigint,
    'who is in the zone knows it');
SELECT is(presence_history('sato', 'test', now() - interval '1 day', now() + interval '1 day') -> 0 -> 'by_hand', 'true'::jsonb,
    'so does history');
SELECT is((SELECT detail -> 'approved_by' ->> 0 FROM audit WHERE kind = 'order' AND reason = 'presence_enter'), 't_second',
    'and the audit who agreed');
SELECT throws_ok($$SELECT door_source_of('entered by hand')$$, 'SK001', 'source_unknown', 'nobody speaks for its source');
SELECT throws_ok($$SELECT door_source_add('entered by hand')$$, 'SK001', 'source_exists', 'nor can');
SELECT throws_ok($$SELECT door_source_remove('entered by hand')$$, 'SK001', 'source_unknown', 'or take it away');
-- even if it were heard, at a door whose numbers are accepted
UPDATE door_source SET heard_at = clock_timestamp() WHERE status = 'manual';
SELECT door_set('main', p_method_in => 'uid', p_uid_until => current_date + 1, p_uid_why => 'x') \g /dev/null
SELECT is(t.read('sato', 'w3') ->> 'door_event', NULL, 'd5_operator_inserts_an_entry: whatever else holds');
SELECT door_set('main', p_method_in => 'card', p_uid_until => current_date - 1, p_uid_why => 'x') \g /dev/null

-- A real entry afterwards counts; by hand it is not taken away.
SELECT t.enter('sato') \g /dev/null
SELECT is(t.where_is('sato'), 'W3 by_hand', 'what is told within seconds of it is the same');
ALTER TABLE door_event DISABLE TRIGGER append_only;
UPDATE door_event SET at = at - interval '10 seconds' WHERE detail ->> 'by' = 'officer';
ALTER TABLE door_event ENABLE TRIGGER append_only;
SELECT is(t.where_is('sato'), 'W3 possession', 'a card at the door does count');
SELECT throws_ok($$SELECT presence_enter('sato', 'main', 'again')$$, 'SK001', 'presence_counts', 'and needs no hand');
-- A movement by hand out of a zone is noticed by logins that are being decided.
SELECT set_config('t.v', (SELECT version::text FROM person WHERE login = 'sato'), true) \g /dev/null
SELECT set_config('t.order', presence_enter('sato', 'icu', 'let in by the head') ->> 'id', true) \g /dev/null
SET SESSION AUTHORIZATION t_second;
SELECT is(t.approve(current_setting('t.order')), 'done', 'moved');
RESET SESSION AUTHORIZATION;
SELECT is(t.where_is('sato'), 'ICU by_hand', 'into another zone');
SELECT is((SELECT version FROM person WHERE login = 'sato'), current_setting('t.v')::bigint + 1, 'which a version tells');

-- Leaving: one officer, out of everything.
SELECT throws_ok($$SELECT presence_leave('suzuki', 'went home')$$, 'SK001', 'presence_none', 'who is nowhere cannot leave');
SELECT throws_ok($$SELECT presence_leave('sato', '')$$, 'SK001', 'why_missing', 'nor without a reason');
SELECT presence_leave('sato', 'went home') \g /dev/null
SELECT is(t.where_is('sato'), 'nowhere', 'an exit by hand ends it');
SELECT is((SELECT version FROM person WHERE login = 'sato'), current_setting('t.v')::bigint + 2, 'and is noticed');
SELECT is((SELECT detail ->> 'why' FROM audit WHERE reason = 'presence_leave'), 'went home', 'and recorded');
-- also an entry by a clock that is ahead
SELECT door_events('feed', jsonb_build_array(jsonb_build_object('event', 'ahead', 'kind', 'enter', 'door', 'main',
    'login', 'suzuki', 'at', extract(epoch FROM clock_timestamp()) + 50)), NULL) \g /dev/null
SELECT is(t.where_is('suzuki'), 'W3 possession', 'a clock ahead');
SELECT presence_leave('suzuki', 'went home') \g /dev/null
SELECT is(t.where_is('suzuki'), 'nowhere', 'is left as well');
-- Three may wait, no more; one that nobody agrees to enters nobody.
SELECT presence_enter('suzuki', 'main', 'why'), presence_enter('suzuki', 'main', 'why'), presence_enter('suzuki', 'main', 'why') \g /dev/null
SELECT throws_ok($$SELECT presence_enter('suzuki', 'main', 'why')$$, 'SK001', 'too_many_entries', 'not without end');
UPDATE order_ SET expires_at = clock_timestamp() - interval '1 second' WHERE status = 'waiting';
SELECT set_config('t.order', (SELECT id::text FROM order_ WHERE status = 'waiting' LIMIT 1), true) \g /dev/null
SET SESSION AUTHORIZATION t_second;
SELECT throws_ok($$SELECT t.approve(current_setting('t.order'))$$, 'SK001', 'order_expired', 'too late is too late');
RESET SESSION AUTHORIZATION;
SELECT is(t.where_is('suzuki'), 'nowhere', 'nobody was entered');
\ir end.psql
