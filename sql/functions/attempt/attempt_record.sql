-- SPDX-License-Identifier: GPL-2.0-or-later
-- The one write of an attempt. Checks that it may still count and writes
-- outcome, counters, spent State and code, and audit in one transaction; its
-- result is the answer (docs/architecture.md, "One attempt, one statement").
--
-- To count: no refusal time may have begun for what was evaluated, State and
-- code must be unspent, and the versions of client, its rules (policy, zone)
-- and person must be those that were read. Otherwise the answer is a refusal
-- that charges nobody.
--
-- Beginning a statement costs as much as carrying it out, so there are few, and
-- none that the common case does not need.
CREATE OR REPLACE FUNCTION sekisho.attempt_record(
    p_client uuid, p_client_version bigint, p_rules_version bigint,
    p_subject uuid, p_person uuid, p_person_version bigint,
    p_scope text, p_login text, p_purpose text,
    p_outcome text,             -- accept, challenge, reject
    p_reason text,
    p_evaluated text[],         -- categories whose delay must not be running
    p_failed text[],            -- categories to charge
    p_digests bytea[],          -- one per p_failed, keyed
    p_evidence jsonb,           -- what carried or carries the login
    p_old_state bytea, p_new_state bytea,
    p_token uuid, p_step bigint, p_drift int,
    p_ref text, p_node text,
    p_counter bigint DEFAULT NULL, -- of p_token, where that is a FIDO2 key
    p_backed_up boolean DEFAULT NULL,
    p_answer bytea DEFAULT NULL, -- of the whole request: answer_repeated
    p_carried bytea DEFAULT NULL, -- of a challenge: a change of password under way
    OUT outcome text, OUT reason text, OUT wait int, OUT ref text,
    OUT class bytea)            -- of an accept: names it in accounting
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz;
    v_row throttle;
    v_evidence jsonb := p_evidence;
    v_fail record;
    v_ground record;
    v_door text;
    v_counted boolean := false;
    v_throttled boolean := false;
    v_audit bigint;
    i int;
