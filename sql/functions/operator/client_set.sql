-- SPDX-License-Identifier: GPL-2.0-or-later
-- Changes a client; NULL leaves a field as it is, an empty zone or name of a
-- certificate removes it.
-- The new version makes FreeRADIUS look the client up again.
CREATE OR REPLACE FUNCTION sekisho.client_set(
    p_name text,
    p_zone text DEFAULT NULL,
    p_policy text DEFAULT NULL,
    p_codes text DEFAULT NULL,
    p_show_first boolean DEFAULT NULL,
    p_lang text DEFAULT NULL,
    p_sealed bytea DEFAULT NULL,
    p_key_version int DEFAULT NULL,
    p_tls_name text DEFAULT NULL,
    p_coa_port int DEFAULT NULL,
    p_end_by jsonb DEFAULT NULL,
    p_charset text DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
    v_zone uuid;
    v_policy uuid;
BEGIN
    -- A change of the policy that does not know this client yet ends first, or
    -- its rules_version would not tell. Before the client, as such a change does.
    IF p_policy IS NOT NULL THEN
        SELECT p.id INTO v_policy FROM policy p WHERE p.name = p_policy FOR SHARE;
        IF v_policy IS NULL THEN
            PERFORM refuse('policy_unknown', p_policy);
        END IF;
    END IF;
    SELECT c.id INTO v_id FROM client c WHERE c.name = p_name AND c.status = 'active' FOR UPDATE;
    IF v_id IS NULL THEN
        PERFORM refuse('client_unknown', p_name);
    END IF;
    IF p_zone <> '' THEN
        SELECT z.id INTO v_zone FROM zone z WHERE z.name = p_zone;
        IF v_zone IS NULL THEN
            PERFORM refuse('zone_unknown', p_zone);
        END IF;
    END IF;
    PERFORM client_tls_name_refuse(p_tls_name, v_id);
    -- the session is named by us, and the packet proven
    IF EXISTS (SELECT FROM jsonb_array_elements(p_end_by) g
                WHERE (g ->> 'vendor')::int IN (311, 32473) OR coalesce(g ->> 'octets', '') !~ '^([0-9a-f]{2}){1,247}$'
                   OR (g ->> 'number')::int NOT BETWEEN 1 AND 255
                   OR (g ->> 'vendor')::int = 0 AND (g ->> 'number')::int NOT IN (11, 27, 28, 29)) THEN
        PERFORM refuse('end_by_not_allowed', p_name);
    END IF;
    UPDATE client c
       SET zone_id = CASE WHEN p_zone IS NULL THEN c.zone_id ELSE v_zone END,
           policy_id = coalesce(v_policy, c.policy_id),
           codes = coalesce(p_codes, c.codes),
           show_first = coalesce(p_show_first, c.show_first),
           lang = coalesce(p_lang, c.lang),
           sealed = coalesce(p_sealed, c.sealed),
           key_version = coalesce(p_key_version, c.key_version),
           tls_name = coalesce(lower(p_tls_name), c.tls_name),
           coa_port = coalesce(p_coa_port, c.coa_port),
           end_by = coalesce(p_end_by, c.end_by),
           charset = coalesce(p_charset, c.charset),
           version = c.version + 1
     WHERE c.id = v_id;
    PERFORM audit_admin('client_set', NULL, NULL, client_json(v_id));
    RETURN client_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.client_set(text, text, text, text, boolean, text, bytea, int, text, int,
    jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.client_set(text, text, text, text, boolean, text, bytea, int, text, int,
    jsonb, text) TO sekisho_operator;
