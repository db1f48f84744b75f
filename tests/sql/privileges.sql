-- SPDX-License-Identifier: GPL-2.0-or-later
-- What each role may do: EXECUTE its own functions, and nothing else at all.
\ir begin.psql

-- Everything belongs to a role that cannot log in.
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace = 'sekisho'::regnamespace
    AND relowner <> 'sekisho_owner'::regrole), 0::bigint, 'every relation is the owner''s');
SELECT is((SELECT count(*) FROM pg_proc WHERE pronamespace = 'sekisho'::regnamespace
    AND proowner <> 'sekisho_owner'::regrole), 0::bigint, 'every function too');
SELECT is((SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles
    WHERE rolname ~ '^sekisho_' AND rolcanlogin),
    'sekisho_auditor sekisho_authd sekisho_clerk sekisho_door_feed sekisho_night sekisho_operator sekisho_refresh',
    'who can log in');
SELECT is((SELECT count(*) FROM pg_roles WHERE rolname ~ '^sekisho_' AND (rolsuper OR rolcreaterole
    OR rolcreatedb OR rolreplication OR rolbypassrls)), 0::bigint, 'nobody has a power of the cluster');
SELECT is((SELECT count(*) FROM pg_authid WHERE rolname ~ '^sekisho_' AND rolpassword IS NOT NULL),
    0::bigint, 'c14_3: nobody has a password');
SELECT is((SELECT string_agg(m.member::regrole || ' in ' || m.roleid::regrole, ', ')
    FROM pg_auth_members m WHERE (m.member::regrole::text ~ '^sekisho_' OR m.roleid::regrole::text
    ~ '^sekisho_') AND NOT (m.roleid = 'sekisho_enrolment'::regrole
    AND m.member = 'sekisho_operator'::regrole)), NULL, 'nobody is another but for enrolment');

