-- SPDX-License-Identifier: GPL-2.0-or-later
-- FIDO2 keys as the database sees them: enrolled once, offered to who has them,
-- counted upwards only, and dead from the moment they are reported.
\ir begin.psql

CREATE FUNCTION t.begin_key(p_login text, p_minutes int DEFAULT 10) RETURNS bytea LANGUAGE sql AS $$
    SELECT decode(fido2_begin(p_login, p_minutes) ->> 'challenge', 'hex') $$;
CREATE FUNCTION t.enrol(p text, p_login text, p_challenge bytea DEFAULT NULL, p_count bigint DEFAULT 0,
    p_attestation text DEFAULT 'none', p_eligible boolean DEFAULT false, p_len int DEFAULT 32) RETURNS jsonb
    LANGUAGE sql AS $$
    SELECT fido2_enrol(coalesce(p_challenge, t.begin_key(p_login)), p_login, p, t.bytes(p, least(p_len, 32)) ||
        CASE WHEN p_len > 32 THEN decode(repeat('00', p_len - 32), 'hex') ELSE '' END, -7,
        t.bytes(p, 32) || t.bytes(p || '2', 32), p_count, t.id('model'), 'pin', p_eligible, false,
        p_attestation, 'packed', 'usb') $$;
CREATE FUNCTION t.token(p text) RETURNS uuid LANGUAGE sql AS $$
    SELECT token_id FROM fido2_key WHERE credential_id = t.bytes(p, 32) $$;
CREATE FUNCTION t.key(p text) RETURNS text LANGUAGE sql AS $$
    SELECT k.state || ' ' || t.status || ' ' || k.sign_count FROM fido2_key k JOIN token t ON t.id = k.token_id
     WHERE k.credential_id = t.bytes(p, 32) $$;
CREATE FUNCTION t.version(p text) RETURNS bigint LANGUAGE sql AS $$ SELECT version FROM person WHERE login = p $$;
-- What a first round offers: the ids' first octets, in their order.
CREATE FUNCTION t.offer(p_login text, p_client text DEFAULT 'w3') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r record;
    v text := '';
    at int := 1;
BEGIN
    SELECT * INTO r FROM attempt_open(t.id(p_client), (SELECT version FROM client WHERE id = t.id(p_client)), true,
        p_login, t.id('bucket of ' || p_login), uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'login', true);
    IF r.credentials IS NULL THEN
        RETURN 'none';
    END IF;
    WHILE at < length(r.credentials) LOOP
        v := v || ' ' || coalesce((SELECT t.label FROM fido2_key k JOIN token t ON t.id = k.token_id WHERE k.credential_id =
            substring(r.credentials FROM at + 2 FOR get_byte(r.credentials, at - 1) * 256 + get_byte(r.credentials, at))), '?');
        at := at + 2 + get_byte(r.credentials, at - 1) * 256 + get_byte(r.credentials, at);
    END LOOP;
    RETURN r.rp_id || ' ' || r.user_verification || v;
