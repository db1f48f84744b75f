-- SPDX-License-Identifier: GPL-2.0-or-later
-- Maintenance work, newest first; of one account, or what is not closed yet.
CREATE OR REPLACE FUNCTION sekisho.maintenance_list(
    p_login text DEFAULT NULL,
    p_open boolean DEFAULT false,
    p_limit int DEFAULT 1000)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(maintenance_json(x.id) ORDER BY x.id DESC), '[]') FROM (
        SELECT m.id FROM maintenance m JOIN person p ON p.id = m.person_id
         WHERE (p_login IS NULL OR p.login = p_login)
           AND (NOT p_open OR m.status IN ('requested', 'approved'))
         ORDER BY m.id DESC LIMIT least(p_limit, 100000)) x);
END
$$;
REVOKE ALL ON FUNCTION sekisho.maintenance_list(text, boolean, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.maintenance_list(text, boolean, int) TO sekisho_operator, sekisho_auditor;
