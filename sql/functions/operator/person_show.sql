-- SPDX-License-Identifier: GPL-2.0-or-later
-- One person.
CREATE OR REPLACE FUNCTION sekisho.person_show(
    p_login text)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN person_json(person_id_of(p_login));
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_show(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_show(text) TO sekisho_operator, sekisho_auditor;
