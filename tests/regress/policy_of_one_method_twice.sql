-- SPDX-License-Identifier: GPL-2.0-or-later
-- A policy that counts the same method twice passed for one with two.
\ir ../sql/begin.psql
SELECT throws_ok($$SELECT policy_set('terminal', '{totp,totp}')$$, 'SK001',
    'policy_needs_two_methods', 'two methods are two different ones');
SELECT lives_ok($$SELECT policy_set('terminal')$$, 'and none given leaves them as they are');
\ir ../sql/end.psql
