-- SPDX-License-Identifier: GPL-2.0-or-later
-- Numbers and whose they are; one person's, or all.
CREATE OR REPLACE FUNCTION sekisho.badge_list(
    p_login text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF p_login <> '' THEN
        PERFORM person_id_of(p_login);
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('number', encode(b.number, 'hex'),
            'login', p.login, 'status', p.status, 'added_at', b.added_at, 'added_by', b.added_by)
            ORDER BY p.login, b.added_at), '[]')
        FROM badge b JOIN person p ON p.id = b.person_id
       WHERE p_login = '' OR p.login = p_login);
END
$$;
REVOKE ALL ON FUNCTION sekisho.badge_list(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.badge_list(text) TO sekisho_operator;
