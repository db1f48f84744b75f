-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who a person is to Active Directory, for certificates made from now on; ''
-- takes it away.
CREATE OR REPLACE FUNCTION sekisho.person_sid(
    p_login text,
    p_sid text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    v_id := person_id_of(p_login);
    IF p_sid <> '' AND p_sid !~ '^S-1-5-21(-(0|[1-9][0-9]{0,9})){4}$' THEN
        PERFORM refuse('sid_malformed', p_sid);
    END IF;
    UPDATE person p SET sid = p_sid WHERE p.id = v_id;
    PERFORM audit_admin('person_sid', p_login, v_id, jsonb_build_object('sid', p_sid));
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_sid(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_sid(text, text) TO sekisho_operator;
