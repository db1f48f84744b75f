-- SPDX-License-Identifier: GPL-2.0-or-later
-- Roles belong to the cluster, so another database may have made them.
-- sekisho_owner owns everything and cannot log in; the others may execute
-- the functions granted to them and touch no table.
DO $$
DECLARE
    r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['sekisho_owner', 'sekisho_enrolment'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
        END IF;
    END LOOP;
    FOREACH r IN ARRAY ARRAY['sekisho_authd', 'sekisho_operator',
                             'sekisho_auditor', 'sekisho_door_feed'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', r);
        END IF;
    END LOOP;
END
$$;

-- A worker's few statements each find a handful of rows by a key. Their plans
-- are kept for as long as the worker lives, also those made while a table was
-- still empty and reading all of it looked cheap.
ALTER ROLE sekisho_authd SET plan_cache_mode = force_generic_plan;
ALTER ROLE sekisho_authd SET enable_seqscan = off;
ALTER ROLE sekisho_authd SET enable_hashjoin = off;
ALTER ROLE sekisho_authd SET enable_mergejoin = off;
ALTER ROLE sekisho_authd SET jit = off;

CREATE SCHEMA sekisho AUTHORIZATION sekisho_owner;
REVOKE ALL ON SCHEMA sekisho FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA sekisho TO sekisho_authd, sekisho_operator,
    sekisho_auditor, sekisho_door_feed, sekisho_enrolment;

-- Whatever sekisho_owner makes later is closed until granted by name.
ALTER DEFAULT PRIVILEGES FOR ROLE sekisho_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE sekisho_owner REVOKE USAGE ON TYPES FROM PUBLIC;
