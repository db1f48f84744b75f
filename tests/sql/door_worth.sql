-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a door's event is worth when clocks, doors, cards and sources are not what
-- they were (guideline D.5).
\ir begin.psql

SELECT zone_add('W3'), zone_add('corridor') \g /dev/null
SELECT door_add('W3 main', NULL, 'W3', 'card', 'card'), door_add('lab', 'W3', 'corridor', 'card', 'card') \g /dev/null
SELECT door_source_add('feed', 90, session_user::text), door_source_add('one', 90, session_user::text) \g /dev/null

\ir door.psql

-- A clock that is ahead hides no exit.
SELECT t.person('goto') \g /dev/null
SELECT is(t.event('enter', 'W3 main', 'goto', -40), 'taken', 'an entry by a clock that is ahead');
SELECT pg_sleep(0.01) \g /dev/null
SELECT is(t.event('leave', 'W3 main', 'goto', 0, '{}', 'one'), 'taken', 'the exit, by one that is right');
SELECT is(t.where_is('goto'), 'nowhere', 'd5_clock_skew: whoever left is not there');
SELECT ok(at <= received_at AND (detail ->> 'told')::timestamptz > received_at + interval '30 seconds', 'd5_clock_skew: and what was told is kept')
  FROM door_event WHERE person_id = t.person_id('goto') AND kind = 'enter';

-- Told in time, but of before the card ended.
SELECT t.person('wada'), pg_sleep(0.01) \g /dev/null
SELECT badge_add('wada', '\x04a1b2d0'), badge_add('wada', '\x04a1b2d1') \g /dev/null
SELECT badge_remove('\x04a1b2d0') \g /dev/null
SELECT t.event('enter', 'W3 main', 'wada', 60) \g /dev/null
SELECT is(t.where_is('wada'), 'W3 card_ended', 'd5_card_lost: an entry from before, told after, has ended, too');

-- A door that is removed opens nothing more; who leaves by it has left.
SELECT door_add('old', NULL, 'W3', 'card', 'card'), t.person('sano') \g /dev/null
SELECT t.event('enter', 'old', 'sano', 5) \g /dev/null
SELECT is(t.where_is('sano'), 'W3 possession', 'd5: through a door');
SELECT door_remove('old') \g /dev/null
SELECT is(t.where_is('sano'), 'W3 door_removed', 'd5_door_removed: which is removed');
SELECT is(t.event('enter', 'old', 'sano', 4), 'door_unknown', 'd5_door_removed: nobody enters by it');
SELECT is(t.event('leave', 'old', 'sano', 3), 'taken', 'd5_leaves: but an exit by it');
SELECT is(t.where_is('sano'), 'nowhere', 'd5_leaves: is one');
SELECT is(t.event('leave', 'never was', 'sano', 3), 'door_unknown', 'by a door that there was');

-- Numbers of a source do not hold up exits; a source that is back begins anew.
SELECT door_source_add('numbered', 90, session_user::text), t.person('yano') \g /dev/null
SELECT is(t.event('enter', 'W3 main', 'yano', 5, '{"seq": 50}', 'numbered'), 'taken', 'a numbered entry');
SELECT is(t.event('enter', 'W3 main', 'yano', 4, '{"seq": 50}', 'numbered'), 'sequence', 'd5_replayed_event: again');
SELECT is(t.where_is('yano'), 'W3 possession', 'inside');
SELECT is(t.event('leave', 'W3 main', 'yano', 3, '{"seq": 3}', 'numbered'), 'taken', 'd5_leaves: an exit with an old number');
SELECT is(t.where_is('yano'), 'nowhere', 'd5_leaves: ends it');
SELECT is(t.event('leave', 'lab', 'yano', 2, '{"seq": 3}', 'numbered'), 'taken', 'd5_leaves: into another zone');
SELECT is(t.where_is('yano'), 'W3 no_factor', 'd5_replayed_event: it identifies nobody there');
SELECT is(t.event('enter', 'W3 main', 'yano', 1, '{"seq": 51}', 'numbered'), 'taken', 'inside');
SELECT is(t.where_is('yano'), 'W3 possession', 'again');
SELECT door_source_remove('numbered') \g /dev/null
SELECT is(t.where_is('yano'), 'W3 source_silent', 'd5_silent_feed: a source that is removed');
SELECT door_source_add('numbered', 90, session_user::text), pg_sleep(0.01), door_events('numbered', '[]', NULL) \g /dev/null
SELECT is(t.where_is('yano'), 'W3 source_silent', 'd5_silent_feed: what it told before counts no more when it is back');
SELECT is(t.event('enter', 'W3 main', 'yano', 0, '{"seq": 1}', 'numbered'), 'taken', 'its numbers begin anew');
SELECT is(t.where_is('yano'), 'W3 possession', 'and it is believed');
\ir end.psql
