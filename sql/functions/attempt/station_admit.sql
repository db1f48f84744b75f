-- SPDX-License-Identifier: GPL-2.0-or-later
-- A machine that comes in alone: by its address (p_mac; anybody can copy one) or
-- by a certificate of its own (p_certificate, with the name it gives). It is no
-- login and proves no factor; what it may reach is in its record or in the
-- policy, and that it may at all. Read, decided and recorded in one call.
--
-- known is false where there may be no answer. class: as of attempt_record.
CREATE OR REPLACE FUNCTION sekisho.station_admit(
    p_client uuid, p_version bigint,
    p_signed boolean,           -- Message-Authenticator was there
    p_proxied boolean,          -- Proxy-State was there
    p_mac macaddr, p_certificate uuid, p_name text,
    p_bucket uuid, p_ref text, p_node text,
    OUT known boolean, OUT outcome text, OUT reason text, OUT ref text, OUT class bytea,
    OUT name text, OUT client text, OUT lang text, OUT session_timeout int, OUT idle_timeout int,
    OUT grants text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    c record;
    t station;
    k station_certificate;
    v_grants jsonb;
    v_audit bigint;
BEGIN
    known := false;
    SELECT x.name, x.lang, x.kind, x.version, y.devices, y.device_grants,
           y.session_timeout, y.idle_timeout,
           p_signed OR coalesce(x.no_ma_until > v_now, false) AND NOT p_proxied AS answered,
           CASE WHEN x.no_ma_until > v_now THEN 'client/' || x.id
                WHEN x.kind IN ('terminal', 'door') THEN 'inside' ELSE 'outside' END AS scope
      INTO c FROM client x JOIN policy y ON y.id = x.policy_id
     WHERE x.id = p_client AND x.status = 'active';
    IF NOT FOUND OR c.version <> p_version OR NOT c.answered THEN
        RETURN;
    END IF;
    known := true;
    client := c.name;
    lang := c.lang;
    session_timeout := c.session_timeout;
    idle_timeout := c.idle_timeout;
    ref := p_ref;
    IF p_certificate IS NOT NULL THEN
        SELECT x.* INTO k FROM station_certificate x WHERE x.id = p_certificate;
        SELECT x.* INTO t FROM station x WHERE x.id = k.station_id FOR SHARE;
        v_grants := CASE WHEN t.grants <> '[]' THEN t.grants ELSE c.device_grants END;
        reason := CASE
            WHEN c.kind = 'door' THEN 'door_no_login'
            WHEN k.id IS NULL THEN 'certificate_unknown'
            WHEN p_name <> t.name THEN 'station_name'
            WHEN t.status = 'retired' THEN 'station_retired'
            WHEN t.valid_until <= v_now THEN 'station_expired'
            ELSE coalesce(station_certificate_fault(k, v_now), CASE
                WHEN c.devices = 'none' THEN 'station_not_alone' END) END;
    ELSE
        SELECT x.* INTO t FROM station x WHERE x.mac = p_mac AND x.status = 'active' FOR SHARE;
        v_grants := t.grants;
        reason := CASE
            WHEN c.kind = 'door' THEN 'door_no_login'
            WHEN c.devices <> 'mac' THEN 'station_not_alone'
            WHEN t.id IS NULL OR t.valid_until <= v_now THEN station_fault(p_mac, NULL, v_now)
            WHEN t.kind <> 'device' THEN 'station_of_people' END;
    END IF;
    IF reason IS NULL AND v_grants = '[]' THEN
        reason := 'station_no_network';
    END IF;
    name := coalesce(t.name, p_name);
    IF reason IS NOT NULL THEN
        outcome := 'reject';
        ref := attempt_tally(coalesce(t.id, p_bucket), c.scope, p_client, reason,
            coalesce(nullif(name, ''), p_mac::text, '(malformed)'), NULL, p_ref, p_node, 1, 'station');
        RETURN;
    END IF;
    outcome := 'accept';
    reason := CASE WHEN p_certificate IS NULL THEN 'device_mac' ELSE 'device_certificate' END;
    grants := v_grants::text;
    INSERT INTO audit (at, kind, login, client_id, purpose, scope, outcome, reason, node, detail)
    VALUES (v_now, 'station', t.name, p_client, 'station', c.scope, 'accept', reason, p_node,
        jsonb_build_object('station', t.id, 'mac', coalesce(p_mac, t.mac), 'granted', grants_shown(v_grants)))
    RETURNING id INTO v_audit;
    class := int8send(v_audit) || int8send((extract(epoch FROM v_now) * 1000000)::bigint);
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_admit(uuid, bigint, boolean, boolean, macaddr, uuid, text, uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.station_admit(uuid, bigint, boolean, boolean, macaddr, uuid, text, uuid, text, text) TO sekisho_authd;
