-- SPDX-License-Identifier: GPL-2.0-or-later
-- The rules for passwords, and how many people follow each.
CREATE OR REPLACE FUNCTION sekisho.password_rule_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(to_jsonb(u) || jsonb_build_object(
            'persons', (SELECT count(*) FROM person p WHERE p.password_rule = u.name AND p.status <> 'left'),
            'expired', (SELECT count(*) FROM person p JOIN verifier v ON v.person_id = p.id AND v.status = 'active'
                         WHERE p.password_rule = u.name AND p.status = 'active'
                           AND password_change_due(v, u, clock_timestamp()) < 0))
            ORDER BY u.name), '[]') FROM password_rule u);
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_rule_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.password_rule_list() TO sekisho_operator, sekisho_auditor;
