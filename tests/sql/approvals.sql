-- SPDX-License-Identifier: GPL-2.0-or-later
-- What one officer asks for and others must agree to.
\ir begin.psql
REVOKE sekisho_enrolment FROM sekisho_operator;
CREATE ROLE t_asker LOGIN IN ROLE sekisho_operator;
CREATE ROLE t_second LOGIN IN ROLE sekisho_approval;
CREATE ROLE t_third LOGIN IN ROLE sekisho_operator, sekisho_approval;
CREATE ROLE t_plain LOGIN IN ROLE sekisho_operator;
GRANT USAGE ON SCHEMA t, tap TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap, t TO PUBLIC;
CREATE TABLE t.seen (id text, digest bytea);
GRANT ALL ON t.seen TO PUBLIC;

SELECT card_begin(t.id('c'), 'device c', t.bytes('c', 16), 'the puk', 'the key', 1, 'suzuki', '417') \g /dev/null
CREATE FUNCTION t.ask(p text, p_kind text DEFAULT 'escrow_puk', p_why text DEFAULT 'sent to the maker') RETURNS jsonb
    LANGUAGE sql AS $$ SELECT sekisho.escrow_order(t.id(p), p_kind, '417', convert_to('box ' || p, 'UTF8'), 1, p_why) $$;
CREATE FUNCTION t.digest(p text) RETURNS bytea LANGUAGE sql AS $$
    SELECT decode(sekisho.order_find(t.id(p)::text) ->> 'digest', 'hex') $$;
CREATE FUNCTION t.approve(p text) RETURNS text LANGUAGE sql AS $$
    SELECT sekisho.order_approve(t.id(p)::text, t.digest(p)) ->> 'status' $$;
