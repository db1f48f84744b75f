-- SPDX-License-Identifier: GPL-2.0-or-later
-- A TLS session that is taken up again: nothing was proven in this request, so
-- what was proven when the session began must still stand: the person, the very
-- password and token, the time that the policy gives it, and the machine. p_class names that accept, at this client
-- or another under the same policy: who roams changes access points.
--
-- If it is none (p_resumed false), within a minute of an accept at this very client,
-- then it is that login's last packet, and nothing is written.
--
-- known is false where there may be no answer.
CREATE OR REPLACE FUNCTION sekisho.attempt_resume(
    p_client uuid, p_version bigint,
    p_signed boolean,           -- Message-Authenticator was there
    p_class bytea, p_station macaddr, p_bucket uuid, p_ref text, p_node text,
    p_resumed boolean,          -- FreeRADIUS says so
    OUT known boolean, OUT outcome text, OUT reason text, OUT ref text, OUT class bytea,
    OUT name text, OUT client text, OUT lang text, OUT session_timeout int, OUT idle_timeout int, OUT grants text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_hex text := encode(p_class, 'hex');
    v_since timestamptz;
    v_us bigint;
    v_moment timestamptz;
    c record;
    a record;
    v_audit bigint;
    v_stands boolean;
    v_last boolean;
BEGIN
    known := false;
    SELECT x.name, x.lang, x.version, x.kind, x.policy_id, y.grants, y.session_timeout, y.idle_timeout,
           y.resume_minutes, y.registered_stations,
           CASE WHEN x.kind IN ('terminal', 'door') THEN 'inside' ELSE 'outside' END AS scope
      INTO c FROM client x JOIN policy y ON y.id = x.policy_id
     WHERE x.id = p_client AND x.status = 'active';
    -- EAP is never without it (RFC 3579 3.2): no exception here
    IF NOT FOUND OR c.version <> p_version OR NOT p_signed THEN
        RETURN;
    END IF;
    known := true;
    client := c.name;
    lang := c.lang;
    session_timeout := c.session_timeout;
    idle_timeout := c.idle_timeout;
    grants := nullif(c.grants, '[]')::text;
    ref := p_ref;
    v_us := ('x' || right(v_hex, 16))::bit(64)::bigint;
    -- a Class that is none of ours names no moment
    v_moment := CASE WHEN v_us BETWEEN 0 AND 253402300799000000
        THEN timestamptz 'epoch' + v_us * interval '1 microsecond' END;
    SELECT x.id, x.at, x.login, x.person_id, x.client_id, x.evidence, x.detail,
           (x.detail ->> 'since')::timestamptz AS since
      INTO a FROM audit x JOIN client o ON o.id = x.client_id
     WHERE x.id = ('x' || left(v_hex, 16))::bit(64)::bigint AND x.at = v_moment
       AND x.kind = 'login' AND x.outcome = 'accept' AND o.policy_id = c.policy_id
       AND x.at > v_now - interval '2 days';
    name := coalesce(a.login, '');
    v_since := coalesce(a.since, a.at);
    v_last := NOT p_resumed AND a.client_id = p_client AND v_now < a.at + interval '1 minute';
    IF a.id IS NULL THEN
        reason := 'resume_unknown';
    ELSIF v_now > v_since + make_interval(mins => c.resume_minutes)
        AND NOT v_last THEN
        reason := 'resume_expired';
    ELSE
        -- a change that weakens waits for this commit, or is seen here
        PERFORM FROM person p
          WHERE p.id = a.person_id AND p.status = 'active' AND p.login = a.login
            AND coalesce(p.entries_from <= v_since, true)   -- suspended since
            AND (p.kind <> 'maintenance' OR maintenance_open(p.id, p_client, v_now) IS NOT NULL)
            AND EXISTS (SELECT FROM affiliation f WHERE f.person_id = p.id AND f.valid_from <= v_now
                         AND (f.valid_until IS NULL OR f.valid_until > v_now)) FOR SHARE OF p;
        v_stands := FOUND AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(a.evidence) e
             WHERE CASE e ->> 'method'
                 WHEN 'password' THEN NOT EXISTS (SELECT FROM verifier r JOIN person p ON p.id = r.person_id
                     JOIN password_rule u ON u.name = p.password_rule WHERE r.person_id = a.person_id
                     AND r.status = 'active' AND r.set_at <= v_since AND password_change_due(r, u, v_now) >= 0)
                 WHEN 'totp' THEN NOT EXISTS (SELECT FROM token k WHERE k.id = (e ->> 'token')::uuid
                     AND k.person_id = a.person_id AND k.status = 'active')
                 -- nothing else is said in a tunnel
                 ELSE true END);
        reason := CASE WHEN NOT v_stands THEN 'resume_changed'
            WHEN c.registered_stations THEN station_fault(p_station, a.person_id, v_now) END;
    END IF;
    IF reason IS NOT NULL THEN
        outcome := 'reject';
        ref := attempt_tally(coalesce(a.person_id, p_bucket), c.scope, p_client, reason,
            coalesce(a.login, '(resumed)'), a.person_id, p_ref, p_node);
        RETURN;
    END IF;
    outcome := 'accept';
    reason := 'resumed';
    IF v_last THEN
        class := p_class;
        RETURN;
    END IF;
    INSERT INTO audit (at, kind, login, person_id, client_id, purpose, scope, outcome, reason,
        evidence, node, detail)
    VALUES (v_now, 'login', a.login, a.person_id, p_client, 'login', c.scope, 'accept', 'resumed',
        a.evidence, p_node, jsonb_build_object('resumes', a.id, 'since', v_since))
    RETURNING id INTO v_audit;
    class := int8send(v_audit) || int8send((extract(epoch FROM v_now) * 1000000)::bigint);
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_resume(uuid, bigint, boolean, bytea, macaddr, uuid, text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attempt_resume(uuid, bigint, boolean, bytea, macaddr, uuid, text, text, boolean) TO sekisho_authd;
