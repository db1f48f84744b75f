-- SPDX-License-Identifier: GPL-2.0-or-later
-- Maintenance accounts: a ticket, another's approval, a window, named clients, and
-- an end that says what was seen (guideline 6.8 C.2; 6.6 C.1, C.2).
\ir begin.psql

SELECT t.person('vendor') \g /dev/null
UPDATE person SET kind = 'maintenance' WHERE login = 'vendor';
CREATE ROLE "the approver" LOGIN;
GRANT sekisho_operator TO "the approver";
GRANT USAGE ON SCHEMA t, tap TO "the approver";
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA t, tap TO "the approver";

CREATE FUNCTION t.ask(p_hours numeric DEFAULT 4, p_from timestamptz DEFAULT NULL, p_login text DEFAULT 'vendor',
    p_clients text[] DEFAULT '{w3}') RETURNS bigint LANGUAGE sql AS $$
    SELECT (maintenance_request(p_login, 'T-17', 'update of the CT console', p_clients, p_from,
        coalesce(p_from, now()) + p_hours * interval '1 hour') ->> 'id')::bigint
$$;
CREATE FUNCTION t.usable(p_client text DEFAULT 'w3') RETURNS text LANGUAGE sql AS $$
    SELECT t.read('vendor', p_client) ->> 'person_usable'
$$;
CREATE FUNCTION t.approve(p_id bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL SESSION AUTHORIZATION "the approver";
    PERFORM sekisho.maintenance_decide(p_id, true);
    RESET SESSION AUTHORIZATION;
    RETURN 'approved';
END
$$;

SELECT is(t.usable(), 'false', 'c6_8: without a window the account opens nothing');
SELECT is(t.read('sato', 'w3') ->> 'person_usable', 'true', 'others are as before');

-- 6.6 C.1, C.2: what was signed and learnt
SELECT throws_ok('SELECT t.ask()', 'SK001', 'pledge_missing', 'c6_6: no window without a pledge');
SELECT person_set('vendor', p_pledge => current_date - 10) \g /dev/null
SELECT throws_ok('SELECT t.ask()', 'SK001', 'training_missing', 'c6_6: nor without a training');
SELECT person_set('vendor', p_training => current_date - 366) \g /dev/null
SELECT throws_ok('SELECT t.ask()', 'SK001', 'training_missing', 'c6_6: nor with one of long ago');
SELECT person_set('vendor', p_training => current_date - 30, p_contract => current_date - 1) \g /dev/null
SELECT throws_ok('SELECT t.ask()', 'SK001', 'contract_ends', 'c6_6: nor beyond the contract');
SELECT person_set('vendor', p_contract => current_date + 60) \g /dev/null

-- one person, a ticket, a window, clients
SELECT throws_ok($$SELECT t.ask(p_login => 'sato')$$, 'SK001', 'maintenance_kind', 'c6_8: of dedicated accounts only');
SELECT throws_ok($$SELECT t.ask(25)$$, 'SK001', 'maintenance_window', 'c6_8: not for longer than a day');
SELECT throws_ok($$SELECT t.ask(-1)$$, 'SK001', 'maintenance_window', 'nor backwards');
SELECT throws_ok($$SELECT t.ask(1, now() - interval '2 hours')$$, 'SK001', 'maintenance_window', 'nor for what is past');
SELECT throws_ok($$SELECT t.ask(p_clients => '{w3,nowhere}')$$, 'SK001', 'client_unknown', 'c6_8: for clients there are');
SELECT throws_ok($$SELECT t.ask(p_clients => '{}')$$, '23514', NULL, 'and some');
SELECT throws_ok($$SELECT maintenance_request('vendor', ' ', 'update', '{w3}', NULL, now() + interval '1 hour')$$,
    '23514', NULL, 'c6_8: a ticket is named');
SELECT t.ask() AS id \gset
SELECT is(t.usable(), 'false', 'c6_8: asked for is not approved');
SELECT throws_ok(format('SELECT maintenance_decide(%s, true)', :id), 'SK001', 'maintenance_own',
    'c6_8: somebody else approves');
SELECT t.approve(:id) \g /dev/null
SELECT is(t.usable(), 'true', 'c6_8: in the window, at the client');
SELECT is(t.usable('w4'), 'false', 'c6_8: at no other');
SELECT ok((t.read('vendor', 'w3') ->> 'session_timeout')::int BETWEEN 14300 AND 14400, 'a session lasts no longer');
SELECT throws_ok(format('SELECT maintenance_decide(%s, false)', :id), 'SK001', 'maintenance_decided', 'decided once');

-- the end of itself
SELECT t.challenge('vendor', 'w3', 'm1') \g /dev/null
SELECT is(t.read('vendor', 'w3', 'm1') ->> 'state_found', 'true', 'a login is in progress');
UPDATE maintenance SET valid_from = now() - interval '3 hours', valid_until = clock_timestamp() - interval '1 second';
SELECT is(t.usable(), 'false', 'c6_8: after it nothing');
SELECT version AS before FROM person WHERE login = 'vendor' \gset
SELECT housekeeping() \g /dev/null
SELECT is((SELECT version FROM person WHERE login = 'vendor'), :before + 1::bigint, 'what is being evaluated refuses itself');
SELECT is(t.read('vendor', 'w3', 'm1') ->> 'state_found', 'false', 'logins in progress have ended');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'maintenance_over'), 1::bigint, 'and it is said');
SELECT housekeeping() \g /dev/null
SELECT is((SELECT count(*) FROM audit WHERE reason = 'maintenance_over'), 1::bigint, 'once');
SELECT is(maintenance_show(:id) ->> 'status', 'to_be_closed', 'c6_8: and waits to be closed');
SELECT throws_ok('SELECT t.ask()', 'SK001', 'maintenance_unclosed', 'c6_8: no other window before that');

