-- SPDX-License-Identifier: GPL-2.0-or-later
-- Makes the audit's partition of a month, if there is none; the clerk calls it for
-- this month and the next, a migration for the first. A month of which the
-- default partition already holds lines (nobody made it in time) stays there.
CREATE OR REPLACE FUNCTION sekisho.audit_partition(p_month date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_from date := date_trunc('month', p_month)::date;
    v_name text := 'audit_' || to_char(p_month, 'YYYYMM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('sekisho audit partition'));
    IF to_regclass('sekisho.' || v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF audit FOR VALUES FROM (%L) TO (%L)',
        v_name, v_from::timestamp AT TIME ZONE 'UTC',
        (v_from + interval '1 month') AT TIME ZONE 'UTC');
    EXECUTE format(
        'CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I
         FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()', v_name);
EXCEPTION WHEN check_violation THEN
    NULL;
END
$$;
REVOKE ALL ON FUNCTION sekisho.audit_partition(date) FROM PUBLIC;
