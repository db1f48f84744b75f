-- SPDX-License-Identifier: GPL-2.0-or-later
-- Persons whose login, name or kana contains a text.
CREATE OR REPLACE FUNCTION sekisho.person_list(
    p_match text DEFAULT '',
    p_limit int DEFAULT 1000)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(person_json(x.id) ORDER BY x.login), '[]') FROM (
        SELECT p.id, p.login FROM person p
         WHERE p.login <> 'card stock'   -- nobody
           AND (p_match = '' OR strpos(p.login, p_match) > 0
            OR strpos(p.name, p_match) > 0 OR strpos(p.kana, p_match) > 0)
         ORDER BY p.login LIMIT p_limit) x);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_list(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_list(text, int) TO sekisho_operator, sekisho_auditor;
