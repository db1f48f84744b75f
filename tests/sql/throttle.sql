-- SPDX-License-Identifier: GPL-2.0-or-later
-- Guideline D.4: a refusal time after each failure, a longer one after many.
\ir begin.psql

-- D.4 (1): five seconds more for each, up to sixty; the fifth locks.
CREATE FUNCTION t.d4_1_series() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v_cost int[] := '{5,10,15,20,900,30,35,40,45,900,55,60,60,60,900,60,60,60,60}';
    i int;
BEGIN
    FOR i IN 1 .. 19 LOOP
        RETURN NEXT is(t.wrong('sato', 'w3', 'guess ' || i),
            'reject wrong_password ' || v_cost[i], 'd4_1: failure ' || i || ' costs ' || v_cost[i]);
        PERFORM t.pass(make_interval(secs => v_cost[i] - 1));
        RETURN NEXT is(t.wait('sato', 'w3'), 1, 'd4_1: still running a second before');
        PERFORM t.pass('1 second');
        RETURN NEXT is(t.wait('sato', 'w3'), 0, 'd4_1: over after its time');
    END LOOP;
END
$$;
SELECT t.d4_1_series();
SELECT is(t.wrong('sato', 'w3', 'guess 20'), 'reject wrong_password 2147483647',
    'd4_2: twenty need an operator');
SELECT t.pass('10 years') \g /dev/null
SELECT is(t.wait('sato', 'w3'), 2147483647, 'd4_2: which no time ends');
SELECT is(t.counters(t.person_id('sato'), 'inside'), '20 20 operator', 'd4_2: as counted');
SELECT is(t.right('sato', 'w3', 1000), 'reject delay_running 2147483647',
    'd4_2: nor two right factors');

-- D.4 (1): inside the time nothing is evaluated, counted or prolonged.
SELECT is(t.wrong('suzuki', 'w3', 'a'), 'reject wrong_password 5', 'd4_1: a failure');
SELECT t.pass('2 seconds') \g /dev/null
SELECT is(t.wrong('suzuki', 'w3', 'b'), 'reject delay_running 3',
    'd4_1: inside the time a guess is refused');
SELECT is(t.right('suzuki', 'w3', 1000), 'reject delay_running 3',
    'd4_1: and so is what is right');
SELECT is(t.counters(t.person_id('suzuki'), 'inside'), '1 1 -', 'd4_1: neither was counted');
SELECT is(t.wait('suzuki', 'w3'), 3, 'd4_1: neither prolonged it');
SELECT is((SELECT last_step FROM token WHERE id = t.id('suzuki/t')), 0::bigint,
    'd4_1: nor spent the code');
SELECT is((SELECT count FROM refusal_tally WHERE login = 'suzuki' AND reason = 'delay_running'),
    2::bigint, 'd4_1: both are in one sum');
SELECT is(t.wait('suzuki', 'w4'), 3, 'd4_2: it runs at every client inside');
SELECT is(t.wait('suzuki', 'vpn'), 0, 'inside and outside count apart');
SELECT is(t.wait('suzuki', 'w3', 'possession'), 0, 'and each category');
SELECT is(t.wait('sato', 'vpn'), 0, 'nobody is locked outside by failures inside');
SELECT is(t.right('sato', 'vpn', 1000), 'accept two_factors 0', 'so this one gets in');
SELECT is(t.counters(t.person_id('sato'), 'inside'), '20 20 operator',
    'and resets only where it was proven');

-- The same wrong secret again is one failure.
SELECT t.person('tanaka') \g /dev/null
SELECT is(t.wrong('tanaka', 'vpn', 'old password'), 'reject wrong_password 5', 'counted once');
SELECT t.pass('5 seconds') \g /dev/null
SELECT is(t.wrong('tanaka', 'vpn', 'old password'), 'reject wrong_password_again 0',
    'the same again costs nothing');
SELECT is(t.counters(t.person_id('tanaka'), 'outside'), '1 1 -', 'and does not count');
SELECT is(t.wrong('tanaka', 'wlan', 'old password'), 'reject wrong_password_again 0',
    'from another client either');