CREATE FUNCTION t.stands(p text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT rtrim(o.status || ' ' || o.reason) FROM sekisho.order_ o WHERE o.id = t.id(p) $$;
CREATE FUNCTION t.open() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$
    SELECT count(*) FROM sekisho.orders_card_open(false) $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA t TO PUBLIC;

-- Asking.
SET SESSION AUTHORIZATION t_asker;
SELECT throws_ok($$SELECT t.ask('a')$$, 'SK001', 'not_allowed', 'asking is for those who may enrol');
RESET SESSION AUTHORIZATION;
GRANT sekisho_enrolment TO t_asker, t_third;
SET SESSION AUTHORIZATION t_asker;
SELECT throws_ok($$SELECT t.ask('a', p_why => ' ')$$, 'SK001', 'why_missing', 'a reason must be given');
SELECT throws_ok($$SELECT sekisho.escrow_order(t.id('a'), 'card_prove', '417', 'x', 1, 'why')$$, 'P0001', NULL,
    'no other order by this door');
SELECT throws_ok($$SELECT sekisho.card_order(t.id('a'), 'escrow_puk', t.id('c'), 'x', 1, 'why')$$, '20000', NULL,
    'and this one by no other');
SELECT throws_ok($$SELECT sekisho.order_place(t.id('a'), 'escrow_puk', 'sato', t.id('sato/t'), 'x', 1)$$, 'P0001', NULL,
    'nor about what is no card');
SELECT is(t.ask('a') ->> 'status', 'waiting', 'it waits');
SELECT is(t.open(), 0::bigint, 'the clerk does not see it');
SELECT throws_ok($$SELECT t.approve('a')$$, '42501', NULL, 'who asks may not approve without the right');
RESET SESSION AUTHORIZATION;
SELECT card_release_finish(t.id('a'), 'answer') \g /dev/null
SELECT is(t.stands('a'), 'waiting', 'nor can it be finished');
UPDATE order_ SET status = 'new', ready_at = clock_timestamp() WHERE id = t.id('a');
SELECT is(t.open(), 0::bigint, 'whatever its status says');
SELECT card_release_finish(t.id('a'), 'answer') \g /dev/null
SELECT is(t.stands('a'), 'new', 'it is not executed unapproved');
UPDATE order_ SET status = 'waiting' WHERE id = t.id('a');
GRANT sekisho_approval TO t_asker;
SET SESSION AUTHORIZATION t_asker;
SELECT throws_ok($$SELECT t.approve('a')$$, 'SK001', 'approval_own', 'nor with it');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_plain;
SELECT throws_ok($$SELECT t.approve('a')$$, '42501', NULL, 'nor may an operator without the right');
SELECT throws_ok($$SELECT sekisho.order_refuse(t.id('a')::text)$$, 'SK001', 'not_allowed', 'nor refuse');
RESET SESSION AUTHORIZATION;

-- Approving: exactly what was seen.
SET SESSION AUTHORIZATION t_second;
SELECT is(sekisho.order_list() #>> '{0,number}', '417', 'another officer sees what waits');
SELECT is(sekisho.order_list() #>> '{0,placed_by}', 't_asker', 'and who asks');
SELECT throws_ok($$SELECT sekisho.order_approve(t.id('a')::text, t.bytes('x', 32))$$, 'SK001', 'order_changed',
    'and agrees to nothing else');
SELECT throws_ok($$SELECT sekisho.order_approve(t.id('a')::text, NULL)$$, 'SK001', 'order_changed', 'nor to nothing');
SELECT throws_ok($$SELECT sekisho.order_approve('%', t.digest('a'))$$, 'SK001', 'order_unknown', 'a wildcard is a letter');
SELECT throws_ok($$SELECT sekisho.person_list()$$, '42501', NULL, 'who only approves sees nobody');
RESET SESSION AUTHORIZATION;
UPDATE order_rule SET approvals = 2 WHERE kind = 'escrow_management';
SET SESSION AUTHORIZATION t_asker;
SELECT is(t.ask('m', 'escrow_management') ->> 'approvals', '2', 'two, where two are demanded');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_second;
SELECT is(t.approve('m'), 'waiting', 'one is not two');
SELECT throws_ok($$SELECT t.approve('m')$$, 'SK001', 'approval_twice', 'and twice the same is one');
RESET SESSION AUTHORIZATION;
UPDATE order_rule SET approvals = 1 WHERE kind = 'escrow_management';
SELECT is(t.stands('m'), 'waiting', 'what was demanded stays demanded');
SET SESSION AUTHORIZATION t_third;
SELECT is(t.approve('m'), 'new', 'a third officer agrees');
SELECT throws_ok($$SELECT t.approve('m')$$, 'SK001', 'order_not_waiting', 'once');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT kind || ' ' || convert_from(box, 'UTF8') FROM orders_card_open(false)),
    'escrow_management the key', 'now the clerk executes it');
UPDATE order_ SET args = 'another key' WHERE id = t.id('m');
SELECT is(t.open(), 0::bigint, 'but not with other arguments');
UPDATE order_ SET args = convert_to('box m', 'UTF8'), token_id = t.id('sato/t') WHERE id = t.id('m');
SELECT is(t.open(), 0::bigint, 'nor about another card');
UPDATE order_ SET token_id = t.id('c') WHERE id = t.id('m');
SELECT card_release_finish(t.id('m'), 'answer') \g /dev/null
SELECT is(t.stands('m'), 'done', 'done');
SELECT is((SELECT detail - 'order' - 'token' FROM audit WHERE kind = 'order' AND detail ->> 'order' = t.id('m')::text),
    '{"kind": "escrow_management", "asked_by": "t_asker", "approved_by": ["t_second", "t_third"],
      "why": "sent to the maker"}'::jsonb, 'all names are in the audit');
SELECT is((SELECT string_agg(actor || ' for ' || (detail ->> 'asked_by'), ', ' ORDER BY id) FROM audit
    WHERE reason = 'order_approved' AND detail ->> 'order' = t.id('m')::text),
    't_second for t_asker, t_third for t_asker', 'and each approval by itself');

-- Its answer: for who asked, until it is collected.
SET SESSION AUTHORIZATION t_third;
SELECT is(sekisho.order_find(t.id('m')::text) ->> 'answer', NULL, 'the answer is not for who approved');
SELECT throws_ok($$SELECT sekisho.order_collected(t.id('m'))$$, 'SK001', 'order_unknown', 'who cannot take it away');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_asker;
SELECT is(sekisho.order_find(t.id('m')::text) ->> 'answer', 'YW5zd2Vy', 'but for who asked');
SELECT is(sekisho.order_collected(t.id('m')) ->> 'answer', NULL, 'collected, it is gone');
SELECT throws_ok($$SELECT sekisho.order_collected(t.id('m'))$$, 'SK001', 'order_unknown', 'once');

-- Refused, taken back, too late.
SELECT t.ask('r') ->> 'status', t.ask('b') ->> 'status' \g /dev/null
SELECT throws_ok($$SELECT t.ask('more')$$, 'SK001', 'too_many_orders', 'not without end');
SELECT is(sekisho.order_refuse(t.id('b')::text) ->> 'reason', 'order_taken_back', 'who asked takes it back');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION t_second;
SELECT is(sekisho.order_refuse(t.id('r')::text, 'not today') ->> 'reason', 'not_approved', 'another says no');
SELECT throws_ok($$SELECT t.approve('r')$$, 'SK001', 'order_not_waiting', 'and that is the end of it');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT detail ->> 'refused_by' FROM audit WHERE reason = 'not_approved'), 't_second', 'with a name');
SELECT t.pass('25 hours') \g /dev/null
SET SESSION AUTHORIZATION t_second;
SELECT throws_ok($$SELECT t.approve('a')$$, 'SK001', 'order_expired', 'an approval comes too late');
RESET SESSION AUTHORIZATION;
SELECT housekeeping(), housekeeping() \g /dev/null
SELECT is(t.stands('a'), 'expired', 'it has expired');
SELECT is((SELECT count(*) FROM audit WHERE outcome = 'expired' AND detail ->> 'order' = t.id('a')::text), 1::bigint,
    'as the audit says, once');
