-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes what a person is called, what is known of him and which rule his
-- password follows; NULL leaves it. Certificates have the name from now on. The
-- login is for good.
CREATE OR REPLACE FUNCTION sekisho.person_set(
    p_login text,
    p_name text DEFAULT NULL,
    p_kana text DEFAULT NULL,
    p_lang text DEFAULT NULL,
    p_forms text[] DEFAULT NULL,
    p_birth date DEFAULT NULL,
    p_staff_number text DEFAULT NULL,
    p_rule text DEFAULT NULL,
    p_pledge date DEFAULT NULL,
    p_training date DEFAULT NULL,
    p_contract date DEFAULT NULL)
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
    IF p_rule IS NOT NULL AND NOT EXISTS (SELECT FROM password_rule u WHERE u.name = p_rule) THEN
        PERFORM refuse('password_rule_unknown', p_rule);
    END IF;
    SELECT p.* INTO v_before FROM person p WHERE p.id = v_id FOR UPDATE;
    UPDATE person p SET name = coalesce(p_name, p.name), kana = coalesce(p_kana, p.kana),
           lang = coalesce(p_lang, p.lang), name_forms = coalesce(p_forms, p.name_forms),
           birth = coalesce(p_birth, p.birth), staff_number = coalesce(p_staff_number, p.staff_number),
           password_rule = coalesce(p_rule, p.password_rule), pledge_on = coalesce(p_pledge, p.pledge_on),
           training_on = coalesce(p_training, p.training_on), contract_until = coalesce(p_contract, p.contract_until)
     WHERE p.id = v_id;
    -- that the date of birth was changed is written down, not which it is
    PERFORM audit_admin('person_set', p_login, v_id, (SELECT jsonb_build_object(
        'before', jsonb_build_object('name', v_before.name, 'kana', v_before.kana, 'lang', v_before.lang,
            'staff_number', v_before.staff_number, 'password_rule', v_before.password_rule, 'pledge_on', v_before.pledge_on,
            'training_on', v_before.training_on, 'contract_until', v_before.contract_until),
        'after', jsonb_build_object('name', p.name, 'kana', p.kana, 'lang', p.lang,
            'staff_number', p.staff_number, 'password_rule', p.password_rule, 'pledge_on', p.pledge_on,
            'training_on', p.training_on, 'contract_until', p.contract_until),
        'birth_changed', p.birth IS DISTINCT FROM v_before.birth)
       FROM person p WHERE p.id = v_id));
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_set(text, text, text, text, text[], date, text, text, date, date,
    date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_set(text, text, text, text, text[], date, text, text, date, date,
    date) TO sekisho_operator;
