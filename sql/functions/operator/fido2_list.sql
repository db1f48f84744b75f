-- SPDX-License-Identifier: GPL-2.0-or-later
-- The FIDO2 keys of a person, or of all (NULL); those that are over for good come last.
CREATE OR REPLACE FUNCTION sekisho.fido2_list(
    p_login text DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid := CASE WHEN p_login IS NOT NULL THEN person_id_of(p_login) END;
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(fido2_json(k.token_id)
                ORDER BY p.login, k.state = 'revoked', t.created_at, t.id), '[]')
              FROM fido2_key k JOIN token t ON t.id = k.token_id JOIN person p ON p.id = t.person_id
             WHERE v_person IS NULL OR t.person_id = v_person);
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_list(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_list(text) TO sekisho_operator, sekisho_auditor, sekisho_night;
