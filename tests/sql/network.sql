-- SPDX-License-Identifier: GPL-2.0-or-later
-- What an accept grants, from which machines people may log in, what comes in
-- alone, sessions that are taken up again, and too many of them.
\ir begin.psql

CREATE FUNCTION t.grant(p_attribute text, p_value text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_array(jsonb_build_object('attribute', p_attribute, 'value', p_value, 'vendor', 0,
        'number', CASE p_attribute WHEN 'vlan' THEN 81 ELSE 11 END,
        'octets', encode(convert_to(p_value, 'UTF8'), 'hex')))
$$;
CREATE FUNCTION t.vlan(p_policy text, p_vlan text, p_devices boolean DEFAULT false) RETURNS void LANGUAGE sql AS $$
    SELECT policy_grant(p_policy, 'vlan', CASE WHEN p_vlan = '' THEN '[]' ELSE t.grant('vlan', p_vlan) END,
        p_devices => p_devices)
$$;
-- "accept device_mac vlan 210"
CREATE FUNCTION t.admit(p_client text, p_mac text, p_certificate text DEFAULT NULL, p_name text DEFAULT '',
    p_signed boolean DEFAULT true, p_proxied boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    SELECT * INTO r FROM station_admit(t.id(p_client), (SELECT version FROM client WHERE id = t.id(p_client)),
        p_signed, p_proxied, p_mac::macaddr, (SELECT k.id FROM station_certificate k WHERE k.serial = t.bytes(p_certificate, 8)),
        coalesce(nullif(p_name, ''), p_mac), t.id('bucket'), 'K7-0002', 'node1');
    PERFORM set_config('t.class', coalesce(encode(r.class, 'hex'), ''), true);
    RETURN CASE WHEN NOT r.known THEN 'silence' ELSE r.outcome || ' ' || r.reason
        || coalesce(' ' || (r.grants::jsonb -> 0 ->> 'value'), '') END;
END
$$;
CREATE FUNCTION t.fault(p_login text, p_client text, p_mac text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((SELECT r.station_fault FROM attempt_read(t.id(p_client), p_login, t.id('bucket of ' || p_login),
        NULL, NULL, p_station => p_mac::macaddr) r LIMIT 1), 'none')
$$;
CREATE FUNCTION t.evidence(p text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_set(t.both(), '{1,token}', to_jsonb(t.id(p || '/t')))
$$;
CREATE FUNCTION t.accept(p_login text, p_client text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v jsonb := t.read(p_login, p_client);
    r record;
BEGIN
    SELECT * INTO STRICT r FROM attempt_record(t.id(p_client), (v ->> 'client_version')::bigint,
        (v ->> 'rules_version')::bigint, (v ->> 'subject')::uuid, (v ->> 'person_id')::uuid,
        (v ->> 'person_version')::bigint, v ->> 'scope', p_login, 'login', 'accept', 'two_factors', '{}',
        '{}', '{}', t.evidence(p_login), NULL, NULL, NULL, NULL, 0, 'K7-0001', 'node1');
    IF r.outcome <> 'accept' THEN RAISE EXCEPTION '% %', r.outcome, r.reason; END IF;
    RETURN encode(r.class, 'hex');
END
$$;
CREATE FUNCTION t.resume(p_client text, p_class text, p_mac text DEFAULT NULL,
    p_resumed boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    SELECT * INTO r FROM attempt_resume(t.id(p_client), (SELECT version FROM client WHERE id = t.id(p_client)),
        true, decode(p_class, 'hex'), p_mac::macaddr, t.id('bucket'), 'K7-0003', 'node1', p_resumed);
    PERFORM set_config('t.class', coalesce(encode(r.class, 'hex'), ''), true);
    RETURN CASE WHEN NOT r.known THEN 'silence' ELSE r.outcome || ' ' || r.reason END;
END
$$;
CREATE FUNCTION t.packet(p_status text, p_session text, p_client text, p_more jsonb DEFAULT '{}') RETURNS text
    LANGUAGE sql AS $$
    SELECT account_take(c.id, c.version, jsonb_build_object('status', p_status, 'session', p_session,
        'event_time', floor(extract(epoch FROM clock_timestamp()))::bigint) || p_more)
      FROM client c WHERE c.id = t.id(p_client)
$$;
CREATE FUNCTION t.state(p_session text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(j ->> 'station', j ->> 'login', '-') || ' ' || (j ->> 'state') || coalesce(' ' || nullif(j ->> 'end_why', ''), '')
      FROM session_json((SELECT s FROM session s WHERE s.acct = p_session ORDER BY s.id DESC LIMIT 1)) j
$$;

-- What is granted.
SELECT policy_set('staff') \g /dev/null
SELECT client_set('wlan', p_policy => 'staff'), client_set('vpn', p_policy => 'staff') \g /dev/null
SELECT is(t.read('sato', 'wlan') ->> 'grants', NULL, 'nothing, as delivered');
SELECT t.vlan('staff', '120') \g /dev/null
SELECT policy_grant('staff', 'filter-id', t.grant('filter-id', 'staff')) \g /dev/null
SELECT is((t.read('sato', 'wlan') ->> 'grants')::jsonb #>> '{0,value}', '120', 'a VLAN');
SELECT is((t.read('sato', 'wlan') ->> 'grants')::jsonb #>> '{1,octets}', '7374616666', 'and a filter, in octets');
SELECT is(t.read('nobody', 'wlan') ->> 'grants', t.read('sato', 'wlan') ->> 'grants', 'of the policy, not of the person');
SELECT policy_grant('staff', 'filter-id', '[]') \g /dev/null
SELECT is(jsonb_array_length((t.read('sato', 'wlan') ->> 'grants')::jsonb), 1, 'and taken away again');
SELECT policy_grant('staff', 'filter-id', t.grant('filter-id', 'a')), policy_grant('staff', 'filter-id', t.grant('filter-id', 'b'), p_beside => true) \g /dev/null
SELECT is(jsonb_path_query_array((SELECT p.grants FROM policy p WHERE name = 'staff'), '$[*].value'), '["120", "a", "b"]', 'one beside the other');
SELECT throws_ok($$SELECT policy_grant('staff', 'x', '[{"attribute":"x","value":"x","vendor":0,"number":25,"octets":"00"}]')$$, 'SK001', 'grant_not_allowed', 'Class is not granted');
SELECT throws_ok($$SELECT policy_grant('staff', 'x', '[{"attribute":"x","value":"x","vendor":311,"number":17,"octets":"00"}]')$$, 'SK001', 'grant_not_allowed', 'nor are keys');
SELECT throws_ok($$SELECT policy_grant('staff', 'x', '[{"attribute":"y","value":"x","vendor":9,"number":1,"octets":"00"}]')$$, 'P0001', NULL, 'nor under another name');
SELECT throws_ok($$SELECT policy_grant('staff', 'x', '[{"attribute":"x","value":"x","vendor":9,"number":1,"octets":"0g"}]')$$, 'P0001', NULL, 'nor what is no octets');
SELECT throws_ok($$SELECT policy_grant('nix', 'vlan', '[]')$$, 'SK001', 'policy_unknown', 'a policy that there is not');

-- The register.
SELECT station_add('station', 'cart', '00:1b:c5:04:40:a2') \g /dev/null
SELECT station_add('station', 'sato-note', '00:1b:c5:04:40:a3', 'sato') \g /dev/null
SELECT is(station_add('station', 'cart', '001b.c504.40a2') ->> 'done', 'same', 'the same once more');
SELECT is(station_add('station', 'x', '001b.c504.40ff', p_dry => true) ->> 'done', 'would_add', 'on trial');
SELECT is((SELECT count(*) FROM station), 2::bigint, 'writes nothing');
SELECT throws_ok($$SELECT station_add('station', 'cart', '00:1b:c5:04:40:a9')$$, 'SK001', 'station_name_taken', 'one name, one machine');
SELECT throws_ok($$SELECT station_add('device', 'cart2', '00:1b:c5:04:40:a2')$$, 'SK001', 'station_mac_taken', 'one address, one machine');
SELECT throws_ok($$SELECT station_add('station', 'all', 'ff:ff:ff:ff:ff:ff')$$, 'SK001', 'mac_of_nobody', 'an address of many');
SELECT throws_ok($$SELECT station_add('station', 'all', '00:00:00:00:00:00')$$, 'SK001', 'mac_of_nobody', 'an address of none');
SELECT throws_ok($$SELECT station_add('station', 'old', '00:1b:c5:04:40:a9', p_until => '2020-01-01')$$, 'SK001', 'until_is_past', 'an end before the beginning');

SELECT is(t.fault('sato', 'wlan', '00:1b:c5:04:40:ff'), 'none', 'a policy that asks for none looks at none');
SELECT policy_set('staff', p_registered_stations => true) \g /dev/null
SELECT is(t.fault('sato', 'wlan', '00:1b:c5:04:40:a2'), 'none', 'a registered one');
SELECT is(t.fault('sato', 'wlan', '00:1b:c5:04:40:a3'), 'none', 'her own');
SELECT is(t.fault('suzuki', 'wlan', '00:1b:c5:04:40:a3'), 'station_of_another', 'not his');
SELECT is(t.fault('nobody', 'wlan', '00:1b:c5:04:40:a3'), 'station_of_another', 'nor nobody''s');
SELECT is(t.fault('sato', 'wlan', '00:1b:c5:04:40:ff'), 'station_unknown', 'an unknown one');
SELECT is(t.fault('sato', 'wlan', '02:1b:c5:04:40:ff'), 'station_random', 'one that is made up');
SELECT is(t.fault('sato', 'wlan', NULL), 'station_unnamed', 'none at all');
UPDATE station SET valid_until = clock_timestamp() - interval '1 second' WHERE name = 'cart';
SELECT is(t.fault('sato', 'wlan', '00:1b:c5:04:40:a2'), 'station_expired', 'one whose time is over');
SELECT station_set('station', 'cart', p_until => '') \g /dev/null
SELECT is(t.fault('sato', 'wlan', '00:1b:c5:04:40:a2'), 'none', 'which can be given again');
SELECT t.challenge('sato', 'wlan', 'state 1') \g /dev/null
SELECT is((SELECT r.station_fault FROM attempt_read(t.id('wlan'), 'sato', t.id('bucket of sato'), t.bytes('state 1', 32), NULL,
    p_station => '00:1b:c5:04:40:ff') r LIMIT 1), 'station_unknown', 'a second round from another machine');

-- Devices alone: by address.
SELECT station_add('device', 'ct-2', '00:1b:c5:04:41:07', 'sato', p_about => '{"risk": "low"}', p_grants => t.grant('vlan', '210')) \g /dev/null
SELECT is(t.admit('wlan', '00:1b:c5:04:41:07'), 'reject station_not_alone', 'not where the policy does not say so');
SELECT policy_set('staff', p_devices => 'certificate') \g /dev/null
SELECT is(t.admit('wlan', '00:1b:c5:04:41:07'), 'reject station_not_alone', 'nor where it says by certificate');
SELECT policy_set('staff', p_devices => 'mac') \g /dev/null
SELECT is(t.admit('wlan', '00:1b:c5:04:41:07'), 'accept device_mac 210', 'into its own network');
SELECT is((SELECT kind || ' ' || purpose || ' ' || login || ' ' || evidence FROM audit ORDER BY id DESC LIMIT 1), 'station station ct-2 []', 'no login, and no factor');
SELECT current_setting('t.class') AS class \gset
SELECT is(t.packet('start', 'd1', 'wlan', jsonb_build_object('user', 'ct-2', 'class', :'class', 'mac', '001bc5044107')), 'taken', 'its session');
SELECT is(t.state('d1'), 'ct-2 open', 'is the machine''s');
SELECT is(t.admit('wlan', '00:1b:c5:04:40:a2'), 'reject station_of_people', 'a machine of people not');
SELECT is(t.admit('wlan', '00:1b:c5:04:40:ff'), 'reject station_unknown', 'nor an unknown one');
SELECT is(t.admit('wlan', '02:1b:c5:04:40:ff'), 'reject station_random', 'nor one that is made up');
SELECT station_add('device', 'bare', '00:1b:c5:04:41:08') \g /dev/null
SELECT t.vlan('staff', '900', true) \g /dev/null
SELECT is(t.admit('wlan', '00:1b:c5:04:41:08'), 'reject station_no_network', 'nor one whose record says nothing, whatever the policy');
SELECT is(t.admit('old', '00:1b:c5:04:41:07', p_signed => false), 'reject station_not_alone', 'an exception from Message-Authenticator answers');
SELECT is(t.admit('old', '00:1b:c5:04:41:07', p_signed => false, p_proxied => true), 'silence', 'but not with Proxy-State');
SELECT is(t.admit('wlan', '00:1b:c5:04:41:07', p_signed => false), 'silence', 'nor others without it');
SELECT is((SELECT known FROM station_admit(t.id('wlan'), 0, true, false, '00:1b:c5:04:41:07', NULL, '', t.id('b'), 'r', 'n')), false, 'nor a client that has changed');
SELECT is((SELECT count(*) FROM refusal_tally WHERE reason = 'station_unknown' AND purpose = 'station'), 1::bigint, 'refusals are sums');

-- Never in a network of people.
SELECT throws_ok($$SELECT station_grant('device', 'ct-2', 'vlan', t.grant('vlan', '120'))$$, 'SK001', 'vlan_of_people', 'a device into the VLAN of staff');
SELECT throws_ok($$SELECT station_add('device', 'x', '00:1b:c5:04:41:09', p_grants => t.grant('vlan', '120'))$$, 'SK001', 'vlan_of_people', 'nor a new one');
SELECT throws_ok($$SELECT t.vlan('staff', '210')$$, 'SK001', 'vlan_of_people', 'nor staff into that of a device');
SELECT throws_ok($$SELECT t.vlan('staff', '120', true)$$, 'SK001', 'vlan_of_people', 'nor devices by the policy');

-- By a certificate of its own.
SELECT issuer_add('devices', t.bytes('issuer', 32) || t.bytes('x', 32), 'none') \g /dev/null
SELECT station_certificate_add('station', 'cart', 'devices', t.bytes('c1', 8), t.bytes('k1', 32), t.bytes('cert', 32) || t.bytes('x', 32),
    now() - interval '1 day', now() + interval '1 year') \g /dev/null
SELECT is((SELECT count(*) FROM certificate_keys(t.bytes('c1', 8)) WHERE device), 1::bigint, 'found by its serial number');
SELECT is(t.admit('wlan', NULL, 'c1', 'cart'), 'accept device_certificate 900', 'what the policy grants devices');
SELECT is(t.admit('wlan', NULL, 'c1', 'sato'), 'reject station_name', 'under its own name');
SELECT policy_set('staff', p_devices => 'none') \g /dev/null
SELECT is(t.admit('wlan', NULL, 'c1', 'cart'), 'reject station_not_alone', 'where the policy says so');
SELECT policy_set('staff', p_devices => 'certificate') \g /dev/null
SELECT t.vlan('staff', '', true) \g /dev/null
SELECT is(t.admit('wlan', NULL, 'c1', 'cart'), 'reject station_no_network', 'and to where');
SELECT t.vlan('staff', '900', true) \g /dev/null
SELECT throws_ok($$SELECT station_certificate_add('device', 'ct-2', 'devices', t.bytes('c1', 8), t.bytes('k1', 32), t.bytes('cert', 32) || t.bytes('x', 32),
    now() - interval '1 day', now() + interval '1 year')$$, 'SK001', 'station_certificate_taken', 'one certificate, one machine');
UPDATE station_certificate SET valid_until = now() - interval '1 second' WHERE serial = t.bytes('c1', 8);
SELECT is(t.admit('wlan', NULL, 'c1', 'cart'), 'reject station_certificate_expired', 'one that has expired');
UPDATE station_certificate SET valid_until = now() + interval '1 year' WHERE serial = t.bytes('c1', 8);
UPDATE issuer SET revocation = 'crl', crl_next = now() - interval '1 second' WHERE name = 'devices';
SELECT is(t.admit('wlan', NULL, 'c1', 'cart'), 'reject crl_stale', 'stale revocation data');
UPDATE issuer SET crl_next = now() + interval '1 day' WHERE name = 'devices';
SELECT is(t.admit('wlan', NULL, 'c1', 'cart'), 'accept device_certificate 900', 'fresh ones');
INSERT INTO issuer_revoked (issuer_id, serial, at, hold) SELECT id, t.bytes('c1', 8), now(), false FROM issuer WHERE name = 'devices';
SELECT is(t.admit('wlan', NULL, 'c1', 'cart'), 'reject station_certificate_revoked', 'revoked by its issuer');
DELETE FROM issuer_revoked;
SELECT station_certificate_revoke('station', 'cart', p_why => 'test') \g /dev/null
SELECT is(t.admit('wlan', NULL, 'c1', 'cart'), 'reject station_certificate_revoked', 'or by us');
SELECT throws_ok($$SELECT station_certificate_revoke('station', 'cart')$$, 'SK001', 'station_certificate_unknown', 'once');

-- Retired: refused, and what runs is ended.
SELECT is(station_retire('device', 'ct-2', 'faulty') ->> 'sessions_ending', '1', 'a device that is faulty');
SELECT is(t.state('d1'), 'ct-2 ending station_ended', 'does not stay connected');
SELECT policy_set('staff', p_devices => 'mac') \g /dev/null
SELECT is(t.admit('wlan', '00:1b:c5:04:41:07'), 'reject station_retired', 'nor comes back');
SELECT is(t.fault('sato', 'wlan', '00:1b:c5:04:41:07'), 'station_retired', 'nor does anybody from it');
SELECT is(t.packet('start', 'd2', 'wlan', jsonb_build_object('user', 'ct-2', 'class', :'class')), 'taken', 'a session of which we hear late');
SELECT is(t.state('d2'), 'ct-2 ending station_ended', 'is ended');
SELECT is(station_add('device', 'ct-2', '00:1b:c5:04:41:07') ->> 'done', 'added', 'the address is free again');
SELECT is((SELECT count(*) FROM jsonb_array_elements(station_list('device', p_all => true))), 3::bigint, 'retired ones are listed if asked');
SELECT is((SELECT count(*) FROM jsonb_array_elements(station_list('device'))), 2::bigint, 'and else not');
SELECT is(station_list('station', 'sato') #>> '{0,name}', 'sato-note', 'found by its owner');
SELECT is(station_list('station', p_mac => '001bc50440a2') #>> '{0,name}', 'cart', 'by its address');

-- Taken up again.
SELECT policy_set('staff', p_registered_stations => false, p_resume_minutes => 60) \g /dev/null
SELECT t.accept('sato', 'wlan') AS class \gset
SELECT count(*) AS before FROM audit \gset
SELECT is(t.resume('wlan', :'class'), 'accept resumed', 'the last packet of that login');
SELECT is((SELECT count(*) FROM audit), :before::bigint, 'writes nothing');
SELECT is(current_setting('t.class'), :'class', 'and is the same accept');
SELECT is(t.resume('wlan', :'class', p_resumed => true), 'accept resumed', 'a resumption at once');
SELECT is((SELECT count(*) FROM audit), :before + 1::bigint, 'is written down');
SELECT is(t.resume('vpn', :'class'), 'accept resumed', 'at another client under the same policy');
SELECT is((SELECT reason || ' ' || login || ' ' || (evidence = t.evidence('sato')) FROM audit ORDER BY id DESC LIMIT 1), 'resumed sato true', 'is an accept of its own');
SELECT current_setting('t.class') AS next \gset
SELECT is((SELECT detail ->> 'since' FROM audit ORDER BY id DESC LIMIT 1)::timestamptz,
    (SELECT at FROM audit WHERE id = ('x' || left(:'class', 16))::bit(64)::bigint), 'whose time runs from the login');
SELECT is(t.packet('start', 'r1', 'vpn', jsonb_build_object('user', 'sato', 'class', :'next')), 'taken', 'it carries a session');
SELECT is((SELECT tokens FROM session WHERE acct = 'r1'), ARRAY[t.id('sato/t')], 'that ends with the token');
SELECT is(t.resume('w3', :'class'), 'reject resume_unknown', 'not under another policy');
SELECT is(t.resume('vpn', repeat('00', 16)), 'reject resume_unknown', 'nor of no accept');
SELECT is(t.resume('vpn', repeat('ff', 16)), 'reject resume_unknown', 'nor of an impossible one');
SELECT policy_set('staff', p_resume_minutes => 0) \g /dev/null
SELECT is(t.resume('vpn', :'class'), 'reject resume_expired', 'where the policy allows none');
SELECT is(t.resume('wlan', :'class'), 'accept resumed', 'the login''s own end comes all the same');
SELECT is(t.resume('wlan', :'class', p_resumed => true), 'reject resume_expired', 'a resumption does not');
SELECT policy_set('staff', p_resume_minutes => 60, p_registered_stations => true) \g /dev/null
SELECT is(t.resume('vpn', :'class', '00:1b:c5:04:40:ff'), 'reject station_unknown', 'not from an unknown machine');
SELECT is(t.resume('vpn', :'class', '00:1b:c5:04:40:a2'), 'accept resumed', 'from one in the register');
SELECT policy_set('staff', p_registered_stations => false) \g /dev/null
SAVEPOINT s;
SELECT token_status('sato', t.id('sato/t'), 'suspended') \g /dev/null
SELECT is(t.resume('vpn', :'class'), 'reject resume_changed', 'a token that is suspended');
ROLLBACK TO s;
SELECT password_set('sato', t.id('new'), t.bytes('salt', 16), 2, 64, 'box', 1, 8, t.proof('sato')) \g /dev/null
SELECT is(t.resume('vpn', :'class'), 'reject resume_changed', 'a new password');
SELECT is(t.resume('wlan', :'class'), 'reject resume_changed', 'in the last packet, too');
ROLLBACK TO s;
SELECT person_status('sato', 'suspended', 'test') \g /dev/null
SELECT is(t.resume('vpn', :'class'), 'reject resume_changed', 'somebody suspended');
SELECT person_status('sato', 'active') \g /dev/null
SELECT is(t.resume('vpn', :'class'), 'reject resume_changed', 'and let in again: by a login');
ROLLBACK TO s;
UPDATE affiliation SET valid_until = clock_timestamp() WHERE person_id = t.person_id('sato');
SELECT is(t.resume('vpn', :'class'), 'reject resume_changed', 'outside every affiliation');
ROLLBACK TO s;
SELECT is(t.resume('vpn', :'class'), 'accept resumed', 'otherwise it stands');

-- Too many at once: the newest go on.
UPDATE session SET ended_at = now(), end_next = NULL;
SELECT policy_set('staff', p_max_sessions => 2) \g /dev/null
SELECT t.packet('start', 'm' || n, CASE n WHEN 2 THEN 'wlan' ELSE 'vpn' END, jsonb_build_object('user', 'sato', 'class', :'next',
    'calling', '198.51.100.' || n)) FROM generate_series(1, 4) n \g /dev/null
SELECT is(t.state('m1'), 'sato ending session_limit', 'the oldest is ended');
SELECT is(t.state('m2'), 'sato ending session_limit', 'also at another client');
SELECT is(t.state('m3') || t.state('m4'), 'sato opensato open', 'the newest are not');
SELECT is((SELECT count FROM session_anomaly WHERE reason = 'session_two_places'), 1::bigint, 'd7: two places at once, told once and counted');

-- Anomalies (guideline D.7).
SELECT t.packet('start', 's1', 'wlan', '{"mac": "001bc50440a2", "user": "sato"}') \g /dev/null
UPDATE session SET started_at = started_at - interval '10 minutes' WHERE acct = 's1';
SELECT t.packet('start', 's2', 'vpn', '{"mac": "001bc50440a2", "user": "sato"}') \g /dev/null
UPDATE session SET started_at = started_at - interval '5 minutes' WHERE acct = 's2';
SELECT is((SELECT count(*) FROM audit WHERE reason = 'station_two_places'), 0::bigint, 'who roams');
SELECT is((SELECT count(*) FROM client c, account_continue(jsonb_build_array(jsonb_build_object('client', c.id, 'version', c.version,
    'session', 's1', 'seconds', 600))) WHERE c.id = t.id('wlan')), 1::bigint, 'goes on, as it seems');
SELECT is((SELECT login FROM audit WHERE reason = 'station_two_places'), 'cart', 'and goes on where he was is two');
SELECT t.packet('interim', 's1', 'wlan', '{"seconds": 601}') \g /dev/null
SELECT is((SELECT count FROM session_anomaly WHERE reason = 'station_two_places'), 1::bigint, 'also when told one by one');
UPDATE session SET heard_at = clock_timestamp() - interval '29 minutes' WHERE client_id = t.id('wlan');
SELECT session_silent(clock_timestamp()) \g /dev/null
SELECT is((SELECT count(*) FROM audit WHERE reason = 'client_silent'), 0::bigint, 'a client that is quiet');
UPDATE session SET heard_at = clock_timestamp() - interval '31 minutes' WHERE client_id = t.id('wlan');
SELECT session_silent(clock_timestamp()), session_silent(clock_timestamp()) \g /dev/null
SELECT is((SELECT count(*) FROM audit WHERE reason = 'client_silent'), 1::bigint, 'is said to be silent, once');
SELECT is((SELECT client_id FROM audit WHERE reason = 'client_silent'), t.id('wlan'), 'by name');
UPDATE station SET valid_until = clock_timestamp() - interval '1 second' WHERE name = 'cart';
SELECT housekeeping() \g /dev/null
SELECT is(t.state('s2'), 'cart ending station_ended', 'a machine whose time is over is sent away');

\ir end.psql