-- No table, column or sequence is anybody's but the owner's.
SELECT is((SELECT string_agg(c.relname || ' to ' || coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC'), ', ')
    FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace IN ('sekisho'::regnamespace,
    'sekisho_meta'::regnamespace) AND a.grantee <> c.relowner), NULL, 'no privilege on any relation');
SELECT is((SELECT string_agg(c.relname || '.' || t.attname, ', ') FROM pg_class c JOIN pg_attribute t
    ON t.attrelid = c.oid WHERE c.relnamespace = 'sekisho'::regnamespace AND t.attacl IS NOT NULL),
    NULL, 'nor on any column');
SELECT cmp_ok((SELECT count(*) FROM pg_class WHERE relnamespace = 'sekisho'::regnamespace
    AND relkind IN ('r', 'p')), '>=', 15::bigint, 'of tables that are there');

-- A temporary table is its session's, with whatever triggers that made it: no function uses one.
SELECT is((SELECT string_agg(p.proname, ', ') FROM pg_proc p WHERE p.pronamespace = 'sekisho'::regnamespace
    AND p.prosrc ~* 'temp(orary)?\s+table'), NULL, 'no function of the owner''s rests on a caller''s temporary table');

-- Schemas: seen by those who have functions there, written by nobody.
SELECT is((SELECT string_agg(a.grantee::regrole || ' ' || a.privilege_type, ', ' ORDER BY a.grantee::regrole::text)
    FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'sekisho' AND a.grantee <> n.nspowner),
    'sekisho_approval USAGE, sekisho_auditor USAGE, sekisho_authd USAGE, sekisho_clerk USAGE, sekisho_door_feed USAGE, sekisho_enrolment USAGE, '
    || 'sekisho_night USAGE, sekisho_operator USAGE, sekisho_refresh USAGE', 'schema sekisho');
SELECT is((SELECT string_agg(n.nspname, ', ') FROM pg_namespace n, aclexplode(n.nspacl) a
    WHERE n.nspname IN ('public', 'sekisho', 'sekisho_meta') AND a.grantee = 0), NULL,
    'nothing for PUBLIC in any');

-- Who may execute what. A function added later stands here or fails.
CREATE TABLE t.expected (name text, roles text);
INSERT INTO t.expected VALUES
    ('by_night', ''),
    ('card_change', ''),
    ('card_hand_out', ''),
    ('card_holder', ''),
    ('card_housekeeping', ''),
    ('card_id_of', ''),
    ('card_json', ''),
    ('card_temporary_end', ''),
    ('sessions_of', ''),
    ('account_take', 'sekisho_authd'), ('audit_leaf', ''), ('audit_writers', ''), ('audit_seal_due', 'sekisho_clerk'),
    ('audit_seal_rows', 'sekisho_clerk'), ('audit_seal_store', 'sekisho_clerk'), ('audit_seal_last', 'sekisho_clerk'),
    ('audit_export', 'sekisho_auditor sekisho_operator'), ('account_continue', 'sekisho_authd'), ('door_account', ''), ('session_accept', ''), ('session_begin', ''),
    ('session_stop', ''), ('session_ended', ''), ('session_restart', ''), ('session_odd', ''),
    ('session_moment', ''), ('session_moved', ''), ('session_overdue', ''), ('session_json', ''),
    ('session_housekeeping', ''), ('session_end_want', ''), ('sessions_end_want', ''), ('sessions_left', ''),
    ('disconnects_due', 'sekisho_clerk'), ('disconnect_answer', 'sekisho_clerk'),
    ('session_end', 'sekisho_operator'), ('session_list', 'sekisho_auditor sekisho_operator'),
    ('session_show', 'sekisho_auditor sekisho_operator'),
    ('card_activate', 'sekisho_operator'),
    ('card_announce', 'sekisho_operator'),
    ('card_begin', 'sekisho_operator'),
    ('card_bind', 'sekisho_operator'),
    ('card_end', 'sekisho_operator'),
    ('card_prepared', 'sekisho_operator'),
    ('card_puk_next', 'sekisho_operator'),
    ('card_replaced', 'sekisho_operator'),
    ('card_review', 'sekisho_operator'),
    ('card_status', 'sekisho_operator'),
    ('card_challenge', 'sekisho_night sekisho_operator'),
    ('card_find', 'sekisho_night sekisho_operator'),
    ('card_found', 'sekisho_night sekisho_operator'),
    ('card_lost', 'sekisho_night sekisho_operator'),
    ('card_order', 'sekisho_night sekisho_operator'),
    ('card_restart', 'sekisho_operator'),
    ('card_temporary', 'sekisho_night sekisho_operator'),
    ('card_inventory', 'sekisho_auditor sekisho_operator'),
    ('card_list', 'sekisho_auditor sekisho_operator'),
    ('card_show', 'sekisho_auditor sekisho_night sekisho_operator'),
    ('card_renewable', ''), ('card_renew_begin', 'sekisho_authd'),
    ('card_renew_place', 'sekisho_authd'), ('card_renew_poll', 'sekisho_authd'),
    ('card_renew_finish', 'sekisho_clerk'),
    ('zone_alarm', ''), ('zone_id_of', ''), ('presence_of', ''), ('presence_use_take', ''),
    ('door_events_take', ''), ('door_source_of', ''), ('door_method_refuse', ''),
    ('door_events', 'sekisho_door_feed'), ('door_source_begin', 'sekisho_door_feed'),
    ('door_client_heard', ''), ('lost_may_open', ''), ('door_pass', ''),
    ('entry_client', 'sekisho_authd'), ('entry_open', 'sekisho_authd'), ('entry_read', 'sekisho_authd'),
    ('entry_record', 'sekisho_authd'), ('entry_keys', 'sekisho_authd'), ('entry_heard', 'sekisho_authd'), ('entry_number', 'sekisho_authd'),
    ('door_reader_add', 'sekisho_operator'), ('door_reader_remove', 'sekisho_operator'),
    ('door_reader_list', 'sekisho_auditor sekisho_operator'),
    ('zone_set', 'sekisho_operator'), ('door_add', 'sekisho_operator'), ('door_set', 'sekisho_operator'),
    ('door_remove', 'sekisho_operator'), ('door_list', 'sekisho_auditor sekisho_operator'),
    ('door_source_add', 'sekisho_operator'), ('door_source_remove', 'sekisho_operator'),
    ('door_source_set', 'sekisho_operator'),
    ('door_source_list', 'sekisho_auditor sekisho_operator'),
    ('door_quarantine', 'sekisho_auditor sekisho_operator'),
    ('presence_who', 'sekisho_auditor sekisho_operator'), ('presence_where', 'sekisho_operator'),
    ('presence_history', 'sekisho_operator'), ('presence_in_use', ''), ('presence_judge', ''), ('password_fits_door', ''),
    ('report_no_fallback', 'sekisho_auditor sekisho_operator'), ('report_door_terminal', 'sekisho_auditor sekisho_operator'), ('presence_by_hand', ''), ('presence_enter_finish', ''),
    ('presence_enter', 'sekisho_operator'), ('presence_leave', 'sekisho_operator'), ('grace_of', ''), ('grace_keep', ''), ('policy_explain', 'sekisho_operator'),
    ('grants_octets', ''), ('session_silent', ''), ('client_charset', 'sekisho_authd'), ('report_exposure', 'sekisho_auditor sekisho_operator'), ('answer_repeated', 'sekisho_authd'), ('attempt_resume', 'sekisho_authd'), ('station_admit', 'sekisho_authd'), ('station_fault', ''), ('station_json', ''),
    ('station_named', ''), ('station_certificate_fault', ''), ('grants_apart', ''), ('grants_shown', ''), ('grants_with', ''),
    ('session_crowd', ''), ('session_twice', ''), ('policy_grant', 'sekisho_operator'),
    ('station_add', 'sekisho_operator'), ('station_set', 'sekisho_operator'), ('station_retire', 'sekisho_operator'),
    ('station_grant', 'sekisho_operator'), ('station_certificate_add', 'sekisho_operator'),
    ('station_certificate_revoke', 'sekisho_operator'), ('station_list', 'sekisho_auditor sekisho_operator'),
    ('badge_add', 'sekisho_operator'), ('badge_remove', 'sekisho_operator'),
    ('badge_list', 'sekisho_operator'), ('badge_lookup', 'sekisho_authd'),
    ('fido2_begin', 'sekisho_operator'), ('fido2_challenge_show', 'sekisho_operator'), ('fido2_enrol', 'sekisho_operator'),
    ('fido2_list', 'sekisho_auditor sekisho_night sekisho_operator'), ('fido2_rename', 'sekisho_operator'),
    ('fido2_change', 'sekisho_operator'), ('fido2_lost', 'sekisho_night sekisho_operator'),
    ('fido2_model_list', 'sekisho_auditor sekisho_operator'), ('fido2_model_add', 'sekisho_operator'),
    ('fido2_model_remove', 'sekisho_operator'), ('fido2_json', ''), ('fido2_fault', ''), ('fido2_still', ''),
    ('fido2_offer', 'sekisho_authd'), ('fido2_offer_of', ''),
    ('alarm_housekeeping', ''), ('door_is_alarmed', ''),
    ('attempt_open', 'sekisho_authd'), ('attempt_ground', ''),
    ('card_fault', ''), ('card_evidence_counts', ''), ('certificate_keys', 'sekisho_authd'),
    ('attempt_read', 'sekisho_authd'), ('attempt_record', 'sekisho_authd'),
    ('attempt_tally', 'sekisho_authd'), ('attempt_wait', 'sekisho_authd'),
    ('client_lookup', 'sekisho_authd'), ('client_lookup_tls', 'sekisho_authd'),
    ('client_tls_name_refuse', ''), ('verifier_rehash', 'sekisho_authd'),
    ('throttle_fail', ''),
    ('box_reseal', 'sekisho_clerk'), ('boxes_old', 'sekisho_clerk'),
    ('housekeeping', 'sekisho_clerk'), ('keyring_publish', 'sekisho_clerk'),
    ('order_finish', 'sekisho_clerk'), ('orders_open', 'sekisho_clerk'),
    ('audit_partition', ''), ('clerk_begin', 'sekisho_clerk'),
    ('orders_card_open', 'sekisho_clerk'), ('card_keys', 'sekisho_clerk'),
    ('ca_issuer', 'sekisho_clerk'), ('ca_publish', 'sekisho_clerk'),
    ('card_certificate_store', 'sekisho_clerk'), ('card_prove_finish', 'sekisho_clerk'),
    ('card_release_finish', 'sekisho_clerk'), ('crl_begin', 'sekisho_clerk'),
    ('crl_store', 'sekisho_clerk'), ('crl_published', 'sekisho_clerk'),
    ('audit_order', ''), ('issuer_json', ''), ('card_key_is_not_revoked', ''),
    ('person_sid', 'sekisho_operator'), ('issuer_add', 'sekisho_operator'),
    ('issuer_crl', 'sekisho_operator sekisho_refresh'), ('issuer_retire', 'sekisho_operator'),
    ('issuer_keys', 'sekisho_operator sekisho_refresh'),
    ('issuer_status', 'sekisho_operator sekisho_refresh'),
    ('issuer_refreshed', 'sekisho_operator sekisho_refresh'),
    ('issuer_list', 'sekisho_auditor sekisho_operator sekisho_refresh'),
    ('issuer_show', 'sekisho_auditor sekisho_operator sekisho_refresh'),
    ('audit_admin', ''), ('audit_is_append_only', ''), ('client_json', ''),
    ('person_id_of', ''), ('person_json', ''), ('refuse', ''), ('throttle_wait', ''),
    ('keyring_public', 'sekisho_night sekisho_operator'),
    ('totp_enrol', 'sekisho_enrolment'),
    ('affiliation_end', 'sekisho_operator'), ('client_add', 'sekisho_operator'),
    ('client_remove', 'sekisho_operator'), ('client_rules_changed', ''), ('client_set', 'sekisho_operator'),
    ('attestation_keep', ''), ('attestation_roots', 'sekisho_clerk'),
    ('attestation_add', 'sekisho_operator'), ('attestation_remove', 'sekisho_operator'),
    ('attestation_list', 'sekisho_auditor sekisho_operator'),
    ('issuer_set', 'sekisho_operator'), ('person_set', 'sekisho_operator'),
    ('order_digest', ''), ('order_is_approved', ''), ('order_json', ''), ('order_new', ''), ('order_id_of', ''),
    ('order_find', 'sekisho_approval sekisho_auditor sekisho_operator'),
    ('order_list', 'sekisho_approval sekisho_auditor sekisho_operator'),
    ('order_rule_list', 'sekisho_approval sekisho_auditor sekisho_operator'),
    ('order_approve', 'sekisho_approval'), ('order_refuse', 'sekisho_approval sekisho_operator'),
    ('order_collected', 'sekisho_operator'), ('order_rule_set', 'sekisho_operator'),
    ('escrow_order', 'sekisho_operator'),
    ('order_place', 'sekisho_operator'), ('order_show', 'sekisho_night sekisho_operator'),
    ('maintenance_open', ''), ('person_fit', ''), ('maintenance_json', ''), ('maintenance_housekeeping', ''),
    ('maintenance_request', 'sekisho_operator'), ('maintenance_decide', 'sekisho_operator'),
    ('maintenance_close', 'sekisho_operator'), ('maintenance_list', 'sekisho_auditor sekisho_operator'),
    ('maintenance_show', 'sekisho_auditor sekisho_operator'),
    ('policy_weakened', ''), ('policy_confirm', 'sekisho_operator'),
    ('policy_confirmation_show', 'sekisho_auditor sekisho_operator'),
    ('audit_forward', 'sekisho_auditor sekisho_operator'),
    ('password_set', 'sekisho_operator'), ('password_leaked', 'sekisho_night sekisho_operator'),
    ('password_about', 'sekisho_operator'), ('password_rule_set', 'sekisho_operator'),
    ('password_rule_list', 'sekisho_auditor sekisho_operator'), ('password_ground', 'sekisho_authd'),
    ('password_change', 'sekisho_authd'), ('password_change_due', ''), ('proof_json', ''), ('ledger_is_append_only', ''),
    ('proof_add', 'sekisho_operator'), ('proof_list', 'sekisho_auditor sekisho_operator'),
    ('proof_show', 'sekisho_auditor sekisho_operator'), ('proof_copy', 'sekisho_auditor sekisho_operator'),
    ('person_add', 'sekisho_operator'), ('person_import', 'sekisho_operator'),
    ('person_affiliate', 'sekisho_operator'), ('person_status', 'sekisho_operator'), ('person_leave', 'sekisho_operator'),
    ('policy_set', 'sekisho_operator'), ('setting_set', 'sekisho_operator'),
    ('throttle_rule_set', 'sekisho_operator'), ('token_status', 'sekisho_operator'),
    ('unlock', 'sekisho_night sekisho_operator'), ('zone_add', 'sekisho_operator'),
    ('zone_remove', 'sekisho_operator'),
    ('audit_show', 'sekisho_auditor sekisho_operator'),
    ('client_list', 'sekisho_auditor sekisho_operator'),
    ('client_show', 'sekisho_auditor sekisho_operator'),
    ('person_list', 'sekisho_auditor sekisho_operator'),
    ('person_show', 'sekisho_auditor sekisho_operator'),
    ('policy_list', 'sekisho_auditor sekisho_operator'),
    ('setting_list', 'sekisho_auditor sekisho_operator'),
    ('throttle_rule_list', 'sekisho_auditor sekisho_operator'),
    ('token_list', 'sekisho_auditor sekisho_operator'),
    ('zone_list', 'sekisho_auditor sekisho_operator');
SELECT results_eq($$SELECT (p.proname || ': ' || coalesce(string_agg(CASE a.grantee WHEN 0 THEN 'PUBLIC'
        ELSE a.grantee::regrole::text END, ' ' ORDER BY a.grantee::regrole::text), ''))
    COLLATE "C" FROM pg_proc p LEFT JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
         ON a.grantee <> p.proowner
    WHERE p.pronamespace = 'sekisho'::regnamespace GROUP BY p.oid, p.proname ORDER BY 1$$,
    $$SELECT (name || ': ' || roles) COLLATE "C" FROM t.expected ORDER BY 1$$, 'who may execute which function');

-- A function runs as the owner, with names that nobody else can give.
SELECT is((SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc
    WHERE pronamespace = 'sekisho'::regnamespace AND NOT prosecdef),
    'audit_is_append_only audit_leaf card_fault fido2_fault fido2_offer_of ledger_is_append_only throttle_wait', 'all are SECURITY DEFINER but seven');
SELECT is((SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc
    WHERE pronamespace = 'sekisho'::regnamespace
      AND NOT coalesce('search_path=sekisho, pg_temp' = ANY (proconfig), false)),
    'audit_leaf card_fault fido2_fault fido2_offer_of throttle_wait',
    'all have their own search path but five, which name nothing, or with its schema');

-- What is made later is closed until granted.
SET ROLE sekisho_owner;
CREATE FUNCTION sekisho.made_later() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE sekisho.made_later (x int);
RESET ROLE;
SELECT ok(NOT has_function_privilege(r, 'sekisho.made_later()', 'EXECUTE')
       AND NOT has_table_privilege(r, 'sekisho.made_later', 'SELECT, INSERT, UPDATE, DELETE'),
       r || ' gets no new function and no new table')
  FROM unnest('{sekisho_authd,sekisho_operator,sekisho_auditor,sekisho_door_feed,sekisho_enrolment,sekisho_refresh,sekisho_approval,sekisho_clerk}'::text[]) r;
DROP FUNCTION sekisho.made_later();
DROP TABLE sekisho.made_later;

-- And now as each of them: every table, every act.
GRANT USAGE ON SCHEMA t, tap TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap, t TO PUBLIC;
CREATE FUNCTION t.denied(p_role text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v_table text;
    v_call text;
    v_state text;
    v_open text := '';
    v_n int := 0;
BEGIN
    FOR v_table IN SELECT relname FROM pg_class WHERE relnamespace = 'sekisho'::regnamespace
                   AND relkind IN ('r', 'p', 'S') LOOP
        FOREACH v_call IN ARRAY ARRAY['SELECT FROM sekisho.%I', 'DELETE FROM sekisho.%I',
            'TRUNCATE sekisho.%I', 'INSERT INTO sekisho.%I DEFAULT VALUES',
            'LOCK TABLE sekisho.%I IN ACCESS EXCLUSIVE MODE', 'ALTER TABLE sekisho.%I ADD x int',
            'DROP TABLE sekisho.%I', 'CREATE TRIGGER x BEFORE INSERT ON sekisho.%I
             FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()'] LOOP
            v_state := 'none';
            v_n := v_n + 1;
            BEGIN
                EXECUTE format('SET LOCAL ROLE %I', p_role);
                EXECUTE format(v_call, v_table);
            EXCEPTION WHEN OTHERS THEN
                v_state := SQLSTATE;
            END;
            RESET ROLE;
            IF v_state NOT IN ('42501', '42809') THEN -- a sequence is the wrong kind for most
                v_open := v_open || format(v_call, v_table) || ' ' || v_state || '; ';
            END IF;
        END LOOP;
    END LOOP;
    RETURN NEXT is(v_open, '', p_role || ' is denied ' || v_n || ' acts on tables');
    v_state := 'none';
    BEGIN
        EXECUTE format('SET LOCAL ROLE %I', p_role);
        CREATE FUNCTION sekisho.mine() RETURNS int LANGUAGE sql AS 'SELECT 1';
    EXCEPTION WHEN OTHERS THEN
        v_state := SQLSTATE;
    END;
    RESET ROLE;
    RETURN NEXT is(v_state, '42501', p_role || ' makes nothing in the schema');
END
$$;
SELECT t.denied(r) FROM unnest('{sekisho_authd,sekisho_operator,sekisho_auditor,sekisho_door_feed,sekisho_enrolment,sekisho_refresh,sekisho_approval,sekisho_clerk}'::text[]) r;

-- A few calls as those who may not make them, and as those who may.
SET SESSION AUTHORIZATION sekisho_authd;
SELECT throws_ok($$SELECT sekisho.password_set('sato', t.id('x'), t.bytes('s', 16), 2, 64, 'b', 1)$$,
    '42501', NULL, 'a worker sets no password');
SELECT throws_ok($$SELECT sekisho.unlock('sato')$$, '42501', NULL, 'a worker unlocks nobody');
SELECT throws_ok($$SELECT sekisho.throttle_fail(t.id('x'), 'inside', 'knowledge', NULL, now())$$,
    '42501', NULL, 'a worker counts no failure by itself');
SELECT throws_ok($$SELECT sekisho.audit_admin('x', 'sato', NULL)$$, '42501', NULL,
    'a worker writes no operator''s line');
SELECT throws_ok($$SELECT sekisho.totp_enrol('sato', t.id('x'), '', 'SHA1', 6, 30, 'b', 1)$$,
    '42501', NULL, 'a worker enrols nothing');
SELECT throws_ok($$SELECT sekisho.issuer_add('x', 'x', 'none')$$, '42501', NULL, 'a worker trusts nobody');
SELECT throws_ok($$SELECT sekisho.issuer_crl('x', 'x', 'x', 1, now(), now(), '{}', '{}')$$, '42501', NULL,
    'and revokes nothing');
SELECT lives_ok($$SELECT * FROM sekisho.attempt_read(t.id('w3'), 'sato', t.id('b'), NULL, NULL)$$, 'a worker reads');
SELECT throws_ok($$SELECT sekisho.housekeeping()$$, '42501', NULL, 'and keeps no house');
SELECT throws_ok($$SELECT sekisho.box_reseal('password', t.id('sato/p'), 'box', 'mine', 1)$$, '42501', NULL,
    'replaces no box');
SELECT throws_ok($$SELECT sekisho.keyring_publish(9, t.bytes('mine', 32))$$, '42501', NULL, 'publishes no key');
SELECT throws_ok($$SELECT sekisho.order_finish(t.id('x'), true, '', 1, 0)$$, '42501', NULL, 'activates no token');
SELECT throws_ok($$SELECT sekisho.card_prove_finish(t.id('x'), 'x', '{}')$$, '42501', NULL, 'proves no card');
SELECT throws_ok($$SELECT * FROM sekisho.orders_card_open(false)$$, '42501', NULL, 'sees no escrow');
SELECT throws_ok($$SELECT sekisho.card_release_finish(t.id('x'), 'x')$$, '42501', NULL, 'releases none');
SELECT throws_ok($$SELECT sekisho.ca_publish(t.id('x'), 'x', 'x', 'x')$$, '42501', NULL, 'makes no CA');
SELECT throws_ok($$SELECT sekisho.crl_store(t.id('x'), 1, 'x', 1, 2)$$, '42501', NULL, 'and no CRL');
SELECT throws_ok('SET ROLE sekisho_owner', '42501', NULL, 'it cannot become the owner');
SELECT throws_ok('SET ROLE sekisho_clerk', '42501', NULL, 'nor the clerk');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION sekisho_clerk;
SELECT lives_ok($$SELECT sekisho.housekeeping()$$, 'the clerk keeps house');
SELECT is(sekisho.clerk_begin(), false, 'alone');
SELECT throws_ok($$SELECT * FROM sekisho.attempt_read(t.id('w3'), 'sato', t.id('b'), NULL, NULL)$$, '42501', NULL,
    'the clerk reads no verifier');
SELECT throws_ok($$SELECT sekisho.attempt_tally(t.id('x'), 'inside', t.id('w3'), 'x', 'sato', NULL, 'K', 'n')$$, '42501',
    NULL, 'and records no attempt');
SELECT throws_ok($$SELECT sekisho.verifier_rehash(t.id('x'), t.id('x'), t.id('x'), 'x', 2, 64, 'x', 1)$$, '42501', NULL,
    'replaces no password');
SELECT throws_ok($$SELECT sekisho.password_set('sato', t.id('x'), t.bytes('s', 16), 2, 64, 'b', 1)$$, '42501', NULL,
    'and sets none');
SELECT throws_ok($$SELECT sekisho.order_place(t.id('x'), 'totp_confirm', 'sato')$$, '42501', NULL, 'it places no order');
SELECT throws_ok($$SELECT sekisho.order_approve('0000', 'x')$$, '42501', NULL, 'and approves none');
SELECT throws_ok('SET ROLE sekisho_authd', '42501', NULL, 'it cannot become a worker');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION sekisho_auditor;
SELECT throws_ok($$SELECT sekisho.person_add('x', 'x')$$, '42501', NULL, 'an auditor adds nobody');
SELECT throws_ok($$SELECT sekisho.setting_set('tally_seconds', '1')$$, '42501', NULL, 'and sets nothing');
SELECT throws_ok($$SELECT sekisho.attempt_read(t.id('w3'), 'sato', t.id('b'), NULL, NULL)$$, '42501', NULL,
    'and sees no verifier');
SELECT lives_ok($$SELECT sekisho.audit_show()$$, 'an auditor reads the audit');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION sekisho_refresh;
SELECT throws_ok($$SELECT sekisho.issuer_add('x', 'x', 'none')$$, '42501', NULL, 'who asks issuers trusts none');
SELECT throws_ok($$SELECT sekisho.person_list()$$, '42501', NULL, 'and sees nobody');
SELECT throws_ok($$SELECT sekisho.token_status('sato', t.id('x'), 'revoked')$$, '42501', NULL, 'and revokes no token');
SELECT lives_ok($$SELECT sekisho.issuer_list()$$, 'it knows whom to ask');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION sekisho_operator;
SELECT throws_ok($$SELECT sekisho.attempt_read(t.id('w3'), 'sato', t.id('b'), NULL, NULL)$$, '42501', NULL,
    'c14_3: an operator sees no verifier');
SELECT throws_ok($$SELECT sekisho.client_lookup('192.0.2.1')$$, '42501', NULL,
    'c14_3: nor a client''s box');
SELECT throws_ok($$SELECT sekisho.order_finish(t.id('x'), true, '', 1, 0)$$, '42501', NULL,
    'and finishes no order');
SELECT throws_ok($$SELECT sekisho.card_prove_finish(t.id('x'), 'x', '{}')$$, '42501', NULL,
    'proves no card');
SELECT throws_ok($$SELECT sekisho.card_certificate_store(t.id('x'), '9a', 'x', 'x', 'x', t.id('x'), 'x',
    now(), now())$$, '42501', NULL, 'stores no certificate');
SELECT throws_ok($$SELECT * FROM sekisho.orders_card_open(false)$$, '42501', NULL, 'sees no escrow');
SELECT throws_ok($$SELECT sekisho.crl_store(t.id('x'), 1, 'x', 1, 2)$$, '42501', NULL, 'makes no CRL');
SELECT lives_ok($$SELECT sekisho.person_add('yamada', '山田')$$, 'an operator adds persons');
SELECT is(sekisho.audit_show('yamada') #>> '{0,actor}', 'sekisho_operator', 'and is named for it');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION sekisho_door_feed;
SELECT throws_ok($$SELECT sekisho.audit_show()$$, '42501', NULL, 'a door feed does nothing yet');
RESET SESSION AUTHORIZATION;

-- A temporary table is no way into a function (search path).
SET SESSION AUTHORIZATION sekisho_operator;
CREATE TEMP TABLE person (LIKE pg_class);
CREATE TEMP TABLE audit (x int);
CREATE FUNCTION pg_temp.refuse(text, text) RETURNS void LANGUAGE sql AS '';
SELECT lives_ok($$SELECT sekisho.person_show('yamada')$$, 'tables of one''s own change nothing');
SELECT throws_ok($$SELECT sekisho.person_show('nobody')$$, 'SK001', NULL, 'nor functions');
RESET SESSION AUTHORIZATION;

-- What operators are shown holds no box, salt or digest.
SELECT unalike(x, '%box%', 'c14_3: nothing sealed in ' || left(x, 20)) FROM (VALUES
    (person_show('sato')::text), (token_list('sato')::text), (client_show('w3')::text),
    (client_list()::text), (person_list()::text), (audit_show()::text)) v(x);
SELECT unalike(x, '%' || encode(t.bytes('salt', 16), 'hex') || '%', 'c14_3: nor a salt')
  FROM (VALUES (person_show('sato')::text), (audit_show()::text)) v(x);
\ir end.psql
