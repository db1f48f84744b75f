-- SPDX-License-Identifier: GPL-2.0-or-later
-- Doors and presence: what must not count as a factor (guideline D.5).
\ir begin.psql

SELECT zone_add('W3'), zone_add('ICU'), zone_add('corridor') \g /dev/null
SELECT door_add('W3 main', NULL, 'W3', 'card', 'card') \g /dev/null
SELECT door_add('W3 back', NULL, 'W3', 'uid', '') \g /dev/null
SELECT door_add('ICU', 'W3', 'ICU', 'card_pin', 'card', p_reports_opened => true) \g /dev/null
SELECT door_source_add('feed', 90, session_user::text) \g /dev/null
SELECT door_source_add('other', 90, session_user::text) \g /dev/null

\ir door.psql

SELECT is(t.where_is('sato'), 'nowhere', 'd5: who never entered is nowhere');
SELECT is(t.event('enter', 'W3 main', 'sato', 5), 'taken', 'd5: a card at the door');
SELECT is(t.where_is('sato'), 'W3 possession', 'd5: is possession inside');
SELECT is(t.where_is('suzuki'), 'nowhere', 'd5_tailgating: only for who was identified');
SELECT is(t.event('enter', 'W3 back', 'suzuki', 5), 'taken', 'd5: a number at the door');
SELECT is(t.where_is('suzuki'), 'W3 no_factor', 'd5_cloned_number: is no factor');
SELECT throws_ok($$SELECT door_set('W3 back', p_uid_until => current_date + 1)$$, 'SK001',
    'uid_why_missing', 'd5_cloned_number: nor accepted without a reason');
SELECT throws_ok($$SELECT door_set('W3 back', p_uid_until => current_date + 400, p_uid_why => 'x')$$,
    'SK001', 'uid_too_long', 'd5_cloned_number: nor for longer than a year');
SELECT door_set('W3 back', p_uid_until => current_date + 30, p_uid_why => 'replaced in spring') \g /dev/null
SELECT is(t.where_is('suzuki'), 'W3 possession', 'd5: while somebody accepts that risk it is');
SELECT is(t.where_is('suzuki', '40 days'), 'W3 no_factor', 'd5: until that ends');
SELECT is(t.event('enter', 'W3 main', 'suzuki', 4, '{"method": "code"}'), 'taken', 'd5: a shared code');
SELECT is(t.where_is('suzuki'), 'W3 no_factor', 'd5_shared_code: identifies nobody');
SELECT is(t.event('enter', 'W3 back', 'suzuki', 3, '{"method": "card_pin"}'), 'taken', 'd5: a feed that says more');
SELECT is(t.where_is('suzuki'), 'W3 no_factor', 'd5: than the reader can do is not believed');

-- Repetition, clocks, lateness.
SELECT is(t.event('enter', 'W3 main', 'suzuki', 2, '{"event": "once"}'), 'taken', 'an event');
SELECT is(t.event('leave', 'W3 main', 'suzuki', 1), 'taken', 'is over');
SELECT is(t.event('enter', 'W3 main', 'suzuki', 0, '{"event": "once"}'), 'repeated', 'd5_replayed_event: again');
SELECT is(t.where_is('suzuki'), 'nowhere', 'd5_replayed_event: it brings nobody back');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'door_event_repeated'), 1::bigint, 'd5_replayed_event: an alert');
SELECT is(t.event('enter', 'W3 main', 'suzuki', 0, '{"event": "once"}', 'other'), 'taken',
    'd5: another source may use the same number');
SELECT is(t.event('enter', 'W3 main', 'suzuki', -61), 'from_the_future', 'd5_clock_skew: an event of the future');
SELECT is(t.event('enter', 'W3 main', 'suzuki', -30), 'taken', 'd5_clock_skew: within a minute it is a clock');
SELECT is(t.event('leave', 'W3 main', 'suzuki', -31), 'taken', 'leaves') ;
SELECT is(t.where_is('suzuki'), 'nowhere', 'and is away');
SELECT t.person('tanaka') \g /dev/null
SELECT is(t.event('enter', 'W3 main', 'tanaka', 119), 'taken', 'two minutes old');
SELECT is(t.where_is('tanaka'), 'W3 possession', 'd5_late_event: just counts');
SELECT is(t.event('leave', 'W3 main', 'tanaka', 118), 'taken', 'a late exit');
SELECT is(t.where_is('tanaka'), 'nowhere', 'd5_late_event: ends it');
SELECT is(t.event('enter', 'W3 main', 'tanaka', 117.5 + 3), 'taken', 'an entry before that exit');
SELECT is(t.where_is('tanaka'), 'nowhere', 'd5: whichever order they come in');
SELECT t.person('ito') \g /dev/null
SELECT is(t.event('enter', 'W3 main', 'ito', 121), 'taken', 'older than two minutes');
SELECT is(t.where_is('ito'), 'W3 late', 'd5_late_event: is history');
SELECT is(t.event('enter', 'W3 main', 'ito', 1000, '{"seq": 7}'), 'taken', 'a numbered one');
SELECT is(t.event('enter', 'W3 main', 'ito', 0, '{"seq": 7}'), 'sequence', 'd5_replayed_event: under another name');
SELECT is(t.event('enter', 'W3 main', 'ito', 0, '{"seq": "x"}'), 'taken', 'what is no number is none');

-- A door that says whether it was opened; another zone.
SELECT is(t.event('enter', 'ICU', 'sato', 3), 'taken', 'a card at a door that reports opening');
SELECT is(t.where_is('sato'), 'ICU not_opened', 'd5_tailgating: and was not opened: nobody is in there');
SELECT is(t.event('opened', 'ICU', NULL, 2), 'taken', 'opened');
SELECT is(t.where_is('sato'), 'ICU possession', 'd5_no_exit_reader: now he is, and an entry elsewhere ended that into W3');
SELECT is(t.event('leave', 'ICU', 'sato', 1), 'taken', 'back');
SELECT is(t.where_is('sato'), 'W3 possession', 'd5: into W3, by the card on that side');

