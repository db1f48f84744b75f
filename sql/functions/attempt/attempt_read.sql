-- SPDX-License-Identifier: GPL-2.0-or-later
-- Everything a worker needs to evaluate an attempt, in one read without
-- locks: one row per usable token, or one row without any. No row at all when
-- the client is unknown or removed. For an unknown name the throttle is that
-- of the bucket (p_bucket), so that both look alike from outside.
CREATE OR REPLACE FUNCTION sekisho.attempt_read(
    p_client uuid, p_login text, p_bucket uuid, p_state bytea)
    RETURNS TABLE (
        now_epoch bigint,
        client_version bigint, client_name text, client_kind text,
        client_codes text, client_show_first boolean, client_lang text,
        client_no_ma boolean, zone_id uuid, zone_version bigint,
        policy_id uuid, policy_version bigint, policy_methods text[],
        state_seconds int, totp_window int,
        session_timeout int, idle_timeout int,
        scope text, subject uuid,
        person_id uuid, person_version bigint, person_usable boolean,
        person_lang text, familiar boolean,
        knowledge_wait int, possession_wait int,
        verifier_id uuid, salt bytea, opslimit int, memlimit_kib int,
        tag bytea, tag_key int, must_change boolean,
        cost_opslimit int, cost_memlimit_kib int,
        state_found boolean, state_evidence jsonb,
        token_id uuid, token_label text, algorithm text, digits int, period int,
        last_step bigint, drift int, seed bytea, seed_key int)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    SELECT floor(extract(epoch FROM v_now))::bigint,
           c.version, c.name, c.kind, c.codes, c.show_first, c.lang,
           coalesce(c.no_ma_until > v_now, false), c.zone_id,
           (SELECT z.version FROM zone z WHERE z.id = c.zone_id),
           y.id, y.version, y.methods, y.state_seconds, y.totp_window::int,
           y.session_timeout, y.idle_timeout,
           s.scope, coalesce(p.id, p_bucket),
           p.id, p.version,
           p.status = 'active' AND EXISTS (
               SELECT FROM affiliation a WHERE a.person_id = p.id
                  AND a.valid_from <= v_now
                  AND (a.valid_until IS NULL OR a.valid_until > v_now)),
           p.lang,
           p_state IS NULL AND EXISTS (
               SELECT FROM familiar f
                WHERE f.person_id = p.id AND f.client_id = c.id
                  AND f.last_on > (v_now - interval '90 days')::date),
           coalesce((SELECT throttle_wait(t, v_now) FROM throttle t
                      WHERE t.subject = coalesce(p.id, p_bucket)
                        AND t.scope = s.scope AND t.category = 'knowledge'), 0),
           coalesce((SELECT throttle_wait(t, v_now) FROM throttle t
                      WHERE t.subject = coalesce(p.id, p_bucket)
                        AND t.scope = s.scope AND t.category = 'possession'), 0),
           v.id, v.salt, v.opslimit, v.memlimit_kib, v.sealed, v.key_version,
           v.must_change,
           -- a first round hashes: with the person's cost, or as if it had one
           CASE WHEN p_state IS NULL OR l.evidence @> '[{"method":"card"}]'
               THEN (SELECT g.value::int FROM setting g
               WHERE g.name = 'password.opslimit') END,
           CASE WHEN p_state IS NULL OR l.evidence @> '[{"method":"card"}]'
               THEN (SELECT g.value::int FROM setting g
               WHERE g.name = 'password.memlimit_kib') END,
           l.state_hash IS NOT NULL, l.evidence,
           k.id, k.label::text, k.algorithm::text, k.digits::int, k.period::int,
           k.last_step, k.drift, k.sealed, k.key_version
      FROM client c
           JOIN policy y ON y.id = c.policy_id
           CROSS JOIN LATERAL (SELECT
               CASE WHEN c.no_ma_until > v_now THEN 'client/' || c.id
                    WHEN c.kind IN ('terminal', 'door') THEN 'inside'
                    ELSE 'outside' END AS scope OFFSET 0) s
           LEFT JOIN person p ON p.login = p_login
           LEFT JOIN login l ON l.state_hash = p_state
               AND l.subject = coalesce(p.id, p_bucket) AND l.login = p_login
               AND l.client_id = c.id AND l.expires_at > v_now
               AND (NOT l.evidence @> '[{"method":"card"}]'
                   OR card_evidence_counts(l.evidence, v_now))
           -- a first round, or one after a card that asked for no PIN
           LEFT JOIN verifier v ON (p_state IS NULL
                   OR l.evidence @> '[{"method":"card"}]')
               AND v.person_id = p.id AND v.status = 'active'
           LEFT JOIN LATERAL (SELECT k.* FROM token k
               WHERE k.person_id = p.id AND k.status = 'active'
                 AND k.method = 'totp' ORDER BY k.created_at LIMIT 8) k ON true
     WHERE c.id = p_client AND c.status = 'active';
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_read(uuid, text, uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attempt_read(uuid, text, uuid, bytea) TO sekisho_authd;
