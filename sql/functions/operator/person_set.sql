-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes what a person is called and in which language spoken to; NULL leaves
-- it. Certificates have the name from now on. The login is for good.
CREATE OR REPLACE FUNCTION sekisho.person_set(
    p_login text,
    p_name text DEFAULT NULL,
    p_kana text DEFAULT NULL,
    p_lang text DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_before person;
    v_id uuid;
BEGIN
    v_id := person_id_of(p_login);
    IF p_login = 'card stock' OR p_name = '' THEN
        PERFORM refuse('person_name', p_login);
    END IF;
    SELECT p.* INTO v_before FROM person p WHERE p.id = v_id FOR UPDATE;
    UPDATE person p SET name = coalesce(p_name, p.name), kana = coalesce(p_kana, p.kana),
           lang = coalesce(p_lang, p.lang)
     WHERE p.id = v_id;
    PERFORM audit_admin('person_set', p_login, v_id, (SELECT jsonb_build_object(
        'before', jsonb_build_object('name', v_before.name, 'kana', v_before.kana, 'lang', v_before.lang),
        'after', jsonb_build_object('name', p.name, 'kana', p.kana, 'lang', p.lang))
       FROM person p WHERE p.id = v_id));
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_set(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_set(text, text, text, text) TO sekisho_operator;
