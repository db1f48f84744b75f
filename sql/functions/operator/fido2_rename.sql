-- SPDX-License-Identifier: GPL-2.0-or-later
-- What its holder calls the key.
CREATE OR REPLACE FUNCTION sekisho.fido2_rename(
    p_token uuid,
    p_label text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_old text;
    v_person person;
BEGIN
    SELECT t.label INTO v_old FROM token t JOIN fido2_key k ON k.token_id = t.id WHERE t.id = p_token;
    IF NOT FOUND THEN
        PERFORM refuse('fido2_key_unknown', p_token::text);
    END IF;
    UPDATE token t SET label = p_label WHERE t.id = p_token;
    SELECT p.* INTO v_person FROM person p JOIN token t ON t.person_id = p.id WHERE t.id = p_token;
    PERFORM audit_admin('fido2_rename', v_person.login, v_person.id,
        jsonb_build_object('token', p_token, 'from', v_old, 'to', p_label));
    RETURN fido2_json(p_token);
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_rename(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_rename(uuid, text) TO sekisho_operator;
