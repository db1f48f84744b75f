-- SPDX-License-Identifier: GPL-2.0-or-later
-- Everything a worker needs to evaluate an attempt, without locks: one row per
-- usable token, or one row without any. No row at all when the client is
-- unknown or removed. For an unknown name the throttle is that of the bucket
-- (p_bucket), so that both look alike from outside.
--
-- A second round rests on what the first one read; attempt_record refuses it
-- if that has changed. p_key comes with a round that brings a card's
-- signature: the key it is said to be of, and why that key does not count
-- (key_fault NULL: it does); p_fido2: it is a FIDO2 key, and p_key the digest of its
-- credential id; p_certificate: that very certificate of the key. p_station: the machine's
-- address, if it has told one. Neither password, codes nor refusal times are
-- read then: a signature cannot be guessed, and failures of other kinds never
-- stand in its way.
--
-- Look-ups by key, one after the other, instead of one join: in a STABLE
-- function all of them see what the call's own statement sees, and a join of a
-- dozen tables costs several times as much to begin as to carry out.
CREATE OR REPLACE FUNCTION sekisho.attempt_read(
    p_client uuid, p_login text, p_bucket uuid, p_state bytea, p_key bytea,
    p_fido2 boolean DEFAULT false, p_certificate uuid DEFAULT NULL, p_station macaddr DEFAULT NULL)
    RETURNS SETOF sekisho.attempt_view
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v attempt_view;
    v_login record;
    v_ground record;
    v_key record;
    v_after_card boolean := false;
    v_rows int := 0;
