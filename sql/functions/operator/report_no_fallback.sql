-- SPDX-License-Identifier: GPL-2.0-or-later
-- Who would have no way in if entries stopped counting: persons that may log in,
-- with a password and nothing else that counts, who logged in within 90 days at
-- terminals where an entry is a factor.
CREATE OR REPLACE FUNCTION sekisho.report_no_fallback()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('login', p.login, 'name', p.name,
            'units', (SELECT coalesce(jsonb_agg(a.unit ORDER BY a.unit), '[]') FROM affiliation a
                WHERE a.person_id = p.id AND a.unit <> '' AND a.valid_from <= v_now
                  AND (a.valid_until IS NULL OR a.valid_until > v_now)),
            'fits_door', password_fits_door(p.id), 'clients', t.clients, 'last_on', t.last_on) ORDER BY p.login), '[]')
      FROM person p,
           LATERAL (SELECT jsonb_agg(c.name ORDER BY c.name) AS clients, max(f.last_on) AS last_on
                      FROM familiar f JOIN client c ON c.id = f.client_id
                           JOIN policy y ON y.id = c.policy_id
                     WHERE f.person_id = p.id AND f.last_on > (v_now - interval '90 days')::date
                       AND c.status = 'active' AND c.kind = 'terminal' AND c.zone_id IS NOT NULL
                       AND y.methods @> '{door}') t
     WHERE p.status = 'active' AND t.clients IS NOT NULL
       AND EXISTS (SELECT FROM affiliation a WHERE a.person_id = p.id AND a.valid_from <= v_now
            AND (a.valid_until IS NULL OR a.valid_until > v_now))
       AND EXISTS (SELECT FROM verifier r WHERE r.person_id = p.id AND r.status = 'active')
       AND NOT EXISTS (SELECT FROM token k WHERE k.person_id = p.id AND k.method = 'totp'
            AND k.status = 'active')
       AND NOT EXISTS (SELECT FROM token k JOIN fido2_key f ON f.token_id = k.id
            WHERE k.person_id = p.id AND fido2_fault(k, f,
                (SELECT s.value FROM setting s WHERE s.name = 'fido2.rp_id')) IS NULL)
       AND NOT EXISTS (SELECT FROM token k JOIN card d ON d.token_id = k.id
                JOIN card_key y ON y.token_id = k.id LEFT JOIN issuer i ON i.id = y.issuer_id
            WHERE k.person_id = p.id AND card_fault(k, d, y, i, v_now) IS NULL));
END
$$;
REVOKE ALL ON FUNCTION sekisho.report_no_fallback() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.report_no_fallback() TO sekisho_operator, sekisho_auditor;
