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
DECLARE
    v_now timestamptz := clock_timestamp();
    v_t throttle;
BEGIN
    now_epoch := floor(extract(epoch FROM v_now));
    SELECT c.version, c.name, c.kind, c.codes, c.show_first, c.lang,
           coalesce(c.no_ma_until > v_now, false), c.zone_id, z.version,
           p.id, p.version, p.methods, p.state_seconds, p.totp_window,
           p.session_timeout, p.idle_timeout,
           CASE WHEN c.no_ma_until > v_now THEN 'client/' || c.id
                WHEN c.kind IN ('terminal', 'door') THEN 'inside'
                ELSE 'outside' END
      INTO client_version, client_name, client_kind, client_codes,
           client_show_first, client_lang, client_no_ma, zone_id, zone_version,
           policy_id, policy_version, policy_methods, state_seconds, totp_window,
           session_timeout, idle_timeout, scope
      FROM client c JOIN policy p ON p.id = c.policy_id
           LEFT JOIN zone z ON z.id = c.zone_id
     WHERE c.id = p_client AND c.status = 'active';
    IF NOT FOUND THEN
        RETURN;
    END IF;

    SELECT p.id, p.version, p.lang,
           p.status = 'active' AND EXISTS (
               SELECT FROM affiliation a WHERE a.person_id = p.id
                  AND a.valid_from <= v_now
                  AND (a.valid_until IS NULL OR a.valid_until > v_now)),
           EXISTS (SELECT FROM familiar f
                    WHERE f.person_id = p.id AND f.client_id = p_client
                      AND f.last_on > (v_now - interval '90 days')::date)
      INTO person_id, person_version, person_lang, person_usable, familiar
      FROM person p WHERE p.login = p_login;
    subject := coalesce(person_id, p_bucket);

    knowledge_wait := 0;
    possession_wait := 0;
    FOR v_t IN SELECT t.* FROM throttle t
                WHERE t.subject = attempt_read.subject AND t.scope = attempt_read.scope LOOP
        IF v_t.category = 'knowledge' THEN
            knowledge_wait := throttle_wait(v_t, v_now);
        ELSIF v_t.category = 'possession' THEN
            possession_wait := throttle_wait(v_t, v_now);
        END IF;
    END LOOP;

    IF p_state IS NULL THEN
        -- a first round hashes: with the person's cost, or as if it had one
        SELECT s.value::int INTO cost_opslimit FROM setting s WHERE s.name = 'password.opslimit';
        SELECT s.value::int INTO cost_memlimit_kib FROM setting s WHERE s.name = 'password.memlimit_kib';
    ELSE
        SELECT true, l.evidence INTO state_found, state_evidence
          FROM login l
         WHERE l.state_hash = p_state AND l.subject = attempt_read.subject
           AND l.login = p_login AND l.client_id = p_client
           AND l.expires_at > v_now;
        state_found := coalesce(state_found, false);
    END IF;

    IF person_id IS NOT NULL THEN
        SELECT v.id, v.salt, v.opslimit, v.memlimit_kib, v.sealed, v.key_version,
               v.must_change
          INTO verifier_id, salt, opslimit, memlimit_kib, tag, tag_key, must_change
          FROM verifier v
         WHERE v.person_id = attempt_read.person_id AND v.status = 'active';
        FOR token_id, token_label, algorithm, digits, period, last_step, drift,
            seed, seed_key IN
            SELECT k.id, k.label, k.algorithm, k.digits::int, k.period::int,
                   k.last_step, k.drift, k.sealed, k.key_version
              FROM token k
             WHERE k.person_id = attempt_read.person_id AND k.status = 'active'
               AND k.method = 'totp'
             ORDER BY k.created_at LIMIT 8 LOOP
            RETURN NEXT;
        END LOOP;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_read(uuid, text, uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attempt_read(uuid, text, uuid, bytea) TO sekisho_authd;