SELECT is(t.wrong('tanaka', 'w3', 'old password'), 'reject wrong_password 5',
    'inside it is the first');
SELECT is(t.wrong('tanaka', 'vpn', 'another'), 'reject wrong_password 10', 'another one counts');
-- eight are remembered
CREATE FUNCTION t.eight() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM t.person('ito');
    FOR i IN 1 .. 9 LOOP
        PERFORM t.wrong('ito', 'vpn', 'guess ' || i);
        PERFORM t.pass('1 hour');
    END LOOP;
    RETURN split_part(t.wrong('ito', 'vpn', 'guess 2'), ' ', 2) || ' '
        || split_part(t.wrong('ito', 'vpn', 'guess 1'), ' ', 2);
END
$$;
SELECT is(t.eight(), 'wrong_password_again wrong_password', 'eight wrong ones are remembered');

-- SP 800-63B 5.2.2: a hundred over both scopes.
CREATE FUNCTION t.hundred() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v_client text;
BEGIN
    PERFORM t.person('mori');
    FOR i IN 1 .. 99 LOOP
        v_client := CASE WHEN i % 3 = 0 THEN 'w3' ELSE 'vpn' END;
        PERFORM t.wrong('mori', v_client, 'guess ' || i);
        PERFORM unlock('mori');
    END LOOP;
    RETURN NEXT is(t.counters(t.person_id('mori'), 'inside'), '0 33 -', 'unlocking keeps the total inside');
    RETURN NEXT is(t.counters(t.person_id('mori'), 'outside'), '0 66 -', 'and outside');
    RETURN NEXT is(t.wait('mori', 'w3'), 0, 'ninety-nine do not stop');
    RETURN NEXT is(t.wrong('mori', 'w3', 'guess 100'), 'reject wrong_password 2147483647', 'the hundredth does');
    RETURN NEXT is(t.wait('mori', 'vpn'), 2147483647, 'outside as well');
    RETURN NEXT is(t.wait('mori', 'w3', 'possession'), 0, 'the code is not meant');
    RETURN NEXT throws_ok($q$SELECT unlock('mori')$q$, 'SK001', 'rebind_needed', 'an operator cannot lift it');
    RETURN NEXT throws_ok($q$SELECT unlock('mori', 'knowledge')$q$, 'SK001', 'rebind_needed', 'nor by category');
    RETURN NEXT lives_ok($q$SELECT unlock('mori', 'possession')$q$, 'other categories can be unlocked');
    PERFORM password_set('mori', t.id('mori/p2'), t.bytes('salt', 16), 2, 64, 'box', 1, 8, t.proof('mori'));
    RETURN NEXT is(t.wait('mori', 'w3') + t.wait('mori', 'vpn'), 0, 'a new password does');
    RETURN NEXT is(t.counters(t.person_id('mori'), 'inside'), '0 0 -', 'and counts from nothing');
END
$$;
SELECT t.hundred();

-- A client whose requests anybody can forge counts alone, and never further.
CREATE FUNCTION t.forgeable() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM t.person('abe');
    PERFORM t.wrong('abe', 'vpn', 'x'), t.wrong('abe', 'w3', 'x');
    FOR i IN 1 .. 120 LOOP
        PERFORM t.wrong('abe', 'old', 'guess ' || i);
        UPDATE throttle SET hard = NULL, not_before = NULL
         WHERE subject = t.person_id('abe') AND scope LIKE 'client/%';
    END LOOP;
    PERFORM t.pass('1 hour');
    RETURN NEXT is(t.counters(t.person_id('abe'), 'client/' || t.id('old')), '120 120 -', 'counted in its own scope');
    RETURN NEXT is(t.counters(t.person_id('abe'), 'inside') || ', ' || t.counters(t.person_id('abe'), 'outside'),
        '1 1 -, 1 1 -', 'and nowhere else');
    RETURN NEXT is(t.wrong('abe', 'old', 'one more'), 'reject wrong_password 2147483647', 'it is stopped there');
    RETURN NEXT is(t.right('abe', 'vpn', 1000), 'accept two_factors 0', 'and not at an honest client');
