-- SPDX-License-Identifier: GPL-2.0-or-later
-- What OCSP responders say of keys, and what that does to cards.
\ir begin.psql

SELECT throws_ok(format('SELECT issuer_add(''o'', repeat(''o'', 64)::bytea, ''ocsp'', %L)', url), 'SK001', 'issuer_url',
    'not at ' || url) FROM unnest('{"",ldap://x,file:///x,http:,http:///x,HTTPS://x,x}'::text[]) url;
SELECT throws_ok($$SELECT issuer_add('c', repeat('c', 64)::bytea, 'crl', 'ldap://x')$$, 'SK001', 'issuer_url',
    'nor a CRL');
SELECT issuer_add('hpki', repeat('h', 64)::bytea, 'ocsp', 'http://o.example'),
       issuer_add('crls', repeat('c', 64)::bytea, 'crl'),
       issuer_add('other', repeat('o', 64)::bytea, 'ocsp', 'https://o.example/') \g /dev/null
CREATE FUNCTION t.bind(p_key text, p_serial bytea, p_who text DEFAULT 'sato', p_issuer text DEFAULT 'hpki')
    RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO token (id, person_id, method, status) VALUES (t.id(p_key), t.person_id(p_who), 'card', 'active');
    INSERT INTO card (token_id, origin, state) VALUES (t.id(p_key), 'bound', 'active');
    INSERT INTO card_key (id, token_id, slot, key_id, spki, pin, certificate, issuer_id, serial, valid_from,
        valid_until, proven_at)
    SELECT t.id(p_key), t.id(p_key), '1', t.bytes(p_key, 32), repeat('k', 64)::bytea, 'enforced',
           repeat('z', 64)::bytea, i.id, p_serial, now(), now() + interval '90 days', now()
      FROM issuer i WHERE i.name = p_issuer RETURNING id $$;
CREATE FUNCTION t.fault(p_key text, p_in interval DEFAULT '0') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(card_fault(k, d, y, i, clock_timestamp() + p_in), 'counts') FROM card_key y
      JOIN card d ON d.token_id = y.token_id JOIN token k ON k.id = y.token_id
      LEFT JOIN issuer i ON i.id = y.issuer_id WHERE y.id = t.id(p_key) $$;
CREATE FUNCTION t.say(p_key text, p_status text, p_until interval DEFAULT '1 hour', p_this interval DEFAULT '0',
    p_name text DEFAULT 'hpki', p_certificate text DEFAULT 'h') RETURNS jsonb LANGUAGE sql AS $$
    SELECT issuer_status(p_name, repeat(p_certificate, 64)::bytea, t.id(p_key), p_status,
        clock_timestamp() + p_this, clock_timestamp() + p_until) $$;
CREATE FUNCTION t.asked(p_name text DEFAULT 'hpki') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(y ->> 'serial', ' ' ORDER BY n) FROM jsonb_array_elements(issuer_keys(p_name) -> 'keys')
      WITH ORDINALITY x(y, n) $$;
CREATE FUNCTION t.version(p text) RETURNS bigint LANGUAGE sql AS $$
    SELECT version FROM person WHERE login = p $$;
SELECT t.bind('k1', '\xa1'), t.bind('k2', '\xa2'), t.bind('k3', '\xa3', 'suzuki'), t.bind('c1', '\xc1', 'sato', 'crls'),
       t.bind('o1', '\xa1', 'sato', 'other') \g /dev/null

-- Nothing is good by itself.
SELECT is(t.fault('k1'), 'status_stale', 'a key that nobody has asked about');
SELECT is(t.fault('c1'), 'crl_stale', 'CRLs are another thing');
UPDATE issuer SET crl_next = now() + interval '1 year' WHERE name = 'hpki';
SELECT is(t.fault('k1'), 'status_stale', 'and do not count here');
SELECT is((SELECT count(*) FROM attempt_read(t.id('w3'), 'sato', t.id('b'), NULL, t.bytes('k1', 32))
    WHERE key_fault = 'status_stale'), 1::bigint, 'a login is refused for it');
SELECT is(t.asked(), 'a1 a2 a3', 'whom to ask about');
SELECT throws_ok(format('SELECT issuer_keys(%L)', n), 'SK001', 'issuer_without_ocsp', 'not about ' || n)
  FROM unnest('{crls,nobody}'::text[]) n;
SELECT cmp_ok(abs((issuer_keys('hpki') ->> 'now')::bigint - extract(epoch FROM clock_timestamp())), '<=', 2::numeric,
    'with the clock that judges');