BEGIN
    wait := 0;
    ref := p_ref;
    -- The subject's head row first: attempts at one person are decided one
    -- at a time. It exists from the first failure on; before that there is
    -- nothing to outrun.
    IF p_failed <> '{}' THEN
        INSERT INTO throttle_head (subject) VALUES (p_subject) ON CONFLICT DO NOTHING;
    END IF;
    PERFORM FROM throttle_head h WHERE h.subject = p_subject;
    v_throttled := FOUND;
    IF v_throttled THEN
        PERFORM FROM throttle_head h WHERE h.subject = p_subject FOR UPDATE;
    END IF;
    v_now := clock_timestamp();

    IF v_throttled THEN
        FOR v_row IN SELECT t.* FROM throttle t
                      WHERE t.subject = p_subject AND t.scope = p_scope
                        AND t.category = ANY (p_evaluated) LOOP
            wait := greatest(wait, throttle_wait(v_row, v_now));
        END LOOP;
        IF wait > 0 THEN
            outcome := 'reject';
            reason := 'delay_running';
            ref := attempt_tally(p_subject, p_scope, p_client, reason, p_login,
                p_person, p_ref, p_node);
            RETURN;
        END IF;
    END IF;

    -- A card that is lent may end below: its rows first, in the order in which
    -- everybody takes them (token, then person), or two such logins at once
    -- would each wait for the other.
    IF p_outcome = 'accept' AND p_evidence @> '[{"method": "card"}]' THEN
        PERFORM FROM token k JOIN card d ON d.token_id = k.id
          WHERE d.temporary_until IS NOT NULL AND k.person_id = p_person
            AND k.status IN ('active', 'suspended') FOR UPDATE OF k;
        IF FOUND THEN
            PERFORM FROM person p WHERE p.id = p_person FOR NO KEY UPDATE;
        END IF;
    END IF;

    -- FOR SHARE on the person: a change that weakens either waits for this
    -- commit or is seen here.
    IF p_person IS NOT NULL THEN
        PERFORM FROM person p WHERE p.id = p_person AND p.version = p_person_version FOR SHARE;
    ELSE
        PERFORM WHERE NOT EXISTS (SELECT FROM person p WHERE p.login = p_login);
    END IF;
    IF FOUND THEN
        PERFORM FROM client c WHERE c.id = p_client AND c.status = 'active'
            AND c.version = p_client_version AND c.rules_version = p_rules_version;
    END IF;
    IF NOT FOUND THEN
        outcome := 'reject';
        reason := 'changed_meanwhile';
    ELSE
        outcome := p_outcome;
        reason := p_reason;
    END IF;

    IF reason <> 'changed_meanwhile' AND p_old_state IS NOT NULL THEN
        DELETE FROM login l
         WHERE l.state_hash = p_old_state AND l.subject = p_subject
           AND l.client_id = p_client AND l.purpose = p_purpose AND l.expires_at > v_now;
        IF NOT FOUND THEN
            outcome := 'reject';
            reason := 'state_spent';
        END IF;
    END IF;

    IF reason = p_reason AND outcome = 'accept' AND p_evidence @> '[{"method": "door"}]' THEN
        v_door := presence_use_take(p_person, p_client, p_evidence, v_now);
        IF v_door <> '' THEN
            outcome := 'reject';
            reason := v_door;
        END IF;
    END IF;

    -- What was proven at a login before must still stand; the terminal's row is
    -- locked, so another person's accept there is before or after this one.
    IF reason = p_reason AND outcome = 'accept' AND jsonb_path_exists(p_evidence, '$[*].earlier') THEN
        PERFORM FROM grace g WHERE g.client_id = p_client FOR UPDATE;
        IF (SELECT g.audit_id FROM grace_of(p_person, p_client, v_now) g) IS DISTINCT FROM
            (jsonb_path_query_first(p_evidence, '$[*].earlier') #>> '{}')::bigint THEN
            outcome := 'reject';
            reason := 'proven_here_ended';
        END IF;
    END IF;

    IF p_counter IS NOT NULL AND reason = p_reason THEN
        UPDATE fido2_key x SET sign_count = p_counter,
               backed_up = x.backup_eligible AND p_backed_up
         WHERE x.token_id = p_token AND x.state = 'active' AND x.sign_count < p_counter;
        IF NOT FOUND THEN
            reason := coalesce(nullif(fido2_still(p_token, p_counter, p_login, v_now), ''), reason);
            IF reason <> p_reason THEN
                outcome := 'reject';
            END IF;
        END IF;
    ELSIF outcome = 'accept' AND reason = p_reason AND p_evidence @> '[{"method": "fido2"}]' THEN
        -- of an earlier round: it may have been suspended since
        PERFORM FROM jsonb_array_elements(p_evidence) e JOIN fido2_key k ON k.token_id = (e ->> 'token')::uuid
          WHERE e ->> 'method' = 'fido2' AND NOT e ? 'earlier' AND k.state <> 'active';
        IF FOUND THEN
            outcome := 'reject';
            reason := 'changed_meanwhile';
        END IF;
    END IF;
    IF p_token IS NOT NULL AND p_counter IS NULL AND reason = p_reason THEN
        UPDATE token k SET last_step = p_step, drift = p_drift
         WHERE k.id = p_token AND k.status = 'active' AND k.last_step < p_step;
        IF NOT FOUND THEN
            outcome := 'reject';
            reason := 'code_spent';
        END IF;
    END IF;

    -- The same request again, whose answer did not arrive: the accept that spent it.
    IF p_answer IS NOT NULL AND reason IN ('code_spent', 'state_spent') THEN
        class := answer_repeated(p_answer, p_client, p_client_version, p_rules_version, p_person,
            p_person_version);
        IF class IS NOT NULL THEN
            outcome := 'accept';
            reason := 'repeated';
            ref := NULL;
            RETURN;
        END IF;
    END IF;

    IF reason = p_reason AND p_failed <> '{}' THEN
        FOR i IN 1 .. cardinality(p_failed) LOOP
            SELECT * INTO v_fail FROM throttle_fail(
                p_subject, p_scope, p_failed[i], p_digests[i], v_now);
            v_counted := v_counted OR v_fail.counted;
            wait := greatest(wait, v_fail.wait);
        END LOOP;
        IF NOT v_counted THEN
            reason := p_reason || '_again';
        END IF;
    END IF;

    IF outcome = 'challenge' THEN
        SELECT g.v, g.until INTO v_ground
          FROM attempt_ground(p_client, p_login, p_subject, v_now) g;
        INSERT INTO login (state_hash, subject, person_id, login, client_id,
            purpose, evidence, created_at, expires_at, view, carried)
        VALUES (p_new_state, p_subject, p_person, p_login, p_client,
            p_purpose, p_evidence, v_now, least(v_ground.until,
                v_now + make_interval(secs => (v_ground.v).state_seconds)), v_ground.v,
            p_carried);
        -- A good first round leaves its trace in the login's row; only a
        -- refusal hidden behind a challenge is an event of its own.
        IF p_evidence <> '[]' THEN
            ref := NULL;
            RETURN;
        ELSIF p_reason = 'delay_running' THEN
            PERFORM attempt_tally(p_subject, p_scope, p_client, p_reason, p_login,
                p_person, p_ref, p_node);
            RETURN;
        END IF;
    ELSIF outcome = 'accept' THEN
        ref := NULL;
        IF v_throttled THEN
            -- Only a full accept resets, only what it proved, and never a
            -- stop that is an operator's to lift. A card's PIN is not the
            -- password, nor an entry or a code of before one of now: guesses
            -- at those stay counted.
            UPDATE throttle t
               SET failures = 0, total = 0, not_before = NULL, digests = '{}'
             WHERE t.subject = p_subject AND t.scope = p_scope AND t.hard IS NULL
               AND t.category IN (SELECT e ->> 'category' FROM jsonb_array_elements(p_evidence) e
                                   WHERE e ->> 'method' NOT IN ('card', 'pin', 'door', 'fido2', 'uv')
                                    AND NOT e ? 'earlier');
        END IF;
        -- The own card is back: one that was lent for the shift is over.
        IF p_evidence @> '[{"method": "card"}]' THEN
            PERFORM FROM card d JOIN token k ON k.id = d.token_id
              WHERE d.temporary_until IS NOT NULL AND k.person_id = p_person
                AND k.status IN ('active', 'suspended')
                AND NOT p_evidence @> jsonb_build_array(jsonb_build_object('token', k.id));
            IF FOUND THEN
                PERFORM card_temporary_end(p_person);
            END IF;
        END IF;
        -- asked first: the insert alone would lock the row each time
        PERFORM FROM familiar f WHERE f.person_id = p_person
            AND f.client_id = p_client AND f.last_on >= v_now::date;
        IF NOT FOUND THEN
            INSERT INTO familiar AS f (person_id, client_id, last_on)
            VALUES (p_person, p_client, v_now::date)
            ON CONFLICT (person_id, client_id) DO UPDATE SET last_on = excluded.last_on;
        END IF;
    END IF;

    -- What charges nobody may come a thousand times a second: a sum.
    IF outcome = 'reject' AND p_evaluated = '{}' THEN
        ref := attempt_tally(p_subject, p_scope, p_client, reason, p_login,
            p_person, p_ref, p_node);
        RETURN;
    END IF;

    INSERT INTO audit (at, kind, login, person_id, client_id, purpose, scope,
        outcome, reason, evidence, ref, node, detail)
    VALUES (v_now, 'login', p_login, p_person, p_client, p_purpose, p_scope,
        CASE outcome WHEN 'challenge' THEN 'reject' ELSE outcome END,
        reason, v_evidence, ref, p_node,
        -- the guideline's equivalence: this event at the terminal, and that of the door
        CASE WHEN outcome = 'accept' AND v_door = '' THEN jsonb_build_object('equivalence', 'D.5', 'entry',
            jsonb_path_query_first(p_evidence, '$[*] ? (@.method == "door").event')) ELSE '{}' END)
    RETURNING id INTO v_audit;
    IF outcome = 'accept' THEN
        -- session_accept reads it back
        class := int8send(v_audit) || int8send((extract(epoch FROM v_now) * 1000000)::bigint);
        IF p_answer IS NOT NULL THEN
            INSERT INTO answer AS w (digest, client_id, person_id, person_version, client_version,
                rules_version, class, at)
            VALUES (p_answer, p_client, p_person, p_person_version, p_client_version,
                p_rules_version, class, v_now)
            ON CONFLICT (digest) DO UPDATE SET class = excluded.class, at = excluded.at,
                person_version = excluded.person_version, client_version = excluded.client_version,
                rules_version = excluded.rules_version;
        END IF;
        IF (SELECT y.grace_minutes > 0 FROM policy y
             WHERE y.id = (SELECT c.policy_id FROM client c WHERE c.id = p_client)) THEN
            PERFORM grace_keep(p_person, p_person_version, p_client, p_evidence, v_audit, v_now);
        END IF;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_record(uuid, bigint, bigint,
    uuid, uuid, bigint, text, text, text, text, text, text[], text[], bytea[], jsonb,
    bytea, bytea, uuid, bigint, int, text, text, bigint, boolean, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attempt_record(uuid, bigint, bigint,
    uuid, uuid, bigint, text, text, text, text, text, text[], text[], bytea[], jsonb,
    bytea, bytea, uuid, bigint, int, text, text, bigint, boolean, bytea, bytea) TO sekisho_authd;