END
$$;
SELECT t.forgeable();

-- Unknown names behave like persons.
SELECT is(t.wrong('nobody', 'w3', 'a'), 'reject wrong_password 5', 'an unknown name waits');
SELECT is(t.wait('nobody', 'w3'), 5, 'and is seen to');
SELECT is(t.wrong('nobody', 'w3', 'b'), 'reject delay_running 5', 'like anybody else');

-- A clock that steps back never makes a wait longer than it cost.
SELECT t.person('kato') \g /dev/null
SELECT is(t.wrong('kato', 'w3', 'a'), 'reject wrong_password 5', 'a failure');
SELECT t.pass('-1 day') \g /dev/null
SELECT is(t.wait('kato', 'w3'), 5, 'd4_1: a day back, and it still costs five seconds');
SELECT is(t.wrong('kato', 'w3', 'b'), 'reject delay_running 5', 'd4_1: a guess is refused');
SELECT is(attempt_tally(t.person_id('kato'), 'inside', t.id('w3'), 'delay_running', 'kato',
    t.person_id('kato'), 'K7-0002', 'node1'), 'K7-0001', 'd4_1: and summed up');
SELECT t.pass('6 seconds') \g /dev/null
SELECT is(t.wait('kato', 'w3'), 0, 'd4_1: the five seconds ran from then, not until yesterday comes');
SELECT is(t.wrong('kato', 'w3', 'c'), 'reject wrong_password 10', 'd4_1: it was still counted');
SELECT t.pass('8 seconds') \g /dev/null
SELECT t.wrong('kato', 'w3', 'd') \g /dev/null
SELECT is(t.wait('kato', 'w3'), 2, 'd4_1: a clock in step starts nothing anew');
SELECT t.pass('2 seconds') \g /dev/null

-- The rule alone, on the function.
SELECT is(throttle_wait(ROW(NULL, 'inside', 'knowledge', 0, 0, NULL, NULL, NULL, '{}')::throttle,
    clock_timestamp()), 0, 'no failure, no wait');
SELECT is(throttle_wait(ROW(NULL, 'inside', 'knowledge', 1, 1, '2030-01-01', '2030-01-01 00:00:05',
    NULL, '{}')::throttle, '2030-01-01 00:00:04.2'), 1, 'parts of a second are rounded up');
SELECT is(throttle_wait(ROW(NULL, 'inside', 'knowledge', 1, 1, '2030-01-01', '2030-01-01 00:00:05',
    NULL, '{}')::throttle, '2030-01-01 00:00:05'), 0, 'the last moment is over');

-- Numbers are data.
SELECT throttle_rule_set('inside', 'possession', 7, 20, 3, 60, 6, 50) \g /dev/null
SELECT is(t.wrong('kato', 'w3', 'a', 'possession'), 'reject wrong_code 7', 'd4_1: by the rule in force');
SELECT t.pass('1 hour') \g /dev/null
SELECT is(t.wrong('kato', 'w3', 'b', 'possession'), 'reject wrong_code 14', 'd4_1: twice as long');
SELECT t.pass('1 hour') \g /dev/null
SELECT is(t.wrong('kato', 'w3', 'c', 'possession'), 'reject wrong_code 60', 'd4_2: locked after three');
SELECT throws_ok($q$SELECT throttle_rule_set('moon', 'possession', 7)$q$, 'SK001',
    'throttle_rule_unknown', 'no such rule');
SELECT throws_ok($q$SELECT throttle_rule_set('inside', 'knowledge', p_rebind_after => 101)$q$,
    '23514', NULL, 'more than a hundred cannot be allowed');
SELECT throws_ok($q$SELECT throttle_rule_set('inside', 'knowledge', p_hard_after => 0)$q$,
    '23514', NULL, 'a count of nothing either');
\ir end.psql
