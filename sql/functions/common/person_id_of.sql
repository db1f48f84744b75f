-- SPDX-License-Identifier: GPL-2.0-or-later
-- The person of a login name, or a refusal.
CREATE OR REPLACE FUNCTION sekisho.person_id_of(
    p_login text)
    RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    SELECT p.id INTO v_id FROM person p WHERE p.login = p_login;
    IF v_id IS NULL THEN
        PERFORM refuse('person_unknown', p_login);
    END IF;
    RETURN v_id;
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_id_of(text) FROM PUBLIC;