SELECT is((SELECT args FROM order_ WHERE id = t.id('a')), ''::bytea, 'without its arguments');

-- An answer that nobody collects goes; one that was approved late is executed.
SET SESSION AUTHORIZATION t_asker;
SELECT t.ask('l') \g /dev/null
RESET SESSION AUTHORIZATION;
SELECT t.pass('23 hours') \g /dev/null
SET SESSION AUTHORIZATION t_second;
SELECT is(t.approve('l'), 'new', 'approved in its last hour');
RESET SESSION AUTHORIZATION;
SELECT is(t.open(), 1::bigint, 'it has its minute from then on');
SELECT card_release_finish(t.id('l'), 'answer') \g /dev/null
SELECT t.pass('23 hours'), housekeeping() \g /dev/null
SELECT isnt((SELECT answer FROM order_ WHERE id = t.id('l')), NULL, 'its answer waits');
SELECT t.pass('2 hours'), housekeeping() \g /dev/null
SELECT is((SELECT answer FROM order_ WHERE id = t.id('l')), NULL, 'not for ever');

-- Rules: any officer may demand more, nobody alone less.
SET SESSION AUTHORIZATION t_plain;
SELECT is(sekisho.order_rule_set('card_puk', 1) ->> 'approvals', '1', 'more');
SELECT throws_ok($$SELECT sekisho.order_rule_set('card_puk', 0)$$, 'SK001', 'order_rule_lower', 'not less');
SELECT throws_ok($$SELECT sekisho.order_rule_set('escrow_puk', 0)$$, 'SK001', 'order_rule_value', 'never none of escrow');
SELECT throws_ok($$SELECT sekisho.order_rule_set('totp_confirm', 1)$$, 'SK001', 'order_rule_unknown',
    'a code does not wait for anybody');
RESET SESSION AUTHORIZATION;
SELECT throws_ok($$SELECT order_rule_set('escrow_puk', 0)$$, 'SK001', 'order_rule_value', 'nor by the administrator');
SET SESSION AUTHORIZATION t_asker;
SELECT is(sekisho.card_order(t.id('d'), 'card_puk', t.id('c'), 'x', 1, 'passport') ->> 'status', 'waiting',
    'then work at the desk waits as well');
RESET SESSION AUTHORIZATION;
SELECT is(order_rule_set('card_puk', 0) ->> 'approvals', '0', 'who administers the database lowers it');
\ir end.psql
