-- SPDX-License-Identifier: GPL-2.0-or-later
-- Makers whose word about keys is believed, and what the word is worth.
\ir begin.psql

CREATE FUNCTION t.card(p text, p_origin text DEFAULT 'issued') RETURNS void LANGUAGE sql AS $$
    INSERT INTO token (id, person_id, method, status) VALUES (t.id(p), t.person_id('sato'), 'card', 'pending');
    INSERT INTO card (token_id, origin, state) VALUES (t.id(p), p_origin, 'new');
    INSERT INTO card_key (token_id, slot, key_id, spki, pin, pin_known_by, valid_from, valid_until)
    SELECT t.id(p), s, t.bytes(p || s, 32), repeat('k', 64)::bytea, CASE s WHEN '9a' THEN 'enforced' ELSE 'none' END,
           'slot', now() - interval '1 day', now() + interval '1 day' FROM unnest('{9a,9e}'::text[]) s $$;
CREATE FUNCTION t.said(p text, p_statement text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT card_challenge(t.id(p), NULL, jsonb_build_object('version', '5.4.3', '9a', jsonb_build_object(
        'chain', 'own', 'pin_policy', 2, 'statement', encode(repeat(p_statement, 64)::bytea, 'base64'),
        'attester_certificate', encode(repeat('f', 64)::bytea, 'base64')))) $$;
CREATE FUNCTION t.prove(p_order text, p text, p_attested text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_why text;
BEGIN
    INSERT INTO order_ (id, kind, person_id, token_id, args, key_version)
    VALUES (t.id(p_order), 'card_prove', t.person_id('sato'), t.id(p), 'args', 1);
    v_why := card_prove_finish(t.id(p_order), (SELECT challenge FROM card WHERE token_id = t.id(p)),
        ARRAY[t.bytes(p || '9a', 32), t.bytes(p || '9e', 32)], p_attested);
    RETURN v_why;
END
$$;
CREATE FUNCTION t.known(p text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(slot || ' ' || pin_known_by, ', ' ORDER BY slot) FROM card_key WHERE token_id = t.id(p) $$;

-- Roots.
SELECT is(attestation_list(), '[]', 'nobody is trusted to begin with');
SELECT throws_ok($$SELECT setting_set('card.attestation', '1')$$, 'SK001', 'attestation_none',
    'so nothing can be demanded');
SELECT is(attestation_add('maker', repeat('r', 64)::bytea) ->> 'name', 'maker', 'added');
SELECT throws_ok($$SELECT attestation_add('maker', repeat('s', 64)::bytea)$$, 'SK001', 'attestation_exists', 'once by name');
SELECT throws_ok($$SELECT attestation_add('other', repeat('r', 64)::bytea)$$, 'SK001', 'attestation_exists',
    'once by certificate');
SELECT is((SELECT count(*) FROM attestation_roots()), 1::bigint, 'the clerk sees it');
SELECT is((SELECT detail ->> 'certificate' FROM audit WHERE reason = 'attestation_add'),
    encode(sha256(repeat('r', 64)::bytea), 'hex'), 'the audit says which');
SELECT throws_ok($$SELECT attestation_remove('nobody')$$, 'SK001', 'attestation_unknown', 'there is no such maker');

-- What a card said is kept apart, as long as it is about what it has now.
SELECT t.card('a') \g /dev/null
SELECT t.said('a', 'x') \g /dev/null
SELECT is((SELECT attestation -> '9a' FROM card WHERE token_id = t.id('a')), '{"chain": "own", "pin_policy": 2}'::jsonb,
    'people read what it says');
SELECT is((SELECT string_agg(slot || ' ' || left(convert_from(statement, 'UTF8'), 1) || ' ' ||
    left(convert_from(attester, 'UTF8'), 1), ',') FROM card_keys(t.id('a')) WHERE statement IS NOT NULL), '9a x f',
    'the clerk the statement');
SELECT t.said('a', 'y') \g /dev/null
SELECT is((SELECT left(convert_from(statement, 'UTF8'), 1) FROM card_keys(t.id('a')) WHERE slot = '9a'), 'y',
    'a later one takes its place');
SELECT card_challenge(t.id('a'), NULL, '{"version": "5.4.3"}') \g /dev/null
SELECT is((SELECT count(*) FROM card_attestation), 0::bigint, 'and where it says nothing more, there is nothing');
SELECT throws_ok($$SELECT card_challenge(t.id('a'), NULL, '{"9a": {"statement": "?", "attester_certificate": "?"}}')$$,
    '22023', NULL, 'what is no base64 is refused');
SELECT card_challenge(t.id('a')) \g /dev/null

-- What it is worth.
SELECT is(t.prove('o1', 'a', '{9a,9e}'), '', 'proven');
SELECT is(t.known('a'), '9a attestation, 9e slot', 'the maker says of 9A that it wants the PIN');
SELECT t.card('b'), card_challenge(t.id('b')) \g /dev/null
SELECT is(t.prove('o2', 'b', '{}'), '', 'without a word of a maker');
SELECT is(t.known('b'), '9a slot, 9e slot', 'nothing more is known');

-- Demanded.
SELECT setting_set('card.attestation', '1') \g /dev/null
SELECT t.card('c'), card_challenge(t.id('c')) \g /dev/null
SELECT is(t.prove('o3', 'c', '{}'), 'attestation_missing', 'demanded and missing');
SELECT is(t.prove('o4', 'c', '{9e}'), 'attestation_missing', 'another key''s is not enough');
SELECT is((SELECT status FROM token WHERE id = t.id('c')), 'pending', 'it does not count');
SELECT is(t.prove('o5', 'c', '{9a}'), '', 'demanded and there');
SELECT t.card('d', 'bound'), card_challenge(t.id('d')) \g /dev/null
SELECT is(t.prove('o6', 'd', '{}'), '', 'cards of other issuers are for those to judge');
SELECT attestation_remove('maker') \g /dev/null
SELECT is(t.known('c'), '9a attestation, 9e slot', 'what counts goes on counting without the maker');
SELECT t.card('e'), card_challenge(t.id('e')) \g /dev/null
SELECT is(t.prove('o7', 'e', '{}'), 'attestation_missing', 'and nobody can be issued another');
\ir end.psql