BEGIN
    IF p_state IS NOT NULL THEN
        SELECT l.view, l.evidence, l.carried, l.evidence @> '[{"method":"card"}]'
               OR l.evidence @> '[{"method":"fido2"}]' AS after_card
          INTO v_login FROM login l
         WHERE l.state_hash = p_state AND l.login = p_login
           AND l.client_id = p_client AND l.purpose = 'login' AND l.expires_at > v_now;
    END IF;
    IF p_state IS NULL OR NOT FOUND THEN
        SELECT g.v INTO v_ground FROM attempt_ground(p_client, p_login, p_bucket, v_now) g;
        v := v_ground.v;
        IF v.client_version IS NULL THEN
            RETURN;
        END IF;
    ELSE
        v := v_login.view;
        v.now_epoch := floor(extract(epoch FROM v_now));
        v_after_card := v_login.after_card;
        v.state_found := NOT v_after_card;
        IF v_after_card THEN
            v.state_found := card_evidence_counts(v_login.evidence, v_now);
        END IF;
        IF v.state_found THEN
            v.state_evidence := v_login.evidence;
            v.carried := v_login.carried;
        END IF;
    END IF;

    -- asked anew in each round: it may come from another machine
    IF v.registered_stations THEN
        v.station_fault := station_fault(p_station, v.person_id, v_now);
    END IF;

    IF p_key IS NOT NULL AND p_fido2 THEN
        SELECT t.id AS token_id, t.person_id, t.label, k.public_key, k.algorithm, k.uv,
               k.backup_eligible, fido2_fault(t, k, s.value) AS fault, s.value AS rp
          INTO v_key
          FROM setting s JOIN fido2_key k ON k.key_id = p_key JOIN token t ON t.id = k.token_id
         WHERE s.name = 'fido2.rp_id';
        v.key_rp := v_key.rp;
        v.key_token := v_key.token_id;
        v.key_label := v_key.label;
        v.key_spki := v_key.public_key;
        v.key_algorithm := v_key.algorithm;
        v.key_uv := v_key.uv;
        v.key_backup := v_key.backup_eligible;
        v.key_fault := CASE
            WHEN v_key.token_id IS NULL THEN 'fido2_unknown'
            WHEN v_key.person_id IS DISTINCT FROM v.person_id THEN 'fido2_of_another'
            ELSE v_key.fault END;
        RETURN NEXT v;
        RETURN;
    END IF;
    IF p_key IS NOT NULL THEN
        SELECT t.id AS token_id, t.person_id, coalesce(nullif(d.number, ''), t.label) AS label,
               k.spki, k.pin = 'enforced' AS pin, card_fault(t, d, k, i, v_now) AS fault
          INTO v_key
          FROM card_key k
               JOIN card d ON d.token_id = k.token_id
               JOIN token t ON t.id = k.token_id
               LEFT JOIN issuer i ON i.id = k.issuer_id
         WHERE k.key_id = p_key AND (p_certificate IS NULL OR k.id = p_certificate)
         ORDER BY k.revoked_at NULLS FIRST LIMIT 1;
        v.key_token := v_key.token_id;
        v.key_label := v_key.label;
        v.key_spki := v_key.spki;
        v.key_pin := v_key.pin;
        v.key_fault := CASE
            WHEN v_key.token_id IS NULL THEN 'card_unknown'
            WHEN v_key.person_id IS DISTINCT FROM v.person_id THEN 'card_of_another'
            ELSE v_key.fault END;
        RETURN NEXT v;
        RETURN;
    END IF;

    PERFORM FROM throttle t WHERE t.subject = v.subject AND t.scope = v.scope LIMIT 1;
    IF FOUND THEN
        SELECT coalesce(max(throttle_wait(t, v_now)) FILTER (WHERE t.category = 'knowledge'), 0),
               coalesce(max(throttle_wait(t, v_now)) FILTER (WHERE t.category = 'possession'), 0)
          INTO v.knowledge_wait, v.possession_wait
          FROM throttle t WHERE t.subject = v.subject AND t.scope = v.scope;
    END IF;
    IF p_state IS NULL THEN
        v.familiar := EXISTS (
            SELECT FROM familiar f
             WHERE f.person_id = v.person_id AND f.client_id = p_client
               AND f.last_on > (v_now - interval '90 days')::date);
    END IF;
    -- A first round, or one after a card that asked for no PIN, hashes: with
    -- the person's cost, or as if it had one.
    IF p_state IS NULL OR v_after_card THEN
        SELECT r.id, r.salt, r.opslimit, r.memlimit_kib, r.sealed, r.key_version, r.with_card,
               -- asked of whom it concerns alone
               CASE WHEN r.must_change OR u.expire_days IS NOT NULL OR u.min_chars > coalesce(r.min_chars, 8)
                   THEN password_change_due(r, u, v_now) ELSE 0 END
          INTO v.verifier_id, v.salt, v.opslimit, v.memlimit_kib, v.tag, v.tag_key, v.with_card, v.change
          FROM verifier r, person p, password_rule u
         WHERE r.person_id = v.person_id AND r.status = 'active' AND p.id = v.person_id AND u.name = p.password_rule;
        v.must_change := v.change < 0; -- for workers of before, which refuse
        SELECT g.value INTO v.cost_opslimit FROM setting g WHERE g.name = 'password.opslimit';
        SELECT g.value INTO v.cost_memlimit_kib FROM setting g
         WHERE g.name = 'password.memlimit_kib';
    END IF;

    FOR v.token_id, v.token_label, v.algorithm, v.digits, v.period, v.last_step, v.drift,
        v.seed, v.seed_key IN
        SELECT k.id, k.label, k.algorithm, k.digits, k.period, k.last_step, k.drift,
               k.sealed, k.key_version
          FROM token k
         WHERE k.person_id = v.person_id AND k.status = 'active' AND k.method = 'totp' LOOP
        v_rows := v_rows + 1;
        RETURN NEXT v;
        EXIT WHEN v_rows = 8;
    END LOOP;
    IF v_rows = 0 THEN
        RETURN NEXT v;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_read(uuid, text, uuid, bytea, bytea, boolean, uuid, macaddr) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attempt_read(uuid, text, uuid, bytea, bytea, boolean, uuid, macaddr) TO sekisho_authd;