-- A zone that wants doors that let one person through at a time.
SELECT zone_set('W3', p_single_file => true) \g /dev/null
SELECT is(t.where_is('sato'), 'W3 not_single_file', 'd5_tailgating: not through a door where two can pass');
SELECT door_set('ICU', p_single_file => true) \g /dev/null
SELECT is(t.where_is('sato'), 'W3 possession', 'd5_tailgating: but through one where they cannot');
SELECT is((SELECT x -> 'single_file' FROM jsonb_array_elements(zone_list()) x WHERE x ->> 'name' = 'W3'), 'true', 'which is listed');
SELECT zone_set('W3', p_single_file => false) \g /dev/null

-- Time.
SELECT is(t.where_is('sato', '11 hours'), 'W3 possession', 'd5_no_exit_reader: for the shift');
SELECT is(t.where_is('sato', '13 hours'), 'W3 expired', 'd5_no_exit_reader: and not longer');
SELECT zone_set('W3', p_shift_minutes => 60) \g /dev/null
SELECT is(t.where_is('sato', '61 minutes'), 'W3 expired', 'd5: the shift is the zone''s');
SELECT zone_set('W3', p_shift_minutes => 1440, p_clear_at => to_char((clock_timestamp() + interval '5 minutes')
    AT TIME ZONE 'Asia/Tokyo', 'HH24:MI')) \g /dev/null
SELECT is(t.where_is('sato', '3 minutes'), 'W3 possession', 'd5_nightly_clear: before it');
SELECT is(t.where_is('sato', '6 minutes'), 'W3 cleared', 'd5_nightly_clear: after it');
SELECT zone_set('W3', p_clear_at => '', p_shift_minutes => 720) \g /dev/null
SELECT is(t.where_is('sato', '6 minutes'), 'W3 possession', 'd5_nightly_clear: off where people work at night');

