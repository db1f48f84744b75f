-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a login of this person at this client would rest on now: exactly what a
-- worker would read (attempt_ground), and what people want to know besides. What
-- it makes of that is not said here: card-admin asks the rules that the workers
-- ask (common/rules/first.h). It tells where a colleague is, so it needs a
-- reason, and is written down.
CREATE OR REPLACE FUNCTION sekisho.policy_explain(
    p_login text,
    p_client text,
    p_why text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_person uuid := person_id_of(p_login);
    v_client uuid;
    v attempt_view;
    w presence;
BEGIN
    IF coalesce(btrim(p_why), '') = '' THEN
        PERFORM refuse('why_missing', p_login);
    END IF;
    SELECT c.id INTO v_client FROM client c WHERE c.name = p_client AND c.status = 'active';
    IF v_client IS NULL THEN
        PERFORM refuse('client_unknown', p_client);
    END IF;
    PERFORM audit_admin('policy_explain', p_login, v_person,
        jsonb_build_object('why', left(p_why, 500), 'client', p_client));
    SELECT (g.v).* INTO v FROM attempt_ground(v_client, p_login, v_person, v_now) g;
    w := presence_of(v_person, v_now, true);
    RETURN jsonb_build_object('at', v_now,
        'person', (SELECT jsonb_build_object('login', p.login, 'name', p.name, 'status', p.status,
                'usable', v.person_usable) FROM person p WHERE p.id = v_person),
        'client', (SELECT jsonb_build_object('name', c.name, 'kind', c.kind, 'zone', z.name,
                'address', c.address::text, 'one_address',
                masklen(c.address) = CASE family(c.address) WHEN 4 THEN 32 ELSE 128 END,
                'scope', v.scope, 'codes', c.codes, 'show_first', c.show_first,
                'no_ma', v.client_no_ma)
            FROM client c LEFT JOIN zone z ON z.id = c.zone_id WHERE c.id = v_client),
        'policy', (SELECT x FROM jsonb_array_elements(policy_list()) x, client c, policy y
            WHERE c.id = v_client AND y.id = c.policy_id AND x ->> 'name' = y.name),
        'password', (SELECT jsonb_build_object('change', password_change_due(r, u, v_now), 'with_card', r.with_card,
                'min_chars', r.min_chars, 'fits_door', password_fits_door(v_person))
            FROM verifier r JOIN person p ON p.id = r.person_id JOIN password_rule u ON u.name = p.password_rule
           WHERE r.person_id = v_person AND r.status = 'active'),
        'tokens', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'label', k.label,
                'status', k.status, 'counts', k.status = 'active') ORDER BY k.created_at), '[]')
            FROM token k WHERE k.person_id = v_person AND k.method = 'totp' AND k.status <> 'revoked'),
        -- of a card the key that is worth most here
        'cards', (SELECT coalesce(jsonb_agg(jsonb_build_object('number', x.number, 'pin', x.pin,
                'counts', x.fault IS NULL, 'fault', x.fault) ORDER BY x.created_at), '[]')
            FROM (SELECT DISTINCT ON (k.id) k.created_at, coalesce(nullif(d.number, ''), k.label) AS number,
                         y.pin = 'enforced' AS pin,
                         CASE WHEN y.id IS NULL THEN 'card_pending'
                              ELSE card_fault(k, d, y, i, v_now) END AS fault
                    FROM token k JOIN card d ON d.token_id = k.id
                         LEFT JOIN card_key y ON y.token_id = k.id AND y.revoked_at IS NULL
                         LEFT JOIN issuer i ON i.id = y.issuer_id
                   WHERE k.person_id = v_person AND k.status <> 'revoked'
                   ORDER BY k.id, card_fault(k, d, y, i, v_now) IS NOT NULL, y.pin <> 'enforced') x),
        'fido2', (SELECT coalesce(jsonb_agg(jsonb_build_object('label', k.label, 'uv', f.uv,
                'counts', x.fault IS NULL, 'fault', x.fault) ORDER BY k.created_at), '[]')
            FROM token k JOIN fido2_key f ON f.token_id = k.id, LATERAL (SELECT fido2_fault(k, f,
                (SELECT s.value FROM setting s WHERE s.name = 'fido2.rp_id')) AS fault) x
           WHERE k.person_id = v_person AND k.status <> 'revoked'),
        'waits', (SELECT coalesce(jsonb_object_agg(t.category, throttle_wait(t, v_now)), '{}')
            FROM throttle t WHERE t.subject = v.subject AND t.scope = v.scope
             AND throttle_wait(t, v_now) > 0),
        'presence', jsonb_build_object(
            'zone', (SELECT z.name FROM zone z WHERE z.id = w.zone_id), 'since', w.since,
            'until', w.until, 'door', w.door, 'method', w.method, 'category', w.category,
            'counts', w.zone_id IS NOT NULL AND w.fault IS NULL, 'fault', w.fault,
            'in_use_at', (SELECT coalesce(jsonb_agg(c.name ORDER BY c.name), '[]')
                FROM presence_use u JOIN client c ON c.id = u.client_id WHERE u.event_id = w.event_id)),
        'ground', jsonb_build_object('now', v.now_epoch, 'door_counts', v.door_counts,
            'door_fault', v.door_fault, 'door_event', v.door_event, 'door_category', v.door_category,
            'door_at', v.door_at, 'door_until', v.door_until, 'door_name', v.door_name,
            'earlier', v.earlier, 'earlier_category', v.earlier_category,
            'earlier_method', v.earlier_method, 'earlier_at', v.earlier_at,
            'earlier_until', v.earlier_until, 'earlier_label', v.earlier_label));
END
$$;
REVOKE ALL ON FUNCTION sekisho.policy_explain(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.policy_explain(text, text, text) TO sekisho_operator;
