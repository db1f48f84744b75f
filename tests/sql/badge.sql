-- SPDX-License-Identifier: GPL-2.0-or-later
-- A number on a card fills in a name for terminals, and for nobody else.
\ir begin.psql

CREATE FUNCTION t.whose(p_client text, p_number text, p_version bigint DEFAULT NULL)
    RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(login, '-') || CASE WHEN answered THEN '' ELSE ' unanswered' END
      FROM badge_lookup(t.id(p_client), coalesce(p_version,
           (SELECT version FROM client WHERE id = t.id(p_client))), decode(p_number, 'hex'))
$$;

SELECT badge_add('sato', '\x012e4c119a0733f0') \g /dev/null
SELECT is(t.whose('w3', '012e4c119a0733f0'), 'sato', 'a terminal is told the name');
SELECT is(t.whose('w3', '012e4c119a0733f1'), '-', 'of a number that somebody has');
SELECT is(t.whose('vpn', '012e4c119a0733f0'), '-', 'a VPN is not told');
SELECT is(t.whose('w3', '012e4c119a0733f0', 99), 'sato unanswered', 'another version gets no answer');
SELECT is(t.whose('none', '012e4c119a0733f0'), NULL, 'nor does a client that is not there');

-- Who cannot log in has no name here.
UPDATE person SET status = 'suspended' WHERE login = 'sato';
SELECT is(t.whose('w3', '012e4c119a0733f0'), '-', 'a suspended person has no name');
UPDATE person SET status = 'active' WHERE login = 'sato';
UPDATE affiliation SET valid_until = clock_timestamp() WHERE person_id = t.person_id('sato');
SELECT is(t.whose('w3', '012e4c119a0733f0'), '-', 'nor one without an affiliation');
UPDATE affiliation SET valid_until = NULL WHERE person_id = t.person_id('sato');

-- One number, one person.
SELECT lives_ok($$SELECT badge_add('sato', '\x012e4c119a0733f0')$$, 'twice is once');
SELECT throws_ok($$SELECT badge_add('suzuki', '\x012e4c119a0733f0')$$, 'SK001', 'badge_taken',
    'a number has one person');
SELECT throws_ok($$SELECT badge_add('nobody', '\x04a1b2c3')$$, 'SK001', 'person_unknown',
    'who must be there');
SELECT throws_ok($$SELECT badge_add('sato', '\x0102')$$, '23514', NULL, 'two octets are no number');
SELECT badge_add('sato', '\x04a1b2c3') \g /dev/null
SELECT is(jsonb_array_length(badge_list('sato')), 2, 'a person may have several');
SELECT is(jsonb_array_length(badge_list()), 2, 'all');
SELECT is((SELECT count(*) FROM audit WHERE reason = 'badge_add'), 2::bigint, 'each is an event');

SELECT is(badge_remove('\x012e4c119a0733f0') ->> 'login', 'sato', 'removed');
SELECT is(t.whose('w3', '012e4c119a0733f0'), '-', 'it is nobody''s');
SELECT throws_ok($$SELECT badge_remove('\x012e4c119a0733f0')$$, 'SK001', 'badge_unknown', 'once');
SELECT is((SELECT version FROM person WHERE login = 'sato'),
    (SELECT version FROM person WHERE login = 'suzuki'), 'nothing that counts has changed');

\ir end.psql