-- Silence and alarms end nothing that runs, and let nobody in anew.
SELECT is(t.where_is('sato'), 'W3 possession', 'd5: heard of');
UPDATE door_source SET heard_at = heard_at - interval '91 seconds' WHERE name = 'feed';
SELECT is(t.where_is('sato'), 'W3 source_silent', 'd5_silent_feed: not any more');
SELECT housekeeping() \g /dev/null
SELECT is((SELECT count(*) FROM audit WHERE reason = 'door_source_silent'), 1::bigint, 'd7: said once');
SELECT housekeeping() \g /dev/null
SELECT is((SELECT count(*) FROM audit WHERE reason = 'door_source_silent'), 1::bigint, 'd7: and not twice');
SELECT door_events('feed', '[]', 'here') \g /dev/null
SELECT is(t.where_is('sato'), 'W3 possession', 'd5: a heartbeat is enough');
SELECT is(door_source_begin('feed') ->> 'cursor', 'here', 'and keeps the cursor');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'door_source_heard'), 1::bigint, 'd7: heard again');
CREATE FUNCTION t.alarm(p_kind text, p_end text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is(t.event(p_kind, 'W3 main', NULL), 'taken', p_kind);
    RETURN NEXT is(t.where_is('sato'), 'W3 zone_alarm', 'd5_alarm: voids presence: ' || p_kind);
    RETURN NEXT is(t.event('fire_over', 'W3 main', NULL), 'taken', 'an end of fire');
    RETURN NEXT is(t.event('closed', 'W3 main', NULL), 'taken', 'a door that closes');
    RETURN NEXT is(t.where_is('sato'), CASE p_end WHEN 'event' THEN 'W3 possession' ELSE 'W3 zone_alarm' END,
        'd5_alarm: ended by an event or not: ' || p_kind);
    PERFORM zone_set('W3', p_alarm_over => true);
    RETURN NEXT is(t.where_is('sato'), 'W3 possession', 'd5_alarm: until somebody has looked: ' || p_kind);
END
$$;
SELECT t.alarm('fire', 'event');
SELECT t.alarm('held', 'event');
SELECT t.alarm('forced', 'operator');
SELECT t.alarm('duress', 'operator');
SELECT t.alarm('passback', 'operator');
SELECT is((SELECT count(*) FROM audit WHERE reason ~ '^door_(fire|held|forced|duress|passback)$'), 5::bigint,
    'd5_alarm: each is an alert');

-- What cannot be mapped is kept, and makes nobody present.
SELECT is(t.event('enter', 'no door', 'sato'), 'door_unknown', 'a door that nobody recorded');
SELECT is(t.event('enter', 'W3 main', 'nobody'), 'person_unknown', 'somebody unknown');
SELECT is(t.event('dance', 'W3 main', 'sato'), 'kind_unknown', 'something unknown');
SELECT is(t.event('enter', 'W3 main', 'ito', 0, '{"why": "no such column", "raw": "a;b"}'), 'not_mapped', 'what the feed did not understand');
SELECT is(t.event('enter', 'W3 main', 'ito', 0, '{"at": "now"}'), 'event_malformed', 'a time that is none');
SELECT is(t.event('enter', 'W3 main', 'ito', 0, '{"event": ""}'), 'event_malformed', 'a name that is none');
SELECT is(jsonb_array_length(door_quarantine()), 8, 'all are listed');
SELECT is(door_quarantine() #>> '{2,detail,raw}', 'a;b', 'with what came');
SELECT throws_ok($$SELECT door_events('feed', '{}', NULL)$$, 'SK001', 'events_malformed', 'not a list');
SELECT throws_ok($$SELECT door_events('none', '[]', NULL)$$, 'SK001', 'source_unknown', 'd5_forged_feed: no such source');
UPDATE door_source SET role = 'sekisho_door_feed' WHERE name = 'other';
SELECT throws_ok($$SELECT door_events('other', '[]', NULL)$$, 'SK001', 'source_not_yours', 'd5_forged_feed: another''s source');
SELECT throws_ok('UPDATE door_event SET at = now()', 'SK002', NULL, 'events are facts');
SELECT throws_ok('DELETE FROM door_event', 'SK002', NULL, 'for good');
SELECT throws_ok('DELETE FROM door', 'SK002', NULL, 'the doors that they name stay');
SELECT throws_ok('DELETE FROM door_source', 'SK002', NULL, 'and their sources');
SELECT throws_ok($$UPDATE door SET id = gen_random_uuid() WHERE name = 'W3 main'$$, 'SK002', NULL, 'and what identifies them');
SELECT throws_ok('UPDATE door_source SET id = gen_random_uuid()', 'SK002', NULL, 'both');

-- Who leaves raises the version that logins compare; who enters does not.
CREATE FUNCTION t.version(p_login text) RETURNS bigint LANGUAGE sql AS $$
    SELECT version FROM person WHERE login = p_login
$$;
SELECT t.person('kato') \g /dev/null
SELECT set_config('t.v', t.version('kato')::text, true) \g /dev/null
SELECT t.event('enter', 'W3 main', 'kato', 3) \g /dev/null
SELECT is(t.version('kato'), current_setting('t.v')::bigint, 'entering weakens nothing');
SELECT t.event('leave', 'W3 main', 'kato', 2) \g /dev/null
SELECT is(t.version('kato'), current_setting('t.v')::bigint + 1, 'leaving does');

-- Who is where, and who asked.
SELECT t.event('enter', 'W3 main', 'kato', 0) \g /dev/null
SELECT is((SELECT array_agg(x ->> 'login' ORDER BY x ->> 'login') FROM jsonb_array_elements(presence_who('W3')) x),
    '{ito,kato,sato}', 'who is in W3');
SELECT is((SELECT count(*) FROM jsonb_array_elements(presence_who('W3', clock_timestamp() - interval '3 seconds')) x
    WHERE x ->> 'login' = 'kato'), 1::bigint, 'who was there at a time');
SELECT is((SELECT count(*) FROM jsonb_array_elements(presence_who('W3', clock_timestamp() - interval '1 hour')) x), 0::bigint,
    'and nobody before that');
SELECT throws_ok($$SELECT presence_where('sato', ' ')$$, 'SK001', 'why_missing', 'nobody is followed without a reason');
SELECT is(presence_where('sato', 'called to a patient') ->> 'zone', 'W3', 'where sato is');
SELECT is((SELECT detail ->> 'why' FROM audit WHERE reason = 'presence_where'), 'called to a patient',
    'and that it was asked');
SELECT is(jsonb_array_length(presence_history('kato', 'complaint 7', now() - interval '1 day', now() + interval '1 day')), 3,
    'movements of a day');

-- A card that is lost ends the entries that it may have been used for.
SELECT t.person('mori') \g /dev/null
SELECT badge_add('mori', '\x04a1b2c3') \g /dev/null
SELECT t.event('enter', 'W3 main', NULL, 1, '{"badge": "04A1B2C3"}') \g /dev/null
SELECT is(t.where_is('mori'), 'W3 possession', 'd5: by a badge whose owner we know');
SELECT badge_remove('\x04a1b2c3') \g /dev/null
SELECT is(t.where_is('mori'), 'W3 card_ended', 'd5_card_lost: which ends with the badge');
SELECT is(t.event('enter', 'W3 main', NULL, 0, '{"badge": "04a1b2c3"}'), 'person_unknown', 'd5_card_lost: and is nobody''s then');
SELECT t.event('enter', 'W3 main', 'mori', 0) \g /dev/null
SELECT is(t.where_is('mori'), 'W3 possession', 'd5: another entry counts');
INSERT INTO token (id, person_id, method, status) VALUES (t.id('mori card'), t.person_id('mori'), 'card', 'active');
INSERT INTO card (token_id, number, origin, state) VALUES (t.id('mori card'), '00417', 'issued', 'active');
SELECT card_lost('00417', 'x') \g /dev/null
SELECT is(t.where_is('mori'), 'W3 card_ended', 'd5_card_lost: ends presence in one transaction');
SELECT t.event('enter', 'W3 main', 'mori', 0) \g /dev/null
SELECT is(t.where_is('mori'), 'W3 card_ended', 'd5_card_lost: and makes none: it may be what was used');
SELECT is(t.event('enter', 'W3 main', NULL, 0, '{"card": "00417"}'), 'person_unknown', 'd5_card_lost: named, it is nobody');
SELECT card_found('00417', 'passport') \g /dev/null
SELECT t.event('enter', 'W3 main', 'mori', 0) \g /dev/null
SELECT is(t.where_is('mori'), 'W3 possession', 'd5: when it is found, entries count again');
SELECT badge_add('mori', '\x04a1b2c3') \g /dev/null
SELECT card_lost('00417', 'again') \g /dev/null
SELECT t.event('enter', 'W3 main', NULL, 0, '{"badge": "04a1b2c3"}') \g /dev/null
SELECT is(t.where_is('mori'), 'W3 card_ended', 'd5_card_lost: its number is not what counts');
UPDATE card SET lost_at = lost_at - interval '40 days' WHERE number = '00417';
UPDATE badge SET added_at = added_at - interval '41 days' WHERE person_id = t.person_id('mori');
SELECT card_housekeeping() \g /dev/null
SELECT is((SELECT state FROM card WHERE number = '00417'), 'revoked', 'given up after a month');
SELECT t.event('enter', 'W3 main', NULL, 0, '{"badge": "04a1b2c3"}') \g /dev/null
SELECT is(t.where_is('mori'), 'W3 card_ended', 'd5_lost_card_stays_lost: whoever finds it then is not let in as its holder');
SELECT t.event('enter', 'W3 main', 'mori', 0) \g /dev/null
SELECT is(t.where_is('mori'), 'W3 card_ended', 'd5_lost_card_stays_lost: nor where the source says a name');
INSERT INTO token (id, person_id, method, status) VALUES (t.id('mori new'), t.person_id('mori'), 'card', 'active');
INSERT INTO card (token_id, number, origin, state) VALUES (t.id('mori new'), '00418', 'issued', 'active');
SELECT t.event('enter', 'W3 main', 'mori', 0) \g /dev/null
SELECT is(t.where_is('mori'), 'W3 card_ended', 'd5_lost_card_stays_lost: nor by a new one that is not proven');
INSERT INTO card_key (token_id, slot, key_id, spki, pin, valid_from, valid_until, proven_at)
VALUES (t.id('mori new'), '9e', t.bytes('mori9e', 32), t.bytes('mori9e', 32) || t.bytes('9e', 32), 'none', now() - interval '1 day', now() + interval '1 year', now());
SELECT t.event('enter', 'W3 main', 'mori', 0) \g /dev/null
SELECT is(t.where_is('mori'), 'W3 card_ended', 'd5_lost_card_stays_lost: nor while its number is the person''s');
SELECT t.event('enter', 'W3 main', NULL, 0, '{"card": "00418"}') \g /dev/null
SELECT is(t.where_is('mori'), 'W3 possession', 'd5: a card that is named is the new one');
SELECT badge_add('mori', '\x04a1b2c5') \g /dev/null
SELECT t.event('enter', 'W3 main', NULL, 0, '{"badge": "04a1b2c5"}') \g /dev/null
SELECT is(t.where_is('mori'), 'W3 possession', 'd5: new plastic counts at once');
SELECT badge_remove('\x04a1b2c3') \g /dev/null
SELECT t.event('enter', 'W3 main', 'mori', 0) \g /dev/null
SELECT is(t.where_is('mori'), 'W3 possession', 'd5: and when the lost number is gone, entries count again');

-- Door and terminal: what a worker reads, and what then counts.
SELECT client_set('w3', p_zone => 'W3'), client_set('vpn', p_zone => 'W3'), client_set('wlan', p_zone => 'W3'),
    client_set('old', p_zone => 'W3') \g /dev/null
SELECT is(t.read('kato', 'w3') ->> 'door_event', NULL, 'd5: nothing counts before a policy says so');
SELECT policy_set('terminal', p_methods => '{password,totp,card,pin,door}'),
    policy_set('vpn', p_methods => '{password,totp,card,pin,door}'),
    policy_set('wlan', p_methods => '{password,totp,card,pin,door}') \g /dev/null
SELECT is(t.read('kato', 'w3') ->> 'door_category', 'possession', 'd5: an entry is possession at a terminal inside');
SELECT is(t.read('kato', 'w3') ->> 'door_name', 'W3 main', 'd5: and says through which door');
SELECT is(t.read('kato', 'w4') ->> 'door_event', NULL, 'd5_outside_the_zone: not at a terminal elsewhere');
SELECT is(t.read('kato', 'w4') ->> 'door_counts', 'false', 'd5: where none would count');
SELECT is(t.read('kato', 'vpn') ->> 'door_event', NULL, 'd5_remote_while_inside: not from the VPN');
SELECT is(t.read('kato', 'wlan') ->> 'door_event', NULL, 'd5_remote_while_inside: not from the car park');
SELECT is(t.read('suzuki', 'w3') ->> 'door_event', NULL, 'd5_someone_elses_password: not for another person');
SELECT is(t.read('suzuki', 'w3') ->> 'door_counts', 'true', 'd5: for whom one would count');
UPDATE client SET address = '198.18.0.0/24' WHERE name = 'w3';
SELECT is(t.read('kato', 'w3') ->> 'door_event', NULL, 'd5: not where many terminals are one client');
UPDATE client SET address = '198.18.0.1/32' WHERE name = 'w3';
CREATE FUNCTION t.by_door(p_login text, p_client text, p_view jsonb DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v jsonb := coalesce(p_view, t.read(p_login, p_client));
BEGIN
    RETURN t.record(p_login, p_client, 'accept', 'door_and_terminal', '{knowledge}', p_view => v,
        p_evidence => jsonb_build_array(t.both() -> 0, jsonb_build_object('category', 'possession',
            'method', 'door', 'event', (v ->> 'door_event')::bigint)));
END
$$;
SELECT set_config('t.seen', t.read('kato', 'w3')::text, true) \g /dev/null
SELECT is(t.by_door('kato', 'w3'), 'accept door_and_terminal 0', 'd5_door_and_terminal: two factors');
SELECT is(t.by_door('kato', 'w3'), 'accept door_and_terminal 0', 'd5: and again at the same terminal');
SELECT client_set('w4', p_zone => 'W3') \g /dev/null
SELECT is(t.read('kato', 'w4') ->> 'door_event', NULL, 'd5_several_terminals: it is not even read at a second one');
SELECT is(t.read('kato', 'w4') ->> 'door_fault', 'presence_in_use', 'd5_several_terminals: and why');
SELECT is(t.by_door('kato', 'w4', t.read('kato', 'w4') || jsonb_build_object('door_event',
    t.read('kato', 'w3') -> 'door_event')), 'reject presence_in_use 0', 'd5_several_terminals: nor does it count there');
SELECT is(t.right('kato', 'w4', 1000), 'accept two_factors 0', 'd5_several_terminals: which needs two factors given there');
SELECT policy_set('terminal', p_door_terminals => 2) \g /dev/null
SELECT is(t.by_door('kato', 'w4'), 'accept door_and_terminal 0', 'd5: unless the policy allows two');
SELECT is(t.by_door('kato', 'w3', current_setting('t.seen')::jsonb), 'reject changed_meanwhile 0',
    'd5: what was read before a change counts no more');
SELECT set_config('t.seen', t.read('kato', 'w3')::text, true) \g /dev/null
SELECT zone_set('ICU') \g /dev/null
UPDATE door_source SET heard_at = heard_at - interval '91 seconds' WHERE name = 'feed';
SELECT is(t.by_door('kato', 'w3', current_setting('t.seen')::jsonb), 'reject presence_ended 0',
    'd5_silent_feed: nor what has fallen silent meanwhile');
SELECT is(t.counters(t.person_id('kato'), 'inside'), 'none', 'd5: which charges nobody');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'door_and_terminal' AND login = 'kato'), 3::bigint,
    'd5: the audit says that it was the equivalence');
SELECT is((SELECT detail ->> 'equivalence' || ' ' || ((detail ->> 'entry')::bigint = (evidence #>> '{1,event}')::bigint)
    FROM audit WHERE reason = 'door_and_terminal' AND login = 'kato' LIMIT 1), 'D.5 true', 'd5: with both events');
CREATE FUNCTION t.month() RETURNS jsonb LANGUAGE sql AS $$
    SELECT report_door_terminal(to_char(clock_timestamp() AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM'))
$$;
SELECT is(jsonb_array_length(t.month() -> 'accepts'), 3, 'd5: the month''s report has each');
SELECT is(t.month() #>> '{accepts,0,entry,door}', 'W3 main', 'd5: with the door');
SELECT is((SELECT x - 'zone' FROM jsonb_array_elements(t.month() -> 'terminals') x WHERE x ->> 'client' = 'w3'),
    '{"client": "w3", "accepts": 2, "persons": 1, "refused": {"presence_ended": 1}}', 'd5: and what each terminal did');
SELECT is((SELECT x ->> 'door' FROM jsonb_array_elements(t.month() -> 'risks') x), 'W3 back', 'd5: and the risks accepted');
SELECT is(t.month() #>> '{exceptions,0,client}', 'old', 'and the exceptions');
SELECT is(jsonb_array_length(report_door_terminal('2020-01') -> 'accepts'), 0, 'another month has none');
SELECT throws_ok($$SELECT report_door_terminal('2020-13')$$, 'SK001', 'month_malformed', 'and this is none');
SELECT is(report_no_fallback(), '[]', 'd5: whoever has a token has a way in without an entry');
UPDATE token SET status = 'suspended' WHERE id = t.id('kato/t');
SELECT is((SELECT array_agg(x ->> 'login' || ' ' || (x ->> 'clients')) FROM jsonb_array_elements(report_no_fallback()) x),
    '{"kato [\"w3\", \"w4\"]"}', 'd5: and who has not is listed');
UPDATE token SET status = 'active' WHERE id = t.id('kato/t');
SELECT t.event('leave', 'W3 main', 'kato', 0) \g /dev/null
SELECT is(t.by_door('kato', 'w3', current_setting('t.seen')::jsonb), 'reject changed_meanwhile 0',
    'd5_leaves: nor an entry that has ended');
SELECT is(t.read('kato', 'w3') ->> 'door_event', NULL, 'd5_leaves: and no new login by it');

-- Door and terminal need a password of class a; the number is a setting.
CREATE FUNCTION t.rule(p int) RETURNS void LANGUAGE sql AS $$
    UPDATE verifier SET min_chars = p WHERE person_id = t.person_id('kato') AND status = 'active'
$$;
SELECT door_events('feed', '[]', NULL) \g /dev/null
SELECT t.event('enter', 'W3 main', 'kato', 0) \g /dev/null
SELECT set_config('t.seen', t.read('kato', 'w3')::text, true) \g /dev/null
SELECT isnt(t.read('kato', 'w3') ->> 'door_event', NULL, 'c14_4a: thirteen characters are enough with an entry');
SELECT t.rule(8) \g /dev/null
SELECT is(t.read('kato', 'w3') ->> 'door_event', NULL, 'c14_4a: eight are not');
SELECT is(t.read('kato', 'w3') ->> 'door_fault', 'password_too_short_for_door', 'c14_4a: which is said');
SELECT is(t.by_door('kato', 'w3', current_setting('t.seen')::jsonb), 'reject password_too_short_for_door 0',
    'c14_4a: and asked again when it is recorded');
SELECT is(t.right('kato', 'w3', 2000), 'accept two_factors 0', 'c14_4c: with another factor they are');
SELECT t.rule(NULL) \g /dev/null
SELECT is(t.read('kato', 'w3') ->> 'door_fault', 'password_too_short_for_door', 'c14_4a: what nobody knows is not enough');
SELECT t.rule(13), setting_set('password.door_chars', '15') \g /dev/null
SELECT is(t.read('kato', 'w3') ->> 'door_fault', 'password_too_short_for_door', 'c14_4a: a newer rule is for older passwords, too');
SELECT throws_ok($$SELECT setting_set('password.door_chars', '7')$$, 'SK001', 'setting_value', 'c14_4a: within reason');
SELECT setting_set('password.door_chars', '13') \g /dev/null
UPDATE verifier SET opslimit = 1 WHERE person_id = t.person_id('kato') AND status = 'active';
SELECT verifier_rehash(person_id, id, gen_random_uuid(), salt, 2, 19456, sealed, 1) FROM verifier
  WHERE person_id = t.person_id('kato') AND status = 'active' \g /dev/null
SELECT isnt(t.read('kato', 'w3') ->> 'door_event', NULL, 'c14_4a: hashed anew it is as long as it was');

-- Events in any order, repeated, with skewed clocks: the same answer, that of
-- a model that sees them all at once.
SELECT door_add('lab', 'W3', 'corridor', 'card', 'card') \g /dev/null
CREATE FUNCTION t.model(p_events jsonb[]) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((SELECT CASE
            WHEN e ->> 'kind' = 'leave' AND e ->> 'door' = 'W3 main' THEN 'nowhere'
            WHEN e ->> 'door' = 'lab' AND e ->> 'kind' = 'enter' THEN 'corridor'
            ELSE 'W3' END || CASE WHEN e ->> 'kind' = 'leave' AND e ->> 'door' = 'W3 main' THEN ''
            WHEN (e ->> 'ago')::numeric > 120 THEN ' late' ELSE ' possession' END
        FROM unnest(p_events) e WHERE (e ->> 'ago')::numeric >= -60
        ORDER BY greatest((e ->> 'ago')::numeric, 0), e ->> 'kind' DESC, e ->> 'event' LIMIT 1), 'nowhere')
$$;
CREATE FUNCTION t.property(p_runs int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_all jsonb[];
    v_expected text;
    v_got text;
    v_bad int := 0;
    v_now numeric := extract(epoch FROM clock_timestamp());
    v_source door_source;
    e jsonb;
    i int;
BEGIN
    SELECT s.* INTO v_source FROM door_source s WHERE s.name = 'feed';
    FOR i IN 1 .. p_runs LOOP
        PERFORM t.person('p' || i);
        SELECT array_agg(jsonb_build_object('event', 'p' || i || '/' || n, 'kind', (ARRAY['enter', 'leave'])[1 + floor(random() * 2)::int],
            'door', (ARRAY['W3 main', 'lab'])[1 + floor(random() * 2)::int], 'login', 'p' || i,
            'ago', round((random() * 400 - 90)::numeric) + n / 100.0)) INTO v_all
          FROM generate_series(1, 1 + floor(random() * 7)::int) n;
        -- in an order of its own, and some of them twice
        FOR e IN SELECT x FROM (SELECT x, random() AS r FROM unnest(v_all) x
                  UNION ALL SELECT x, random() FROM unnest(v_all) x WHERE random() < 0.3) s ORDER BY r LOOP
            PERFORM door_events_take(v_source, jsonb_build_array(e - 'ago'
                || jsonb_build_object('at', v_now - (e ->> 'ago')::numeric)), to_timestamp(v_now));
        END LOOP;
        v_expected := t.model(v_all);
        SELECT coalesce((SELECT z.name || ' ' || coalesce(w.fault, w.category) FROM presence_of(t.person_id('p' || i),
            to_timestamp(v_now), true) w JOIN zone z ON z.id = w.zone_id), 'nowhere') INTO v_got;
        IF v_got <> v_expected THEN
            v_bad := v_bad + 1;
            IF v_bad = 1 THEN
                RAISE WARNING '% is %, not %: %', i, v_got, v_expected, v_all;
            END IF;
        END IF;
    END LOOP;
    RETURN v_bad;
END
$$;
SELECT is(t.property(300), 0, 'd5: three hundred persons in any order are where the model says');

-- Of several alarms each ends by itself.
SELECT zone_add('east') \g /dev/null
SELECT door_add('east 1', NULL, 'east', 'card', 'card'), door_add('east 2', 'east', 'corridor', 'card', 'card') \g /dev/null
CREATE FUNCTION t.alarm_in(p_zone text, p_ago interval DEFAULT '0') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(a.alarm, 'none') FROM zone z, zone_alarm(z.id, clock_timestamp() - p_ago) a WHERE z.name = p_zone
$$;
SELECT t.event('held', 'east 1', NULL, 300), t.event('closed', 'east 1', NULL, 290), t.event('forced', 'east 1', NULL, 280),
    t.event('fire', 'east 2', NULL, 270), t.event('fire_over', 'east 2', NULL, 260) \g /dev/null
SELECT is(t.alarm_in('east'), 'forced', 'd5_alarm: one that ended hides none that stands');
SELECT is(t.alarm_in('corridor'), 'none', 'd5_alarm: nor does one stand on the other side of another door');
SELECT t.event('held', 'east 2', NULL, 250) \g /dev/null
SELECT is(t.alarm_in('east'), 'held', 'd5_alarm: the newest is named');
SELECT is(t.alarm_in('corridor'), 'held', 'd5_alarm: on both sides');
SELECT is(t.alarm_in('corridor', '320 seconds'), 'none', 'd5_alarm: and at another time another');
SELECT t.event('closed', 'east 2', NULL, 255) \g /dev/null
SELECT is(t.alarm_in('corridor'), 'held', 'd5_alarm: what closed before that ends nothing');
SELECT t.event('closed', 'east 2', NULL, 240) \g /dev/null
SELECT is(t.alarm_in('corridor'), 'none', 'd5_alarm: what closed after it does');
SELECT zone_set('east', p_alarm_over => true) \g /dev/null
SELECT is(t.alarm_in('east'), 'none', 'd5_alarm: and a person ends the others');
-- What may stand is looked for, and taken back by housekeeping.
CREATE FUNCTION t.alarmed() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(name, ', ' ORDER BY name) FROM door WHERE alarmed AND name LIKE 'east%'
$$;
SELECT is(t.alarmed(), 'east 1, east 2', 'both doors had one');
SELECT t.event('forced', 'east 2', NULL, 0), housekeeping() \g /dev/null
SELECT is(t.alarmed(), 'east 1, east 2', 'd5_alarm: one that stands keeps its zone''s doors marked');
SELECT is(t.alarm_in('east'), 'forced', 'd5_alarm: and stands');
SELECT zone_set('east', p_alarm_over => true), zone_set('corridor', p_alarm_over => true), housekeeping() \g /dev/null
SELECT is(t.alarmed(), NULL, 'none is left, so none is marked');
SELECT is(t.alarm_in('east'), 'none', 'and none is found');
SELECT t.event('duress', 'east 1', NULL, 0) \g /dev/null
SELECT is(t.alarm_in('east'), 'duress', 'd5_alarm: the next one is');
SELECT zone_set('east', p_alarm_over => true), housekeeping() \g /dev/null
SELECT throws_ok('DELETE FROM person', 'SK002', NULL, 'persons whom events name stay');
SELECT throws_ok($$UPDATE person SET id = gen_random_uuid()$$, 'SK002', NULL, 'as who they are');

-- In one list what is in it matters, too.
CREATE FUNCTION t.list(VARIADIC p_events jsonb[]) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', r -> 'taken', r -> 'repeated', r -> 'quarantined')
      FROM door_events('feed', (SELECT jsonb_agg(jsonb_build_object('door', 'W3 main', 'at',
          extract(epoch FROM clock_timestamp()) - 9, 'kind', 'enter') || e) FROM unnest(p_events) e), NULL) r
$$;
SELECT t.person('kimura') \g /dev/null
SELECT set_config('t.v', t.version('kimura')::text, true) \g /dev/null
SELECT is(t.list('{"event": "l1", "login": "kimura"}', '{"event": "l1", "login": "ito"}', '{"event": "l2", "login": "ito", "kind": "opened"}'),
    '2 1 []', 'd5_replayed_event: a repetition in one list');
SELECT is((SELECT p.login FROM door_event e JOIN person p ON p.id = e.person_id WHERE e.event = 'l1'), 'kimura', 'd5_replayed_event: the first counts');
SELECT is(t.version('kimura'), current_setting('t.v')::bigint, 'entering weakens nothing');
SELECT is(t.list(jsonb_build_object('event', 'l3', 'kind', 'leave', 'login', 'kimura', 'at', extract(epoch FROM clock_timestamp()) - 5),
    jsonb_build_object('event', 'l4', 'login', 'kimura', 'at', extract(epoch FROM clock_timestamp()) - 4)), '2 0 []', 'out and in again in one list');
SELECT is(t.version('kimura'), current_setting('t.v')::bigint + 1, 'd5_leaves: is noticed');
SELECT t.person('abe') \g /dev/null
SELECT set_config('t.v', t.version('abe')::text, true) \g /dev/null
SELECT is(t.list(jsonb_build_object('event', 'l6', 'kind', 'leave', 'login', 'abe', 'at', extract(epoch FROM clock_timestamp()) - 4),
    '{"event": "l5", "login": "abe"}'), '2 0 []', 'in and out in one list, the exit first');
SELECT is(t.version('abe'), current_setting('t.v')::bigint + 1, 'd5_leaves: is noticed in any order');
SELECT is(t.where_is('abe'), 'nowhere', 'd5_leaves: and nobody is there');
SELECT is(t.list('{"event": "l7", "login": "abe", "seq": 1000}', '{"event": "l8", "login": "abe", "seq": 999}',
    '{"event": "l9", "login": "abe", "seq": 1001}', '{"event": "l7", "login": "abe", "seq": 1000}'),
    '2 1 [{"event": "l8", "reason": "sequence"}]', 'd5_replayed_event: numbers in one list');
SELECT is(t.list('{"event": "l10", "kind": "duress", "login": "abe"}', '{"event": "l10", "kind": "duress", "login": "abe"}',
    '{"event": "l11", "kind": "duress", "door": "no door"}'), '1 1 [{"event": "l11", "reason": "door_unknown"}]', 'an alarm twice');
SELECT is((SELECT count(*) FROM audit a WHERE a.reason = 'door_duress' AND a.person_id = t.person_id('abe')), 1::bigint,
    'd5_alarm: is one alert');
SELECT zone_set('W3', p_alarm_over => true) \g /dev/null

-- Lists cut in any way are taken as their events one by one are.
SELECT door_source_add('one', 90, session_user::text), door_source_add('many', 90, session_user::text) \g /dev/null
CREATE FUNCTION t.any_of(VARIADIC p_words text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT p_words[1 + floor(random() * cardinality(p_words))::int]
$$;
-- What became of them, without what tells the two sources apart.
CREATE FUNCTION t.became(p_source text, p_run int) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws('|', CASE WHEN length(e.event) < 64 THEN e.event END, e.kind, e.door_id,
               p.login ~ '^r', e.zone_id, e.method, e.quarantine, e.detail - 'login'), E'\n' ORDER BY e.id), '')
      FROM door_event e JOIN door_source s ON s.id = e.source_id LEFT JOIN person p ON p.id = e.person_id
     WHERE s.name = p_source AND e.id > p_run
$$;
CREATE FUNCTION t.cuts(p_runs int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v_now numeric := extract(epoch FROM clock_timestamp());
    v_all jsonb[];
    v_one jsonb;
    v_many jsonb;
    v_said jsonb[] := '{}';
    v_cut int;
    v_next int;
    v_bad int := 0;
    v_more int := 0;
    v_less int := 0;
    v_kinds int;
    v_begin bigint;
    r jsonb;
    i int;
BEGIN
    FOR i IN 1 .. p_runs LOOP
        PERFORM t.person('r' || i || 'one'), t.person('r' || i || 'many');
        SELECT array_agg(CASE floor(random() * 25)::int WHEN 0 THEN '"login"' WHEN 1 THEN '["why"]' WHEN 2 THEN '7'
            ELSE jsonb_strip_nulls(jsonb_build_object(
                'event', 'r' || i || '/' || floor(random() * 9), 'kind', t.any_of('enter', 'enter', 'enter', 'leave', 'leave', 'opened', 'duress', 'dance'),
                'door', t.any_of('W3 main', 'W3 main', 'lab', 'lab', 'ICU', 'no door'), 'login', t.any_of('who', 'who', 'who', 'who', 'nobody', NULL),
                'method', t.any_of(NULL, NULL, 'card', 'uid', 'biometric'), 'why', t.any_of(NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'x')))
                || CASE WHEN random() < 0.05 THEN '{"at": "soon"}' WHEN random() < 0.05 THEN '{}' WHEN random() < 0.05 THEN '{"event": 1.5}'
                   ELSE jsonb_build_object('at', v_now - (ARRAY[-900, 15, 5, 0, 10, 10, 20, 200])[1 + floor(random() * 8)::int]) END
                || CASE WHEN random() < 0.3 THEN jsonb_build_object('seq', i * 10 + floor(random() * 12)::int)
                   WHEN random() < 0.05 THEN jsonb_build_object('seq', (i * 10 + 5)::text) ELSE '{}' END END) INTO v_all
          FROM generate_series(1, 1 + floor(random() * 14)::int);
        v_begin := (SELECT coalesce(max(id), 0) FROM door_event);
        v_one := '{"taken": 0, "repeated": 0, "quarantined": []}';
        v_many := v_one;
        FOR v_next IN 1 .. cardinality(v_all) LOOP
            r := door_events('one', jsonb_build_array(CASE WHEN v_all[v_next] ->> 'login' = 'who'
                THEN v_all[v_next] || jsonb_build_object('login', 'r' || i || 'one') ELSE v_all[v_next] END), NULL);
            v_one := jsonb_build_object('taken', (v_one -> 'taken')::int + (r -> 'taken')::int, 'repeated',
                (v_one -> 'repeated')::int + (r -> 'repeated')::int, 'quarantined', (v_one -> 'quarantined') || (r -> 'quarantined'));
        END LOOP;
        v_next := 1;
        WHILE v_next <= cardinality(v_all) LOOP
            v_cut := v_next + floor(random() * 8)::int;
            r := door_events('many', (SELECT jsonb_agg(CASE WHEN x ->> 'login' = 'who'
                THEN x || jsonb_build_object('login', 'r' || i || 'many') ELSE x END ORDER BY n)
                FROM unnest(v_all[v_next : v_cut]) WITH ORDINALITY u (x, n)), NULL);
            v_many := jsonb_build_object('taken', (v_many -> 'taken')::int + (r -> 'taken')::int, 'repeated',
                (v_many -> 'repeated')::int + (r -> 'repeated')::int, 'quarantined', (v_many -> 'quarantined') || (r -> 'quarantined'));
            v_next := v_cut + 1;
        END LOOP;
        IF v_one <> v_many OR t.became('one', v_begin::int) <> t.became('many', v_begin::int)
            OR (SELECT count(DISTINCT coalesce(last_seq, 0)) FROM door_source WHERE name IN ('one', 'many')) > 1 THEN
            v_bad := v_bad + 1;
            IF v_bad = 1 THEN
                RAISE WARNING 'one by one % %, together % %: %', v_one, t.became('one', v_begin::int), v_many, t.became('many', v_begin::int), v_all;
            END IF;
        END IF;
        v_more := v_more + (t.version('r' || i || 'one') > t.version('r0'))::int;
        v_less := v_less + (t.version('r' || i || 'one') > t.version('r0') AND t.version('r' || i || 'many') = t.version('r0'))::int;
    END LOOP;
    v_kinds := (SELECT count(DISTINCT e.quarantine) FROM door_event e JOIN door_source s ON s.id = e.source_id WHERE s.name = 'many');
    RETURN NEXT is(v_bad, 0, 'd5: lists cut in any way are taken like their events one by one');
    RETURN NEXT is(v_less, 0, 'd5_leaves: whoever left has it noticed either way');
    RETURN NEXT ok(v_more > 0, 'd5_leaves: and some did');
    RETURN NEXT is(v_kinds, 8, 'every reason for quarantine was among them');
    RETURN NEXT is((SELECT count(*) FROM audit a WHERE a.reason = 'door_duress' AND a.detail ->> 'source' = 'one'),
        (SELECT count(*) FROM audit a WHERE a.reason = 'door_duress' AND a.detail ->> 'source' = 'many'), 'd5_alarm: as many alerts');
END
$$;
SELECT t.person('r0') \g /dev/null
SELECT t.cuts(200);

-- Whatever is known of the table, what a login waits for has an index of its own.
CREATE FUNCTION t.index_of(p_query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || p_query INTO v_plan;
    RETURN (SELECT string_agg(m[1], ' ') FROM regexp_matches(v_plan::text, '"(?:Index Name": "|Node Type": "Seq )(\w+)', 'g') m);
END
$$;
CREATE FUNCTION t.indexes(p_when text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v_id text := quote_literal(gen_random_uuid());
BEGIN
    RETURN NEXT is(t.index_of('SELECT v.* FROM door_event v WHERE v.person_id = ' || v_id || ' AND v.kind IN (''enter'', ''leave'')
        AND v.quarantine = '''' AND v.at <= now() ORDER BY v.at DESC, v.kind DESC, v.source_id, v.event LIMIT 1'),
        'door_event_person', 'where a person is: ' || p_when);
    RETURN NEXT is(t.index_of('SELECT v.person_id FROM door_event v WHERE v.zone_id = ' || v_id || ' AND v.kind IN (''enter'', ''leave'')
        AND v.quarantine = '''' AND v.at > now() - interval ''1 day'' AND v.at <= now()'),
        'door_event_zone', 'who is in a zone: ' || p_when);
    RETURN NEXT is(t.index_of('SELECT x.at FROM door_event x WHERE x.door_id = ' || v_id || ' AND x.kind = ''fire'' AND x.quarantine = ''''
        AND x.at <= now() ORDER BY x.at DESC LIMIT 1'), 'door_event_door', 'an alarm: ' || p_when);
END
$$;
-- Whether somebody has gone since an entry: not all that ever happened is read.
SELECT t.person('endo') \g /dev/null
INSERT INTO door_event (source_id, event, kind, door_id, person_id, zone_id, method, at)
SELECT s.id, 'endo' || i, CASE i % 2 WHEN 0 THEN 'enter' ELSE 'leave' END, d.id, t.person_id('endo'),
       CASE i % 2 WHEN 0 THEN d.to_zone END, 'card', now() - interval '1 day' - i * interval '1 minute'
  FROM generate_series(1, 10000) i, door_source s, door d WHERE s.name = 'feed' AND d.name = 'W3 main' AND d.status = 'active';
SELECT t.event('enter', 'W3 main', 'endo', 5) \g /dev/null
CREATE FUNCTION t.moved(p_when text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v_query text := (SELECT replace(replace(p.prosrc, 'p_person', quote_literal(t.person_id('endo')) || '::uuid'),
        'p_door_event', (SELECT max(e.id)::text FROM door_event e WHERE e.person_id = t.person_id('endo')))
        FROM pg_proc p WHERE p.oid = 'sekisho.session_moved(uuid, bigint)'::regprocedure);
    v_plan json;
    v_cond text;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || v_query INTO v_plan;
    v_cond := jsonb_path_query_first(v_plan::jsonb, 'strict $.** ? (@."Index Name" == "door_event_person")."Index Cond"') #>> '{}';
    RETURN NEXT ok(coalesce(v_cond LIKE '%person_id = %' AND v_cond LIKE '%at >= %', false), 'since when somebody is away: ' || p_when);
    RETURN NEXT cmp_ok((SELECT sum((x ->> 0)::int) FROM jsonb_path_query(v_plan::jsonb, 'strict $.**."Rows Removed by Filter"') q (y),
        jsonb_build_array(y) x), '<', 100::bigint, 'and little is read: ' || p_when);
END
$$;
DELETE FROM pg_statistic WHERE starelid = 'door_event'::regclass;
SELECT t.indexes('without statistics');
SELECT t.moved('without statistics');
ANALYZE door_event;
SELECT t.indexes('with statistics');
SELECT t.moved('with statistics');
\ir end.psql
