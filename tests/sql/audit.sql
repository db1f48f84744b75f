-- SPDX-License-Identifier: GPL-2.0-or-later
-- The audit: append only, by month, never full.
\ir begin.psql

CREATE FUNCTION t.partitions() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_inherits i
      JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'sekisho.audit'::regclass
$$;
SELECT is(t.partitions(), 'audit_' || to_char(current_date, 'YYYYMM') || ' audit_'
    || to_char(current_date + interval '1 month', 'YYYYMM') || ' audit_default',
    'this month, the next, and one for all others');

INSERT INTO audit (at, kind, outcome, reason) VALUES ('1999-01-01', 'system', 'done', 'old');
SELECT is((SELECT tableoid::regclass::text FROM audit WHERE reason = 'old'), 'audit_default',
    'a clock far off loses nothing');

-- Neither the owner nor a superuser changes a line by accident.
CREATE FUNCTION t.untouchable(p_table text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT throws_ok(format('UPDATE %s SET reason = %L', p_table, 'x'), 'SK002', NULL,
        p_table || ': UPDATE by ' || current_user);
    RETURN NEXT throws_ok(format('DELETE FROM %s', p_table), 'SK002', NULL,
        p_table || ': DELETE by ' || current_user);
    RETURN NEXT throws_ok(format('TRUNCATE %s', p_table), 'SK002', NULL,
        p_table || ': TRUNCATE by ' || current_user);
END
$$;
-- a line in each partition, so that there is something to change
INSERT INTO audit (at, kind, outcome, reason) VALUES
    (now(), 'system', 'done', 'x'), (now() + interval '1 month', 'system', 'done', 'x');
GRANT USAGE ON SCHEMA t, tap TO sekisho_owner;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA t, tap TO sekisho_owner;
SELECT t.untouchable(x) FROM (SELECT 'audit' UNION ALL SELECT inhrelid::regclass::text
    FROM pg_inherits WHERE inhparent = 'audit'::regclass) v(x);
SET LOCAL ROLE sekisho_owner;
SELECT t.untouchable(x) FROM (SELECT 'sekisho.audit' UNION ALL SELECT inhrelid::regclass::text
    FROM pg_inherits WHERE inhparent = 'sekisho.audit'::regclass) v(x);
RESET ROLE;

-- A month made later is as firm as the first ones.
SELECT audit_partition('2031-05-17') \g /dev/null
SELECT audit_partition('2031-05-01') \g /dev/null
INSERT INTO audit (at, kind, outcome, reason) VALUES
    ('2031-05-01 00:00 UTC', 'system', 'done', 'first'), ('2031-05-31 23:59:59.999 UTC', 'system', 'done', 'last'),
    ('2031-06-01 00:00 UTC', 'system', 'done', 'next');
SELECT is((SELECT string_agg(reason || ' ' || tableoid::regclass, ', ' ORDER BY at) FROM audit
    WHERE at >= '2031-01-01'), 'first audit_203105, last audit_203105, next audit_default',
    'a month of UTC, from its first moment to its last');
SELECT t.untouchable('audit_203105');

-- A month that begins before anyone made it must not stop the clerk.
SELECT lives_ok($$SELECT audit_partition('2031-06-01')$$, 'a month already begun in the default partition');
SELECT is((SELECT tableoid::regclass::text FROM audit WHERE reason = 'next'), 'audit_default', 'stays there');
SELECT is((SELECT count(*) FROM pg_class WHERE relname = 'audit_203106'), 0::bigint, 'whole');

-- Every act of an operator leaves a line, with who it was.
CREATE FUNCTION t.lines(p_what text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_last bigint := (SELECT max(id) FROM audit);
BEGIN
    EXECUTE p_what;
    RETURN (SELECT string_agg(kind || ' ' || reason || ' ' || actor, ', ') FROM audit WHERE id > v_last);
END
$$;
SELECT is(t.lines('SELECT ' || what), 'admin ' || line || ' ' || session_user, 'in the audit: ' || line)
  FROM (VALUES
    ('person_add(''x'', ''x'')', 'person_add'),
    ('person_affiliate(''x'', ''ward'')', 'person_affiliate'),
    ('affiliation_end(''x'', (SELECT id FROM affiliation WHERE unit = ''ward''))', 'affiliation_end'),
    ('person_status(''x'', ''suspended'', ''leave'')', 'person_suspended'),
    ('person_status(''x'', ''active'')', 'person_active'),
    ('password_set(''x'', t.id(''1''), t.bytes(''s'', 16), 2, 64, ''b'', 1, 8)', 'password_set'),
    ('totp_enrol(''x'', t.id(''2''), '''', ''SHA1'', 6, 30, ''b'', 1)', 'totp_enrol'),
    ('token_status(''x'', t.id(''2''), ''revoked'')', 'token_revoked'),
    ('person_leave(''x'')', 'person_leave'),
    ('unlock(''x'')', 'unlock'),
    ('client_add(t.id(''3''), ''c'', ''192.0.2.9'', ''terminal'', ''b'', 1)', 'client_add'),
    ('client_set(''c'', p_lang => ''en'')', 'client_set'),
    ('client_remove(''c'')', 'client_remove'),
    ('zone_add(''z'')', 'zone_add'), ('zone_remove(''z'')', 'zone_remove'),
    ('policy_set(''p'')', 'policy_set'),
    ('setting_set(''tally_seconds'', ''61'')', 'setting_set'),
    ('throttle_rule_set(''inside'', ''knowledge'', 6)', 'throttle_rule_set')) v(what, line);
SELECT is(t.lines('SELECT person_show(''x'')'), NULL, 'looking leaves none');

-- Finding lines.
SELECT is(audit_show('x', p_limit => 2) #>> '{1,reason}', 'unlock', 'the latest, oldest first');
SELECT is(jsonb_array_length(audit_show('x', p_limit => 2)), 2, 'as many as asked for');
SELECT is(audit_show(p_after => (SELECT id FROM audit WHERE reason = 'zone_add'), p_limit => 1)
    #>> '{0,reason}', 'zone_remove', 'or what follows');
SELECT is(jsonb_array_length(audit_show('x', p_kind => 'login')), 0, 'by kind');
SELECT is(jsonb_array_length(audit_show('x', p_since => clock_timestamp())), 0, 'by time');
\ir end.psql
