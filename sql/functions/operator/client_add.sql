-- SPDX-License-Identifier: GPL-2.0-or-later
-- Adds a RADIUS client; its secret is sealed to the keyring. An exception
-- from Message-Authenticator needs a reason, a date within a year and one fixed
-- address (BlastRADIUS, CVE-2024-3596).
CREATE OR REPLACE FUNCTION sekisho.client_add(
    p_id uuid,
    p_name text,
    p_address cidr,
    p_kind text,
    p_sealed bytea,
    p_key_version int,
    p_zone text DEFAULT '',
    p_policy text DEFAULT '',
    p_codes text DEFAULT 'either',
    p_show_first boolean DEFAULT NULL,
    p_lang text DEFAULT 'ja',
    p_no_ma_until timestamptz DEFAULT NULL,
    p_no_ma_reason text DEFAULT '',
    p_tls_name text DEFAULT '',
    p_coa_port int DEFAULT 3799)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_zone uuid;
    v_policy uuid;
BEGIN
    IF EXISTS (SELECT FROM client c WHERE c.name = p_name AND c.status = 'active') THEN
        PERFORM refuse('client_exists', p_name);
    END IF;
    IF EXISTS (SELECT FROM client c WHERE c.address = p_address AND c.status = 'active') THEN
        PERFORM refuse('address_taken', p_address::text);
    END IF;
    PERFORM client_tls_name_refuse(p_tls_name, NULL);
    IF p_zone <> '' THEN
        SELECT z.id INTO v_zone FROM zone z WHERE z.name = p_zone;
        IF v_zone IS NULL THEN
            PERFORM refuse('zone_unknown', p_zone);
        END IF;
    END IF;
    -- FOR SHARE: a change of the policy that does not know this client yet ends first
    SELECT p.id INTO v_policy FROM policy p
     WHERE p.name = coalesce(nullif(p_policy, ''), p_kind) FOR SHARE;
    IF v_policy IS NULL THEN
        PERFORM refuse('policy_unknown', p_policy);
    END IF;
    IF p_no_ma_until IS NOT NULL AND (p_no_ma_reason = ''
            OR p_no_ma_until > clock_timestamp() + interval '366 days'
            OR masklen(p_address) <> CASE family(p_address) WHEN 4 THEN 32 ELSE 128 END) THEN
        PERFORM refuse('no_ma_needs_reason_date_address', p_name);
    END IF;
    INSERT INTO client (id, name, address, kind, zone_id, policy_id, codes,
        show_first, lang, no_ma_until, no_ma_reason, sealed, key_version, tls_name, coa_port)
    VALUES (p_id, p_name, p_address, p_kind, v_zone, v_policy, p_codes,
        coalesce(p_show_first, p_kind IN ('terminal', 'door')), p_lang,
        p_no_ma_until, p_no_ma_reason, p_sealed, p_key_version, lower(p_tls_name), p_coa_port);
    -- what its readers say is heard from a source of its own
    IF p_kind = 'door' THEN
        INSERT INTO door_source (name, role, client_id) VALUES (p_id::text, 'sekisho_authd', p_id);
    END IF;
    PERFORM audit_admin('client_add', NULL, NULL, client_json(p_id));
    RETURN client_json(p_id);
EXCEPTION WHEN unique_violation THEN
    PERFORM refuse('client_exists', p_name);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION sekisho.client_add(uuid, text, cidr, text, bytea, int, text, text, text, boolean, text, timestamptz, text, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.client_add(uuid, text, cidr, text, bytea, int, text, text, text, boolean, text, timestamptz, text, text, int) TO sekisho_operator;
