-- SPDX-License-Identifier: GPL-2.0-or-later
-- As attempt_read, for a round that brings a card's signature: the key it is
-- said to be of, and why that key does not count (NULL: it does). Neither
-- password, codes nor refusal times are read: a signature cannot be guessed,
-- and failures of other kinds never stand in its way.
CREATE OR REPLACE FUNCTION sekisho.attempt_read_signed(
    p_client uuid, p_login text, p_bucket uuid, p_state bytea, p_key bytea)
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
        last_step bigint, drift int, seed bytea, seed_key int,
        key_token uuid, key_label text, key_spki bytea, key_pin boolean,
        key_fault text)
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
           CASE WHEN c.no_ma_until > v_now THEN 'client/' || c.id
                WHEN c.kind IN ('terminal', 'door') THEN 'inside'
                ELSE 'outside' END,
           coalesce(p.id, p_bucket),
           p.id, p.version,
           p.status = 'active' AND EXISTS (
               SELECT FROM affiliation a WHERE a.person_id = p.id
                  AND a.valid_from <= v_now
                  AND (a.valid_until IS NULL OR a.valid_until > v_now)),
           p.lang, false, 0, 0,
           NULL::uuid, NULL::bytea, NULL::int, NULL::int, NULL::bytea, NULL::int,
           NULL::boolean, NULL::int, NULL::int,
           l.state_hash IS NOT NULL, l.evidence,
           NULL::uuid, NULL::text, NULL::text, NULL::int, NULL::int,
           NULL::bigint, NULL::int, NULL::bytea, NULL::int,
           q.token_id, q.label, q.spki, q.pin,
           CASE WHEN q.token_id IS NULL THEN 'card_unknown'
                WHEN q.person_id IS DISTINCT FROM p.id THEN 'card_of_another'
                ELSE q.fault END
      FROM client c
           JOIN policy y ON y.id = c.policy_id
           LEFT JOIN person p ON p.login = p_login
           LEFT JOIN login l ON l.state_hash = p_state
               AND l.subject = coalesce(p.id, p_bucket) AND l.login = p_login
               AND l.client_id = c.id AND l.expires_at > v_now
               AND (NOT l.evidence @> '[{"method":"card"}]'
                   OR card_evidence_counts(l.evidence, v_now))
           LEFT JOIN LATERAL (
               SELECT t.id AS token_id, t.person_id, coalesce(nullif(d.number, ''), t.label) AS label, k.spki,
                      k.pin = 'enforced' AS pin, card_fault(t, d, k, i, v_now) AS fault
                 FROM card_key k
                      JOIN card d ON d.token_id = k.token_id
                      JOIN token t ON t.id = k.token_id
                      LEFT JOIN issuer i ON i.id = k.issuer_id
                WHERE k.key_id = p_key
                ORDER BY k.revoked_at NULLS FIRST LIMIT 1) q ON true
     WHERE c.id = p_client AND c.status = 'active';
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_read_signed(uuid, text, uuid, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attempt_read_signed(uuid, text, uuid, bytea, bytea) TO sekisho_authd;
