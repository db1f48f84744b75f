-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes one setting.
CREATE OR REPLACE FUNCTION sekisho.setting_set(
    p_name text,
    p_value text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_new jsonb;
BEGIN
    IF p_name LIKE 'password.%' AND p_value !~ '^[1-9][0-9]{0,6}$' OR length(p_value) > 64 THEN
        PERFORM refuse('setting_value', p_name);
    END IF;
    UPDATE setting s SET value = p_value WHERE s.name = p_name RETURNING to_jsonb(s) INTO v_new;
    IF v_new IS NULL THEN
        PERFORM refuse('setting_unknown', p_name);
    END IF;
    PERFORM audit_admin('setting_set', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.setting_set(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.setting_set(text, text) TO sekisho_operator;
