-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who leaves (guideline 6.6 C.2): everything ends in one act, and the receipt says what.
\ir begin.psql

SELECT t.person_id('sato') AS who, 'sato' AS login, 'suzuki' AS other \gset
SELECT person_affiliate('sato', '3W'), person_affiliate('suzuki', '3W') \g /dev/null
-- a card with a key, one that is prepared, a FIDO2 key, a token to come, an affiliation to come
INSERT INTO token (id, person_id, method, status, label) VALUES (t.id('c1'), :'who', 'card', 'active', ''),
    (t.id('c2'), :'who', 'card', 'pending', ''),
    (t.id('o1'), :'who', 'totp', 'pending', 'new phone');
SELECT setting_set('fido2.rp_id', 'hospital.example') \g /dev/null
SELECT fido2_enrol(decode(fido2_begin(:'login', 10) ->> 'challenge', 'hex'), :'login', 'blue', t.bytes('blue', 32), -7,
    t.bytes('x', 32) || t.bytes('y', 32), 0, t.id('model'), 'pin', false, false, 'none', 'packed', 'usb') \g /dev/null
INSERT INTO card (token_id, number, device, origin, state) VALUES (t.id('c1'), 'L-1', '', 'issued', 'active'),
    (t.id('c2'), 'L-2', '', 'issued', 'prepared');
INSERT INTO affiliation (person_id, unit, valid_from) VALUES (:'who', 'ICU', clock_timestamp() + interval '30 days');
INSERT INTO station (kind, name, mac, owner_id) VALUES ('station', 'note-7', '001bc50440b2', :'who');
SELECT version FROM person WHERE id = :'who' \gset
CREATE FUNCTION t.usable(p_login text) RETURNS text LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM verifier v WHERE v.person_id = p.id AND v.status = 'active') || ' ' ||
           (SELECT count(*) FROM token k WHERE k.person_id = p.id AND k.status <> 'revoked') || ' ' ||
           (SELECT count(*) FROM affiliation a WHERE a.person_id = p.id AND coalesce(a.valid_until, 'infinity') > clock_timestamp()) || ' ' ||
           (SELECT count(*) FROM login l WHERE l.person_id = p.id) || ' ' || p.status
      FROM person p WHERE p.login = p_login
$$;
SELECT t.usable(:'other') AS others \gset
SELECT person_leave(:'login', 'retired') AS receipt \gset
SELECT is(t.usable(:'login'), '0 0 0 0 left', '6.6 c2: nothing of the person is left');
SELECT is(t.usable(:'other'), :'others', 'and nothing of others is touched');
SELECT is((SELECT string_agg(c.state, ' ' ORDER BY c.number) FROM card c WHERE c.number LIKE 'L-_'), 'revoked revoked', 'cards');
SELECT cmp_ok((SELECT p.version FROM person p WHERE p.id = :'who'), '>', :'version'::bigint, 'an attempt under evaluation does not count');
SELECT is((:'receipt'::jsonb -> 'cards') @> '["L-1", "L-2"]', true, 'the receipt has the cards');
SELECT is(:'receipt'::jsonb -> 'fido2', '["blue"]', 'keys');
SELECT is((:'receipt'::jsonb -> 'tokens') @> '["new phone"]', true, 'tokens');
SELECT is((:'receipt'::jsonb -> 'affiliations') @> '["ICU"]', true, 'also what had not begun');
SELECT is(:'receipt'::jsonb -> 'stations', '["note-7"]', 'the machine in the name');
SELECT is((:'receipt'::jsonb ->> 'role')::boolean, false, 'and no role in the database');
SELECT is((SELECT detail ->> 'why' FROM audit WHERE reason = 'person_leave'), 'retired', 'kept in the audit');
SELECT is((SELECT count(*) FROM audit a WHERE a.reason = 'card_revoked' AND a.person_id = :'who'), 2::bigint, 'with each card');
SELECT throws_ok(format('SELECT person_leave(%L)', :'login'), 'SK001', NULL, 'once');
SELECT throws_ok($$SELECT person_leave('nobody at all')$$, 'SK001', NULL, 'somebody');
SELECT throws_ok(format('SELECT person_status(%L, %L)', :'login', 'suspended'), 'SK001', NULL, 'who left is not suspended');
SELECT throws_ok(format('SELECT person_status(%L, %L)', :'login', 'active'), 'SK001', NULL, 'nor taken back');

\ir end.psql
