-- SPDX-License-Identifier: GPL-2.0-or-later
-- Adds a person with a first affiliation. p_login is canonical already
-- (common/rules/name.h), p_forms the name folded in every script.
CREATE OR REPLACE FUNCTION sekisho.person_add(
    p_login text,
    p_name text,
    p_kana text DEFAULT '',
    p_lang text DEFAULT 'ja',
    p_kind text DEFAULT 'staff',
    p_unit text DEFAULT '',
    p_sponsor text DEFAULT '',
    p_from timestamptz DEFAULT NULL,
    p_until timestamptz DEFAULT NULL,
    p_forms text[] DEFAULT '{}',
    p_birth date DEFAULT NULL,
    p_staff_number text DEFAULT '',
    p_rule text DEFAULT 'default',
    p_pledge date DEFAULT NULL,
    p_training date DEFAULT NULL,
    p_contract date DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM password_rule u WHERE u.name = p_rule) THEN
        PERFORM refuse('password_rule_unknown', p_rule);
    END IF;
    INSERT INTO person (login, name, kana, lang, kind, name_forms, birth, staff_number, password_rule,
        pledge_on, training_on, contract_until)
    VALUES (p_login, p_name, p_kana, p_lang, p_kind, p_forms, p_birth, p_staff_number, p_rule,
        p_pledge, p_training, p_contract)
    ON CONFLICT (login) DO NOTHING RETURNING id INTO v_id;
    IF v_id IS NULL THEN
        PERFORM refuse('person_exists', p_login);
    END IF;
    INSERT INTO affiliation (person_id, unit, sponsor, valid_from, valid_until)
    VALUES (v_id, p_unit, p_sponsor, coalesce(p_from, clock_timestamp()), p_until);
    PERFORM audit_admin('person_add', p_login, v_id);
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_add(text, text, text, text, text, text, text, timestamptz, timestamptz,
    text[], date, text, text, date, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_add(text, text, text, text, text, text, text, timestamptz, timestamptz,
    text[], date, text, text, date, date, date) TO sekisho_operator;
