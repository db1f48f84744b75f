-- SPDX-License-Identifier: GPL-2.0-or-later
-- Once the default partition held a line of a month, that month's partition
-- could not be made, and all housekeeping failed from then on.
\ir ../sql/begin.psql
DO $$
BEGIN
    EXECUTE format('DROP TABLE audit_%s', to_char(current_date + interval '1 month', 'YYYYMM'));
END
$$;
INSERT INTO audit (at, kind, outcome, reason)
VALUES (date_trunc('month', now()) + interval '1 month 10 days', 'system', 'done', 'early');
SELECT lives_ok('SELECT housekeeping()', 'the clerk goes on');
SELECT is((SELECT tableoid::regclass::text FROM audit WHERE reason = 'early'), 'audit_default',
    'and the line is where it was');
\ir ../sql/end.psql
