-- SPDX-License-Identifier: GPL-2.0-or-later
-- What is sealed next, and what is kept of it. What other transactions do meanwhile
-- is tried by tests/e2e/test_audit_seal.py.
\ir begin.psql

-- This transaction has drawn ids itself: it holds up its own seal.
SELECT is((SELECT count(*) FROM audit_seal_due(10)), 0::bigint, 'what is not committed is not sealed');
SELECT is(cardinality(audit_writers()), 1, 'and who writes is known');

SELECT is((SELECT count(*) FROM audit_seal_rows(1, 1000000)), (SELECT count(*) FROM audit), 'each event is a leaf');
SELECT is((SELECT string_agg(id::text, ' ') FROM audit_seal_rows(1, 1000000)),
    (SELECT string_agg(id::text, ' ' ORDER BY id) FROM audit), 'in the order of their ids');
INSERT INTO audit (at, kind, login, outcome, reason, evidence, detail, until)
VALUES ('2027-04-01 08:00:00.1+09', 'system', '佐藤', 'done', 'test', '[{"b": 1, "a": 2}]', '{"x": "é\u000b\""}', '2027-03-31 23:00:01Z')
RETURNING id AS event \gset
SELECT leaf FROM audit_seal_rows(:event, :event) \gset
SELECT is((:'leaf'::jsonb ->> 'at'), '2027-03-31T23:00:00.100000Z', 'in UTC');
SELECT is(strpos(:'leaf', chr(10)), 0, 'one line');
SET TimeZone = 'Asia/Tokyo';
SET DateStyle = 'German';
SET extra_float_digits = -5;
SELECT is((SELECT leaf FROM audit_seal_rows(:event, :event)), :'leaf', 'whatever a session has set');
SELECT is((SELECT count(*) FROM jsonb_object_keys(:'leaf'::jsonb)), 1 + (SELECT count(*) FROM pg_attribute
    WHERE attrelid = 'audit'::regclass AND attnum > 0 AND NOT attisdropped), 'nothing of an event is left out');

-- Kept in one chain.
SELECT ok(audit_seal_store(1, 1, 5, '\x00', 's1', decode(repeat('00', 64), 'hex'), 'n'), 'the first');
SELECT ok(NOT audit_seal_store(1, 1, 5, '\x00', 's1', decode(repeat('00', 64), 'hex'), 'n'), 'not again');
SELECT ok(NOT audit_seal_store(3, 6, 7, '\x00', 's3', decode(repeat('00', 64), 'hex'), 'n'), 'none left out');
SELECT ok(NOT audit_seal_store(2, 7, 8, '\x00', 's2', decode(repeat('00', 64), 'hex'), 'n'), 'no id left out');
SELECT ok(NOT audit_seal_store(2, 5, 8, '\x00', 's2', decode(repeat('00', 64), 'hex'), 'n'), 'none twice');
SELECT ok(audit_seal_store(2, 6, :event, '\x00', 's2', decode(repeat('00', 64), 'hex'), 'n'), 'the next');
SELECT is((SELECT statement FROM audit_seal_last()), 's2', 'is the newest');
SELECT is(audit_export(2) #>> '{seal,statement}', 's2', 'exported');
SELECT is(jsonb_array_length(audit_export(1) -> 'events') + jsonb_array_length(audit_export(2) -> 'events'),
    (SELECT count(*)::int FROM audit), 'with all events');
SELECT is(audit_export(2) -> 'events' ->> -1, :'leaf', 'as they were hashed');
SELECT is(audit_export(3), NULL, 'and no more');
SELECT is((audit_export(1) ->> 'unsealed')::int, 0, 'only the newest says');
INSERT INTO audit (kind, outcome, reason) VALUES ('system', 'done', 'test');
SELECT is((audit_export(2) ->> 'unsealed')::int, 1, 'how many are newer');
SELECT throws_ok('UPDATE audit_seal SET node = $$x$$', 'SK002', NULL, 'append only');
SELECT throws_ok('DELETE FROM audit_seal', 'SK002', NULL, 'nor deleted');
SELECT throws_ok('TRUNCATE audit_seal', 'SK002', NULL, 'nor truncated');

\ir end.psql
