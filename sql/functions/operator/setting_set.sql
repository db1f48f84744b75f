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
    -- All are numbers today, each within what the tables and libsodium take.
    IF p_value !~ '^[0-9]{1,7}$' OR NOT (p_value::int <@ CASE p_name
            WHEN 'password.opslimit' THEN int4range(1, 16, '[]')
            WHEN 'password.memlimit_kib' THEN int4range(8192, 1048576, '[]')
            WHEN 'tally_seconds' THEN int4range(1, 3600, '[]')
            ELSE int4range(NULL, NULL) END) THEN
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