-- closed only with the three
SELECT throws_ok(format('SELECT maintenance_close(%s, %s, %L, %L)', :id, pd, whose, work), 'SK001', 'maintenance_fields',
    'c6_8: ' || what) FROM (VALUES
    ('NULL', '', 'updated', 'whether personal data was accessed'), ('true', '', 'updated', 'whose'),
    ('true', ' ', 'updated', 'whose, in words'), ('false', '', '', 'the work'), ('false', '', '  ', 'the work, in words'))
    v(pd, whose, work, what);
SELECT is(maintenance_close(:id, true, 'patients of 3 West', 'CT console updated') ->> 'status', 'closed', 'c6_8: with all three');
SELECT throws_ok(format('SELECT maintenance_close(%s, false, '''', ''again'')', :id), 'SK001', 'maintenance_not_open', 'once');
SELECT throws_ok($$UPDATE maintenance SET status = 'approved', closed_at = NULL, decided_by = requested_by$$, '23514', NULL,
    'the table takes no approval of one''s own');
SELECT t.ask() AS id \gset
SELECT t.approve(:id) \g /dev/null
SELECT is(t.usable(), 'true', 'a new window opens it again');
SELECT maintenance_close(:id, false, '', 'nothing was to be done') \g /dev/null
SELECT is(t.usable(), 'false', 'c6_8: closed early it is over at once');
SELECT is(jsonb_array_length(maintenance_list('vendor')), 2, 'both are on record');
SELECT is(jsonb_array_length(maintenance_list(p_open => true)), 0, 'none is open');
SELECT t.ask() AS id \gset
SELECT is(maintenance_decide(:id, false) ->> 'status', 'refused', 'who asked may take it back');
SELECT throws_ok(format('SELECT maintenance_close(%s, false, '''', ''nothing'')', :id), 'SK001', 'maintenance_not_open', 'and there is nothing to close');
SELECT throws_ok('SELECT maintenance_show(999999)', 'SK001', 'maintenance_unknown', 'one that there is not');

-- where the house wants it, for cards as well
SELECT setting_set('person.pledge_needed', '1') \g /dev/null
SELECT throws_ok($$SELECT card_holder('sato')$$, 'SK001', 'pledge_missing', 'c6_6: no card without a pledge');
SELECT person_set('sato', p_pledge => current_date, p_training => current_date) \g /dev/null
SELECT is(card_holder('sato'), t.person_id('sato'), 'c6_6: with both there is');

\ir end.psql
