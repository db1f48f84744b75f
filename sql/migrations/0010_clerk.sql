-- SPDX-License-Identifier: GPL-2.0-or-later
-- The clerk has a role of its own: a worker that was taken over by a request
-- must not be able to call what only the clerk does.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sekisho_clerk') THEN
        CREATE ROLE sekisho_clerk LOGIN;
    END IF;
    -- A database in use: authd's nodes are upgraded one by one, and until the
    -- last of them connects its clerk as sekisho_clerk they must go on. Ends with
    -- REVOKE sekisho_clerk FROM sekisho_authd (docs/operations.md, "Upgrade").
    IF EXISTS (SELECT FROM sekisho.keyring_key) THEN
        GRANT sekisho_clerk TO sekisho_authd;
    END IF;
END
$$;
ALTER ROLE sekisho_clerk SET jit = off;
GRANT USAGE ON SCHEMA sekisho TO sekisho_clerk;

-- Each function's own file makes it again and grants it to whom it is for. They
-- are dropped, not revoked: what this version has no more, or with other
-- parameters, must not look as if it had been made anew (sekisho-migrate).
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc p, aclexplode(p.proacl) a
              WHERE p.pronamespace = 'sekisho'::regnamespace
                AND a.grantee = 'sekisho_authd'::regrole LOOP
        EXECUTE 'DROP FUNCTION ' || f;
    END LOOP;
END
$$;
