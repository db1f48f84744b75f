-- SPDX-License-Identifier: GPL-2.0-or-later
-- One person as card-admin shows it: no verifier, no seed, ever.
CREATE OR REPLACE FUNCTION sekisho.person_json(
    p_person uuid)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
        'id', p.id, 'login', p.login, 'name', p.name, 'kana', p.kana,
        'lang', p.lang, 'kind', p.kind, 'status', p.status, 'version', p.version, 'sid', p.sid,
        'created_at', p.created_at, 'staff_number', p.staff_number, 'birth', p.birth,
        'password_rule', p.password_rule, 'pledge_on', p.pledge_on, 'training_on', p.training_on,
        'contract_until', p.contract_until,
        'affiliations', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', a.id, 'unit', a.unit, 'sponsor', a.sponsor, 'from', a.valid_from,
                'until', a.valid_until) ORDER BY a.valid_from), '[]')
            FROM affiliation a WHERE a.person_id = p.id),
        'password', (SELECT jsonb_build_object('set_at', v.set_at, 'set_by', v.set_by,
                'must_change', v.must_change, 'min_chars', v.min_chars, 'with_card', v.with_card,
                'change', password_change_due(v, u, clock_timestamp()))
            FROM verifier v JOIN password_rule u ON u.name = p.password_rule WHERE v.person_id = p.id AND v.status = 'active'),
        'tokens', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id,
                'method', k.method, 'label', k.label, 'status', k.status)
                ORDER BY k.created_at), '[]')
            FROM token k WHERE k.person_id = p.id AND k.status <> 'revoked'),
        'throttle', (SELECT coalesce(jsonb_agg(jsonb_build_object('scope', t.scope,
                'category', t.category, 'failures', t.failures, 'total', t.total,
                'wait', throttle_wait(t, clock_timestamp()), 'hard', t.hard)
                ORDER BY t.scope, t.category), '[]')
            FROM throttle t WHERE t.subject = p.id AND t.total > 0))
      FROM person p WHERE p.id = p_person);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_json(uuid) FROM PUBLIC;