END
$$;
-- What a worker reads of a key, and records of its assertion.
CREATE FUNCTION t.fault(p_login text, p text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(r.key_fault, 'counts') FROM attempt_read(t.id('w3'), p_login, t.id('bucket of ' || p_login), NULL,
        sha256(t.bytes(p, 32)), true) r $$;
CREATE FUNCTION t.asserts(p_login text, p text, p_count bigint, p_version bigint DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    v_state bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    v record;
    r record;
BEGIN
    PERFORM FROM attempt_open(t.id('w3'), (SELECT version FROM client WHERE id = t.id('w3')), true, p_login,
        t.id('bucket of ' || p_login), v_state, 'login', true);
    SELECT * INTO v FROM attempt_read(t.id('w3'), p_login, t.id('bucket of ' || p_login), v_state,
        sha256(t.bytes(p, 32)), true);
    SELECT * INTO r FROM attempt_record(t.id('w3'), v.client_version, v.rules_version, v.subject, v.person_id,
        coalesce(p_version, v.person_version), v.scope, p_login, 'login', 'accept', 'two_factors', '{}', '{}', '{}',
        jsonb_build_array(jsonb_build_object('category', 'possession', 'method', 'fido2', 'token', t.token(p))),
        v_state, NULL, t.token(p), NULL, NULL, '', 'node', p_count, false);
    RETURN r.outcome || ' ' || r.reason;
END
$$;

-- Off until the hospital says for which domain.
SELECT throws_ok($$SELECT fido2_begin('sato', 10)$$, 'SK001', 'fido2_off', 'no domain, no keys');
SELECT is(t.offer('sato'), 'none', 'and no offer');
SELECT setting_set('fido2.rp_id', 'hospital.example') \g /dev/null
SELECT fido2_model_add(t.id('model'), 'A key') \g /dev/null

-- Challenges: for somebody who is here, for a while, once.
SELECT throws_ok($$SELECT fido2_begin('nobody', 10)$$, 'SK001', 'person_unknown', 'for a person');
SELECT throws_ok(format('SELECT fido2_begin(%L, %s)', 'sato', m), 'SK001', 'fido2_minutes', 'for minutes, not ' || m)
  FROM unnest('{0,-1,1441}'::int[]) m;
SELECT is(length(t.begin_key('sato')), 32, 'of 32 octets');
SELECT isnt(t.begin_key('sato'), t.begin_key('sato'), 'new each time');
SELECT is((fido2_begin('sato', 10)) ->> 'origins', '["https://hospital.example"]', 'from its own page');
SELECT throws_ok($$SELECT t.enrol('x', 'sato', t.bytes('never', 32))$$, 'SK001', 'challenge_ended', 'none that was not issued');
SELECT throws_ok($$SELECT t.enrol('x', 'sato', t.begin_key('suzuki'))$$, 'SK001', 'challenge_ended', 'none of somebody else');
CREATE TEMP TABLE one AS SELECT t.begin_key('sato') AS challenge;
UPDATE fido2_challenge SET expires_at = clock_timestamp() - interval '1 second' WHERE challenge = (SELECT challenge FROM one);
SELECT throws_ok($$SELECT t.enrol('x', 'sato', (SELECT challenge FROM one))$$, 'SK001', 'challenge_ended', 'none that is too old');
UPDATE one SET challenge = t.begin_key('sato');
SELECT is(t.enrol('a', 'sato', (SELECT challenge FROM one)) ->> 'state', 'active', 'enrolled');
SELECT throws_ok($$SELECT t.enrol('b', 'sato', (SELECT challenge FROM one))$$, 'SK001', 'challenge_ended', 'and the challenge is spent');
SELECT throws_ok($$SELECT t.enrol('a', 'suzuki')$$, 'SK001', 'fido2_known', 'one key, one person');
SELECT throws_ok($$SELECT t.enrol('a', 'sato')$$, 'SK001', 'fido2_known', 'and once');
SELECT is((SELECT count(*) FROM token WHERE method = 'fido2'), 1::bigint, 'what was refused left nothing behind');

-- What the hospital demands of keys is asked here too.
SELECT throws_ok($$SELECT t.enrol('s', 'sato', p_eligible => true)$$, 'SK001', 'fido2_syncable', 'none that a cloud copies');
SELECT setting_set('fido2.syncable', 'accept') \g /dev/null
SELECT lives_ok($$SELECT t.enrol('s', 'sato', p_eligible => true)$$, 'unless it is allowed');
SELECT setting_set('fido2.attestation', 'listed') \g /dev/null
SELECT throws_ok($$SELECT t.enrol('l', 'sato')$$, 'SK001', 'fido2_attestation_missing', 'a model that nobody vouches for');
SELECT throws_ok($$SELECT t.enrol('l', 'sato', p_attestation => 'self')$$, 'SK001', 'fido2_attestation_missing', 'nor itself');
SELECT throws_ok($$SELECT t.enrol('l', 'sato', p_attestation => 'unverified')$$, 'SK001', 'fido2_attestation_missing', 'nor who is not known');
SELECT lives_ok($$SELECT t.enrol('l', 'sato', p_attestation => 'verified')$$, 'a maker that is trusted');
SELECT fido2_model_remove(t.id('model')) \g /dev/null
SELECT throws_ok($$SELECT t.enrol('m', 'sato', p_attestation => 'verified')$$, 'SK001', 'fido2_model_unlisted', 'of a model on the list');
SELECT throws_ok($$SELECT fido2_model_remove(t.id('model'))$$, 'SK001', 'fido2_model_unknown', 'which it is no more');
SELECT setting_set('fido2.attestation', 'none') \g /dev/null
SELECT throws_ok(format('SELECT setting_set(%L, %L)', 'fido2.' || n, 'x y'), 'SK001', NULL, 'no such value of ' || n)
  FROM unnest('{syncable,attestation,rp_id}'::text[]) n;

-- Values that no key has are not written down, whoever asks.
SELECT throws_ok($$UPDATE fido2_key SET sign_count = -1$$, '23514', NULL, 'no counter below 0');
SELECT throws_ok($$UPDATE fido2_key SET sign_count = 4294967296$$, '23514', NULL, 'nor above 32 bits');
SELECT throws_ok($$UPDATE fido2_key SET state = 'lent'$$, '23514', NULL, 'no other state');
SELECT throws_ok($$UPDATE fido2_key SET algorithm = -36$$, '23514', NULL, 'no other algorithm');
SELECT throws_ok($$SELECT t.enrol('short', 'suzuki', p_len => 15)$$, '23514', NULL, 'no short id');
SELECT throws_ok($$SELECT t.enrol('long', 'suzuki', p_len => 385)$$, '23514', NULL, 'no long id');

-- Offered: what counts, the newest first, to who may use it.
UPDATE token t SET created_at = clock_timestamp() - n * interval '1 hour'
  FROM unnest('{a,s,l}'::text[]) WITH ORDINALITY x (l, n) WHERE t.label = x.l;
SELECT is(t.offer('sato'), 'hospital.example preferred a s l', 'the newest first');
SELECT is(t.offer('suzuki'), 'hospital.example preferred', 'none for who has none');
SELECT is(t.offer('nobody'), 'hospital.example preferred', 'nor for nobody');
SELECT fido2_change(t.token('s'), 'suspended') \g /dev/null
SELECT is(t.offer('sato'), 'hospital.example preferred a l', 'none that is suspended');
UPDATE policy SET fido2_uv = 'required' WHERE id = (SELECT policy_id FROM client WHERE id = t.id('w3'));
SELECT is(t.offer('sato'), 'hospital.example required a l', 'with what the policy demands');
UPDATE policy SET methods = array_remove(methods, 'fido2') WHERE id = (SELECT policy_id FROM client WHERE id = t.id('w3'));
SELECT is(t.offer('sato'), 'none', 'nothing where the policy counts no keys');
UPDATE policy SET methods = methods || '{fido2}', fido2_uv = 'preferred' WHERE id = (SELECT policy_id FROM client WHERE id = t.id('w3'));
SELECT setting_set('fido2.rp_id', 'other.example') \g /dev/null
SELECT is(split_part(t.offer('sato'), ' ', 3), '', 'none for another domain');
SELECT is(t.fault('sato', 'a'), 'fido2_rp_changed', 'and none counts there');
SELECT setting_set('fido2.rp_id', 'hospital.example') \g /dev/null

-- Whose, and whether it counts.
SELECT is(t.fault('sato', 'a'), 'counts', 'the own one');
SELECT is(t.fault('suzuki', 'a'), 'fido2_of_another', 'somebody else''s');
SELECT is(t.fault('nobody', 'a'), 'fido2_of_another', 'nor for nobody');
SELECT is(t.fault('sato', 'zzz'), 'fido2_unknown', 'one that is not known');
SELECT is(t.fault('sato', 's'), 'fido2_suspended', 'one that is suspended');

-- Its counter only grows; else there are two.
SELECT is(t.asserts('sato', 'a', 0), 'accept two_factors', 'a key that does not count');
SELECT is(t.asserts('sato', 'a', 0), 'accept two_factors', 'never does');
SELECT is(t.asserts('sato', 'a', 7), 'accept two_factors', 'until it does');
SELECT is(t.asserts('sato', 'a', 8), 'accept two_factors', 'and more');
SELECT is(t.asserts('sato', 'a', 4294967295), 'accept two_factors', 'to its end');
SELECT is(t.key('a'), 'active active 4294967295', 'as it is written down');
SELECT is(t.asserts('sato', 'a', 4294967295), 'reject fido2_counter', 'the same again: a copy');
SELECT is(t.key('a'), 'suspended suspended 4294967295', 'and it is suspended');
SELECT is((SELECT detail ->> 'known' FROM audit WHERE reason = 'fido2_copied' AND login = 'sato'), '4294967295', 'with an alert');
SELECT is(t.fault('sato', 'a'), 'fido2_suspended', 'it counts no more');
SELECT is(t.asserts('sato', 'a', 0), 'reject changed_meanwhile', 'nor what was under way');
SELECT is(t.asserts('sato', 'l', 5), 'accept two_factors', 'another key of the same person is not concerned');
SELECT is(t.asserts('sato', 'l', 4), 'reject fido2_counter', 'a smaller one: a copy');
SELECT fido2_change(t.token('l'), 'active', 'looked at') \g /dev/null
SELECT is(t.asserts('sato', 'l', 5), 'reject fido2_counter', 'and its count is not forgotten when it is resumed');
SELECT fido2_change(t.token('l'), 'active', 'looked at again') \g /dev/null
SELECT is(t.asserts('sato', 'l', 6), 'accept two_factors', 'it goes on from there');
SELECT is(t.asserts('sato', 'l', 0), 'reject fido2_counter', 'nor does it begin again at 0');

-- A key's life: what may follow what, and what follows from it.
CREATE FUNCTION t.steps() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v_from text;
    v_to text;
    v_may boolean;
    v_before bigint;
BEGIN
    FOREACH v_from IN ARRAY '{active,suspended,lost,revoked}'::text[] LOOP
        FOREACH v_to IN ARRAY '{active,suspended,lost,revoked,lent,""}'::text[] LOOP
            UPDATE fido2_key SET state = v_from WHERE token_id = t.token('l');
            v_may := v_from || '>' || v_to = ANY ('{active>suspended,active>lost,active>revoked,suspended>active,suspended>lost,suspended>revoked,lost>active,lost>revoked}');
            v_before := t.version('sato');
            INSERT INTO login (state_hash, subject, person_id, login, client_id, purpose, evidence, created_at, expires_at, view)
            SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), t.id('s'), t.person_id('sato'), 'sato', t.id('w3'),
                   'login', '[]', now(), now() + interval '1 minute', v
              FROM attempt_read(t.id('w3'), 'sato', t.id('bucket of sato'), NULL, NULL) v LIMIT 1;
            IF v_may THEN
                RETURN NEXT lives_ok(format('SELECT fido2_change(%L, %L, %L)', t.token('l'), v_to, 'because'), v_from || ' to ' || v_to);
                RETURN NEXT is(t.version('sato'), v_before + 1, 'which attempts under way notice');
                RETURN NEXT is((SELECT count(*) FROM login WHERE login = 'sato'), 0::bigint, 'and logins in progress end');
                RETURN NEXT is((SELECT detail ->> 'from' FROM audit WHERE login = 'sato' ORDER BY id DESC LIMIT 1), v_from, 'as the audit says');
            ELSE
                RETURN NEXT throws_ok(format('SELECT fido2_change(%L, %L)', t.token('l'), v_to), 'SK001', 'fido2_state_' || v_from,
                    v_from || ' not to ' || v_to);
                RETURN NEXT is(t.version('sato'), v_before, 'and nothing changed');
            END IF;
            DELETE FROM login WHERE login = 'sato';
        END LOOP;
    END LOOP;
END
$$;
SELECT t.steps();
UPDATE fido2_key SET state = 'active' WHERE token_id = t.token('l');
UPDATE token SET status = 'active' WHERE id = t.token('l');
SELECT is(t.asserts('sato', 'l', 70, t.version('sato') - 1), 'reject changed_meanwhile', 'what was read before a change counts no more');
SELECT is(t.key('l'), 'active active 6', 'and its counter stays');
SELECT fido2_lost(t.token('l'), 'on the train') \g /dev/null
SELECT is(t.fault('sato', 'l'), 'fido2_lost', 'from that moment');
SELECT throws_ok($$SELECT fido2_lost(t.id('nothing'))$$, 'SK001', 'fido2_key_unknown', 'no key');
SELECT throws_ok($$SELECT fido2_change(t.id('sato/t'), 'lost')$$, 'SK001', 'fido2_key_unknown', 'a code token is none');
SELECT is(fido2_rename(t.token('l'), '青い鍵') ->> 'label', '青い鍵', 'renamed');
SELECT throws_ok($$SELECT fido2_rename(t.id('sato/t'), 'x')$$, 'SK001', 'fido2_key_unknown', 'keys only');
SELECT is((SELECT detail ->> 'from' FROM audit WHERE reason = 'fido2_rename'), 'l', 'as the audit says');

-- Eight at most, so that a packet holds them; one that is revoked makes room.
SELECT t.enrol('k' || i, 'suzuki', p_len => 384) FROM generate_series(1, 8) i \g /dev/null
SELECT throws_ok($$SELECT fido2_begin('suzuki', 10)$$, 'SK001', 'fido2_too_many', 'no ninth');
SELECT is((SELECT octet_length(o.credentials) FROM attempt_open(t.id('w3'), (SELECT version FROM client WHERE id = t.id('w3')), true,
    'suzuki', t.id('b'), t.bytes('state', 32), 'login', true) o), 8 * 386, 'all eight are offered');
SELECT fido2_change((SELECT id FROM token WHERE label = 'k1'), 'revoked') \g /dev/null
SELECT lives_ok($$SELECT fido2_begin('suzuki', 10)$$, 'room for another');
-- Nobody who has gone
UPDATE person SET status = 'left' WHERE login = 'suzuki';
SELECT throws_ok($$SELECT fido2_begin('suzuki', 10)$$, 'SK001', 'person_not_active', 'c6_6: who is here');
SELECT is(t.offer('suzuki'), 'hospital.example preferred', 'nor is anything offered');
\ir end.psql
