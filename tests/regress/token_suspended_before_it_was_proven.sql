-- SPDX-License-Identifier: GPL-2.0-or-later
-- Suspending a pending token and resuming it made it active, though its
-- holder had never given a code of it.
\ir ../sql/begin.psql
SELECT totp_enrol('sato', t.id('k'), 'fob', 'SHA1', 6, 30, 'box', 1) \g /dev/null
SELECT throws_ok($$SELECT token_status('sato', t.id('k'), 'suspended')$$, 'SK001',
    'token_status_unchanged', 'what is inert cannot be suspended');
SELECT throws_ok($$SELECT token_status('sato', t.id('k'), 'active')$$, 'SK001',
    'token_status_unchanged', 'nor resumed');
SELECT lives_ok($$SELECT token_status('sato', t.id('k'), 'revoked')$$, 'it can be revoked');
\ir ../sql/end.psql
