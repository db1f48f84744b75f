-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether the workers' role has the clerk's rights besides, as it may during
-- an upgrade and no longer. Asked by each clerk when it begins.
CREATE OR REPLACE FUNCTION sekisho.clerk_begin()
    RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT pg_has_role('sekisho_authd', 'sekisho_clerk', 'MEMBER')
$$;
REVOKE ALL ON FUNCTION sekisho.clerk_begin() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.clerk_begin() TO sekisho_clerk;
