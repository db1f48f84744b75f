-- SPDX-License-Identifier: GPL-2.0-or-later
-- What this person proved at this very terminal a while ago and may be counted
-- again there ("grace"); NULL: nothing. It ends with its minutes, another
-- person's accept at the terminal (which took the row), any change of person,
-- client, policy or zone (their versions), the card or token itself, a movement
-- that led out of the terminal's zone or into another, and an accept anywhere
-- else: being logged in at one terminal must not open others.
CREATE OR REPLACE FUNCTION sekisho.grace_of(
    p_person uuid, p_client uuid, p_now timestamptz)
    RETURNS sekisho.grace
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    g grace;
    v_login text;
    v_zone uuid;
    v_until timestamptz;
BEGIN
    SELECT k.* INTO g FROM grace k WHERE k.client_id = p_client AND k.person_id = p_person;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT p.login INTO v_login FROM person p
     WHERE p.id = p_person AND p.version = g.person_version;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT c.zone_id, g.at + make_interval(mins => y.grace_minutes) INTO v_zone, v_until
      FROM client c JOIN policy y ON y.id = c.policy_id
     WHERE c.id = p_client AND c.status = 'active' AND c.kind = 'terminal'
       AND c.version = g.client_version AND c.rules_version = g.rules_version
       AND coalesce(c.no_ma_until <= p_now, true)
       AND masklen(c.address) = CASE family(c.address) WHEN 4 THEN 32 ELSE 128 END;
    -- a clock that stepped back makes nothing last longer
    IF NOT FOUND OR v_until <= p_now OR g.at > p_now + interval '60 seconds' THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM door_event e
                WHERE e.person_id = p_person AND e.kind IN ('enter', 'leave') AND e.quarantine = ''
                  AND e.at > g.at - interval '60 seconds' AND e.received_at > g.at
                  AND (e.zone_id IS NULL OR e.zone_id IS DISTINCT FROM v_zone))
        OR EXISTS (SELECT FROM audit a
                WHERE a.login = v_login AND a.at > g.at AND a.kind = 'login'
                  AND a.outcome = 'accept' AND a.client_id <> p_client)
        OR NOT card_evidence_counts(jsonb_build_array(g.evidence), p_now)
        OR g.evidence ->> 'method' = 'totp' AND NOT EXISTS (SELECT FROM token k
                WHERE k.id = (g.evidence ->> 'token')::uuid AND k.status = 'active') THEN
        RETURN NULL;
    END IF;
    RETURN g;
END
$$;
REVOKE ALL ON FUNCTION sekisho.grace_of(uuid, uuid, timestamptz) FROM PUBLIC;
