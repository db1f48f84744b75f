-- SPDX-License-Identifier: GPL-2.0-or-later
-- An officer confirms the rules for passwords as they stand (C.14 (4)).
CREATE OR REPLACE FUNCTION sekisho.policy_confirm(
    p_note text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF length(btrim(coalesce(p_note, ''))) < 3 THEN
        PERFORM refuse('policy_note_missing');
    END IF;
    INSERT INTO policy_confirmation (note, rules)
    VALUES (p_note, jsonb_build_object('passwords', password_rule_list(), 'policies', policy_list(),
        'settings', (SELECT jsonb_object_agg(s.name, s.value) FROM setting s WHERE s.name LIKE 'password.%')));
    PERFORM audit_admin('policy_confirmed', NULL, NULL, jsonb_build_object('note', p_note));
    RETURN policy_confirmation_show();
END
$$;
REVOKE ALL ON FUNCTION sekisho.policy_confirm(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.policy_confirm(text) TO sekisho_operator;
