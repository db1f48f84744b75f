-- SPDX-License-Identifier: GPL-2.0-or-later
-- Seconds until a subject may be evaluated in a category: read again when a
-- worker has waited for its turn to hash.
CREATE OR REPLACE FUNCTION sekisho.attempt_wait(
    p_subject uuid, p_scope text, p_category text) RETURNS int
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT coalesce((SELECT throttle_wait(t, clock_timestamp()) FROM throttle t
        WHERE t.subject = p_subject AND t.scope = p_scope AND t.category = p_category), 0)
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_wait(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attempt_wait(uuid, text, text) TO sekisho_authd;