-- What is refused changes nothing.
SELECT throws_ok(format('SELECT t.say(%s)', args), 'SK001', why, why || ': ' || args) FROM (VALUES
    ('''k1'', ''good'', ''-1 s''', 'status_stale'), ('''k1'', ''good'', NULL', 'status_stale'),
    ('''k1'', ''good'', p_this => ''1 hour''', 'status_early'),
    ('''k1'', ''good'', p_certificate => ''i''', 'issuer_changed'),
    ('''k1'', ''good'', p_name => ''nobody''', 'issuer_unknown'),
    ('''c1'', ''good'', p_name => ''crls'', p_certificate => ''c''', 'issuer_without_ocsp'),
    ('''o1'', ''good''', 'card_key_ended'), ('''none'', ''good''', 'card_key_ended')) v(args, why);
SELECT throws_ok($$SELECT t.say('k1', 'fine')$$, 'P0001', NULL, 'no other words');
SELECT is(t.fault('k1'), 'status_stale', 'still not');

-- Good, for a while.
SELECT is(t.say('k1', 'good') ->> 'status', 'good', 'good');
SELECT is(t.fault('k1'), 'counts', 'counts');
SELECT is(t.fault('k1', '59 minutes'), 'counts', 'until then');
SELECT is(t.fault('k1', '61 minutes'), 'status_stale', 'and not longer');
SELECT is(t.fault('o1'), 'status_stale', 'the same serial number of another issuer is another''s');
SELECT is(t.asked(), 'a2 a3 a1', 'the most urgent first');
SELECT t.say('k2', 'good', '90 days') \g /dev/null
SELECT is(t.fault('k2', '6 days 23 hours'), 'counts', 'for a week');
SELECT is(t.fault('k2', '7 days 1 hour'), 'status_stale', 'at most');
SELECT is((SELECT i ->> 'keys_good' FROM jsonb_array_elements(issuer_list()) i WHERE i ->> 'name' = 'hpki'), '2',
    'the list says how many');
SELECT throws_ok($$SELECT t.say('k1', s, p_this => '-1 minute') FROM unnest('{good,unknown,revoked}'::text[]) s$$,
    'SK001', 'status_older', 'an older answer');
SELECT is((SELECT count(*) FROM audit WHERE reason LIKE 'card_key_%'), 0::bigint, 'good is no news');

-- Unknown: not good, until it is.
SELECT set_config('t.version', t.version('sato')::text, true) \g /dev/null
SELECT t.say('k1', 'unknown'), t.say('k1', 'unknown') \g /dev/null
SELECT is(t.fault('k1'), 'status_stale', 'unknown counts no more');
SELECT cmp_ok(t.version('sato'), '>', current_setting('t.version')::bigint, 'at once');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'card_key_unknown' AND login = 'sato'), 1::bigint, 'said once');
SELECT t.say('k1', 'good') \g /dev/null
SELECT is(t.fault('k1'), 'counts', 'good again');

-- Revoked: for good, and in one act.
SELECT set_config('t.version', t.version('sato')::text, true) \g /dev/null
SELECT t.say('k1', 'revoked', '-1 day') \g /dev/null
SELECT is(t.fault('k1'), 'card_revoked', 'revoked');
SELECT is((SELECT revoked_why FROM card_key WHERE id = t.id('k1')), 'issuer', 'by its issuer');
SELECT is(t.version('sato'), current_setting('t.version')::bigint + 1, 'for every attempt');
SELECT is((SELECT detail ->> 'serial' FROM audit WHERE reason = 'card_key_revoked' AND login = 'sato'), 'a1',
    'with a line about whom it hit');
SELECT is(t.asked(), 'a3 a2', 'nobody asks again');
SELECT throws_ok($$SELECT t.say('k1', 'good')$$, 'SK001', 'card_key_ended', 'and nothing brings it back');
SELECT throws_ok($$SELECT t.bind('k4', '\xa1')$$, 'SK001', 'certificate_revoked', 'nor is it bound again');

-- What cannot count is not asked about.
UPDATE token SET status = 'revoked' WHERE id = t.id('k2');
SELECT is(t.asked(), 'a3', 'not a card that ended here');
UPDATE card_key SET valid_from = now() - interval '2 days', valid_until = now() - interval '1 day' WHERE id = t.id('k3');
SELECT is(t.asked(), NULL, 'nor a certificate that has expired');

-- The sum.
SELECT issuer_refreshed('hpki', 1, 2, 3, 4, repeat('x', 300)) \g /dev/null
SELECT is((SELECT (detail - 'why') || jsonb_build_object('n', length(detail ->> 'why')) FROM audit
    WHERE reason = 'issuer_refresh'),
    '{"issuer": "hpki", "good": 1, "revoked": 2, "unknown": 3, "unreachable": 4, "n": 200}', 'in the audit');
SELECT issuer_retire('hpki') \g /dev/null
SELECT throws_ok($$SELECT t.say('k3', 'good')$$, 'SK001', 'issuer_without_ocsp', 'of a retired issuer nothing counts');
SELECT throws_ok($$SELECT issuer_refreshed('hpki', 1, 2, 3, 4)$$, 'SK001', 'issuer_unknown', 'nor is it asked');
\ir end.psql
