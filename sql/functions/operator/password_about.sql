-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a new password of this person is judged by, for who sees it in clear.
CREATE OR REPLACE FUNCTION sekisho.password_about(
    p_login text)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid := person_id_of(p_login);
BEGIN
    RETURN (SELECT jsonb_build_object('id', p.id, 'login', p.login, 'lang', p.lang, 'name', p.name,
            'names', to_jsonb(p.name_forms), 'birth', p.birth, 'staff_number', p.staff_number,
            'rule', u.name, 'class', u.class, 'min_chars', u.min_chars, 'expire_days', u.expire_days,
            'guess_bits', (SELECT s.value::int FROM setting s WHERE s.name = 'password.guess_bits'),
            'had_one', EXISTS (SELECT FROM verifier v WHERE v.person_id = v_id))
       FROM person p JOIN password_rule u ON u.name = p.password_rule WHERE p.id = v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_about(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.password_about(text) TO sekisho_operator;
