-- SPDX-License-Identifier: GPL-2.0-or-later
-- A card is renewed at a terminal: when, by whose leave, and what becomes of
-- its keys.
\ir begin.psql

INSERT INTO issuer (id, name, kind, certificate, revocation)
VALUES (t.id('ca'), 'ca', 'own', t.bytes('ca', 32) || t.bytes('cb', 32), 'own');

-- An issued card: 9a and 9e, with that many days left.
CREATE FUNCTION t.card(p text, p_login text, p_days int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_slot text;
BEGIN
    INSERT INTO token (id, person_id, method, label, status)
    VALUES (t.id(p), t.person_id(p_login), 'card', p, 'active');
    INSERT INTO card (token_id, number, origin, state, puk, puk_version, management, management_version)
    VALUES (t.id(p), p, 'issued', 'active', 'box', 1, 'box', 1);
    FOREACH v_slot IN ARRAY ARRAY['9a', '9e'] LOOP
        INSERT INTO card_key (token_id, slot, key_id, spki, pin, certificate, issuer_id, serial,
            valid_from, valid_until, proven_at)
        VALUES (t.id(p), v_slot, t.bytes(p || v_slot, 32), t.bytes(p, 32) || t.bytes(v_slot, 32),
            CASE v_slot WHEN '9a' THEN 'enforced' ELSE 'none' END, t.bytes(p, 32) || t.bytes(p, 32),
            t.id('ca'), t.bytes(p || v_slot, 8), now() - interval '1 day',
            now() + make_interval(days => p_days), now());
    END LOOP;
END
$$;
CREATE FUNCTION t.begin(p_client text, p_login text, p_key text)
    RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN NOT answered THEN 'unanswered' ELSE coalesce(fault, 'due') END
      FROM card_renew_begin(t.id(p_client), (SELECT version FROM client WHERE id = t.id(p_client)),
          p_login, t.bytes(p_key, 32))
$$;
-- What a card is to sign now.
CREATE FUNCTION t.now_signs(p text) RETURNS bytea LANGUAGE sql AS $$
    SELECT challenge FROM card WHERE token_id = t.id(p)
$$;
CREATE FUNCTION t.place(p_key text, p_order text, p_challenge bytea DEFAULT t.now_signs('k1'))
    RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(fault, 'placed')
      FROM card_renew_place(t.id('w3'), (SELECT version FROM client WHERE id = t.id('w3')), 'sato',
          t.bytes(p_key, 32), p_challenge, t.id(p_order), 'args', 1)
$$;
CREATE FUNCTION t.finish(p_order text, p_keys text[], p_challenge bytea DEFAULT t.now_signs('k1'))
    RETURNS text LANGUAGE sql AS $$
    SELECT card_renew_finish(t.id(p_order), t.id('w3'), p_challenge, t.id('ca'),
        (SELECT array_agg(t.bytes(k, 32)) FROM unnest(p_keys) k),
        (SELECT array_agg(t.bytes(k, 32) || t.bytes('new', 32)) FROM unnest(p_keys) k),
        (SELECT array_agg(t.bytes(p_order || k, 8)) FROM unnest(p_keys) k),
        (SELECT array_agg(extract(epoch FROM now())::bigint - 300) FROM unnest(p_keys) k),
        (SELECT array_agg(extract(epoch FROM now())::bigint + 86400 * 1000) FROM unnest(p_keys) k),
        'answer')
$$;

SELECT t.card('k1', 'sato', 20), t.card('k2', 'sato', 100), t.card('k3', 'suzuki', 20) \g /dev/null
SELECT is(t.begin('w3', 'sato', 'k19a'), 'due', 'twenty days before its end');
SELECT is(t.begin('w3', 'sato', 'k29a'), 'renewal_not_due', 'not a hundred');
SELECT is(t.begin('vpn', 'sato', 'k19a'), 'renewal_not_here', 'at a terminal');
SELECT is(t.begin('w3', 'sato', 'k39a'), 'card_of_another', 'by whose it is');
SELECT is(t.begin('w3', 'sato', 'none'), 'card_unknown', 'a card that is there');
SELECT is(t.begin('none', 'sato', 'k19a'), NULL, 'for a client that is');
UPDATE setting SET value = '0' WHERE name = 'card.renew_days';
SELECT is(t.begin('w3', 'sato', 'k19a'), 'renewal_not_due', 'never, if nobody may');
SELECT throws_ok($$SELECT setting_set('card.renew_days', '366')$$, 'SK001', 'setting_value', 'at most a year');
SELECT setting_set('card.renew_days', '60') \g /dev/null
UPDATE token SET status = 'suspended' WHERE id = t.id('k1');
SELECT is(t.begin('w3', 'sato', 'k19a'), 'card_suspended', 'one that counts');
UPDATE token SET status = 'active' WHERE id = t.id('k1');

SELECT is(t.begin('w3', 'sato', 'k19a'), 'due', 'a challenge');
SELECT is(t.place('k19a', 'o0', t.bytes('another', 32)), 'challenge_ended', 'that one and no other');
SELECT is(t.place('k19a', 'o1'), 'placed', 'an order');
SELECT is((SELECT status FROM card_renew_poll(t.id('o1'), 'sato')), 'new', 'that waits');
SELECT is((SELECT count(*) FROM card_renew_poll(t.id('o1'), 'suzuki')), 0::bigint, 'and is another''s affair');
SELECT is((SELECT kind FROM orders_card_open(true) WHERE id = t.id('o1')), 'card_renew', 'for the CA');
SELECT is((SELECT box FROM orders_card_open(true) WHERE id = t.id('o1')), 'box'::bytea, 'with its escrow');

SELECT is(t.finish('o1', '{k19a}'), 'keys_missing', 'all its keys must have signed');
SELECT is((SELECT reason FROM card_renew_poll(t.id('o1'), 'sato')), 'keys_missing', 'which ends it');
SELECT is(t.place('k19a', 'o2'), 'placed', 'another');
SELECT is(t.finish('o2', '{k19a,k19e}', t.bytes('another', 32)), 'challenge_ended', 'for the challenge that was signed');
SELECT is(t.place('k19a', 'o3'), 'placed', 'another');
SELECT t.now_signs('k1') AS signed \gset
SELECT is(t.finish('o3', '{k19a,k19e}'), '', 'renewed');
SELECT is(t.finish('o3', '{k19a,k19e}'), 'order_ended', 'once');
SELECT is((SELECT answer FROM card_renew_poll(t.id('o3'), 'sato')), 'answer'::bytea, 'the answer is there');
SELECT is((SELECT count(*) FROM card_key WHERE token_id = t.id('k1') AND revoked_at IS NULL
    AND proven_at IS NOT NULL AND valid_until > now() + interval '999 days'), 2::bigint, 'both keys go on');
SELECT is((SELECT count(*) FROM card_key WHERE token_id = t.id('k1') AND revoked_why = 'superseded'),
    2::bigint, 'under other certificates');
SELECT is((SELECT string_agg(pin, ' ' ORDER BY slot) FROM card_key WHERE token_id = t.id('k1')
    AND revoked_at IS NULL), 'enforced none', 'what is known of their PIN stays');
SELECT is((SELECT challenge FROM card WHERE token_id = t.id('k1')), NULL, 'the challenge is spent');
SELECT is((SELECT detail ->> 'client' FROM audit WHERE reason = 'card_renew' AND outcome = 'done'), 'w3',
    'the audit says where');

-- What was interrupted can be repeated for a week, within bounds.
SELECT is(t.begin('w3', 'sato', 'k19a'), 'due', 'the same again');
SELECT isnt(t.now_signs('k1'), :'signed'::bytea, 'with another challenge');
SELECT is(t.place('k19a', 'o7', :'signed'), 'challenge_ended', 'what was signed once counts once');
SELECT state FROM card_renew_begin(t.id('w3'), (SELECT version FROM client WHERE id = t.id('w3')),
    'sato', t.bytes('k19a', 32)) \gset
SELECT matches(:'state'::text, '^[A-Za-z0-9_-]{32}$', 'a State as a login has it');
SELECT is(t.now_signs('k1'), sha256(convert_to('SEKISHO-challenge', 'UTF8') || '\x00'
    || convert_to(:'state'::text, 'UTF8')), 'and the challenge that goes with it');
UPDATE card SET renewed_at = renewed_at - interval '8 days' WHERE token_id = t.id('k1');
SELECT is(t.begin('w3', 'sato', 'k19a'), 'renewal_not_due', 'not after a week');
UPDATE card SET renewed_at = now() WHERE token_id = t.id('k1');
SELECT is(t.begin('w3', 'sato', 'k19a'), 'due', 'within it');
SELECT is(t.place('k19a', 'o4'), 'placed', 'the fourth');
SELECT is(t.place('k19a', 'o5'), 'placed', 'the fifth');
SELECT is(t.place('k19a', 'o6'), 'too_many_orders', 'no sixth in a quarter of an hour');
UPDATE card SET lost_at = now() WHERE token_id = t.id('k1');
SELECT is(t.finish('o4', '{k19a,k19e}'), 'card_unusable', 'a card that was lost meanwhile');
UPDATE order_ SET done_at = now() - interval '11 minutes' WHERE id = t.id('o3');
SELECT housekeeping() \g /dev/null
SELECT is((SELECT answer FROM order_ WHERE id = t.id('o3')), NULL, 'ten minutes later it is gone');

\ir end.psql
