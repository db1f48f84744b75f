-- SPDX-License-Identifier: GPL-2.0-or-later
-- The transactions that have drawn an id of the audit and have not ended.
CREATE OR REPLACE FUNCTION sekisho.audit_writers() RETURNS text[]
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT coalesce(array_agg(DISTINCT l.virtualtransaction), '{}') FROM pg_locks l
     WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock'
       AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
       AND l.relation = 'sekisho.audit_id_seq'::regclass
$$;
REVOKE ALL ON FUNCTION sekisho.audit_writers() FROM PUBLIC;
