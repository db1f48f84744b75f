-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes one setting.
CREATE OR REPLACE FUNCTION sekisho.setting_set(
    p_name text,
    p_value text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_new jsonb;
BEGIN
    IF p_name = 'card.realm' THEN
        IF p_value !~ '^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*)?$'
            OR length(p_value) > 128 THEN
            PERFORM refuse('setting_value', p_name);
        END IF;
    ELSIF p_name = 'card.crl_url' THEN
        IF p_value !~ '^(https?://[!-~]{1,240})?$' THEN
            PERFORM refuse('setting_value', p_name);
        END IF;
    ELSIF p_name = 'fido2.rp_id' THEN
        -- WebAuthn 4: a domain, as browsers write it
        IF p_value !~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*)?$'
            OR length(p_value) > 200 THEN
            PERFORM refuse('setting_value', p_name);
        END IF;
    ELSIF p_name = 'fido2.origins' THEN
        IF p_value !~ '^((https://[a-z0-9.-]+(:[0-9]{1,5})?|http://localhost(:[0-9]{1,5})?)( |$))*$'
            OR p_value ~ ' $' OR length(p_value) > 1000 THEN
            PERFORM refuse('setting_value', p_name);
        END IF;
    ELSIF p_name IN ('fido2.attestation', 'fido2.syncable') THEN
        IF p_value <> ALL (CASE p_name WHEN 'fido2.attestation' THEN '{none,listed}'::text[]
                ELSE '{refuse,accept}' END) THEN
            PERFORM refuse('setting_value', p_name);
        END IF;
    ELSIF p_name = 'site.timezone' THEN
        IF NOT EXISTS (SELECT FROM pg_timezone_names n WHERE n.name = p_value) THEN
            PERFORM refuse('setting_value', p_name);
        END IF;
    -- The others are numbers, each within what the tables and libsodium take.
    ELSIF p_value !~ '^[0-9]{1,7}$' OR NOT (p_value::int <@ CASE p_name
            WHEN 'password.opslimit' THEN int4range(1, 16, '[]')
            WHEN 'password.memlimit_kib' THEN int4range(8192, 1048576, '[]')
            WHEN 'password.door_chars' THEN int4range(8, 64, '[]')
            WHEN 'password.guess_bits' THEN int4range(20, 80, '[]')
            WHEN 'maintenance.max_hours' THEN int4range(1, 168, '[]')
            WHEN 'person.training_days' THEN int4range(1, 3650, '[]')
            WHEN 'person.pledge_needed' THEN int4range(0, 1, '[]')
            WHEN 'tally_seconds' THEN int4range(1, 3600, '[]')
            WHEN 'door.list_hours' THEN int4range(0, 72, '[]')
            WHEN 'card.validity_days' THEN int4range(1, 3650, '[]')
            WHEN 'card.lost_days' THEN int4range(1, 365, '[]')
            WHEN 'order.approval_hours' THEN int4range(1, 168, '[]')
            WHEN 'card.attestation' THEN int4range(0, 1, '[]')
            WHEN 'card.renew_days' THEN int4range(0, 365, '[]')
            WHEN 'card.crl_hours' THEN int4range(1, 720, '[]')
            WHEN 'session.end_tries' THEN int4range(1, 20, '[]')
            WHEN 'session.keep_days' THEN int4range(31, 3650, '[]')
            ELSE int4range(NULL, NULL) END) THEN
        PERFORM refuse('setting_value', p_name);
    END IF;
    -- or nobody could be given a card any more
    IF p_name = 'card.attestation' AND p_value::int = 1
        AND NOT EXISTS (SELECT FROM attestation_root) THEN
        PERFORM refuse('attestation_none', p_name);
    END IF;
    IF p_name IN ('password.guess_bits', 'password.door_chars', 'password.opslimit', 'password.memlimit_kib')
        AND p_value::int < (SELECT s.value::int FROM setting s WHERE s.name = p_name) THEN
        PERFORM policy_weakened('setting ' || p_name, (SELECT s.value FROM setting s WHERE s.name = p_name), p_value);
    END IF;
    UPDATE setting s SET value = p_value WHERE s.name = p_name RETURNING to_jsonb(s) INTO v_new;
    IF v_new IS NULL THEN
        PERFORM refuse('setting_unknown', p_name);
    END IF;
    PERFORM audit_admin('setting_set', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.setting_set(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.setting_set(text, text) TO sekisho_operator;
