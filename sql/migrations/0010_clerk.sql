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

-- Each function's own file grants it again to whom it is for.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA sekisho FROM sekisho_authd;
