-- SPDX-License-Identifier: GPL-2.0-or-later
-- Makes or changes a policy; NULL leaves a field as it is.
CREATE OR REPLACE FUNCTION sekisho.policy_set(
    p_name text,
    p_methods text[] DEFAULT NULL,
    p_state_seconds int DEFAULT NULL,
    p_totp_window int DEFAULT NULL,
    p_session_timeout int DEFAULT NULL,
    p_idle_timeout int DEFAULT NULL,
    p_door_terminals int DEFAULT NULL,
    p_grace_minutes int DEFAULT NULL,
    p_fido2_uv text DEFAULT NULL,
    p_registered_stations boolean DEFAULT NULL,
    p_devices text DEFAULT NULL,
    p_max_sessions int DEFAULT NULL,
    p_resume_minutes int DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_new jsonb;
    v_old policy;
BEGIN
    -- Fewer would lock everybody out: decide() asks for two categories.
    IF p_methods IS NOT NULL AND (SELECT count(DISTINCT m) FROM unnest(p_methods) m) < 2 THEN
        PERFORM refuse('policy_needs_two_methods', p_name);
    END IF;
    SELECT p.* INTO v_old FROM policy p WHERE p.name = p_name;
    INSERT INTO policy AS p (name, methods, state_seconds, totp_window,
        session_timeout, idle_timeout, door_terminals, grace_minutes, fido2_uv,
        registered_stations, devices, max_sessions, resume_minutes)
    VALUES (p_name, coalesce(p_methods, '{password,totp,card,pin,fido2,uv}'),
        coalesce(p_state_seconds, 120), coalesce(p_totp_window, 1),
        coalesce(p_session_timeout, 0), coalesce(p_idle_timeout, 0),
        coalesce(p_door_terminals, 1), coalesce(p_grace_minutes, 0),
        coalesce(p_fido2_uv, 'preferred'), coalesce(p_registered_stations, false),
        coalesce(p_devices, 'none'), coalesce(p_max_sessions, 0), coalesce(p_resume_minutes, 480))
    ON CONFLICT (name) DO UPDATE
       SET methods = coalesce(p_methods, p.methods),
           state_seconds = coalesce(p_state_seconds, p.state_seconds),
           totp_window = coalesce(p_totp_window, p.totp_window),
           session_timeout = coalesce(p_session_timeout, p.session_timeout),
           idle_timeout = coalesce(p_idle_timeout, p.idle_timeout),
           door_terminals = coalesce(p_door_terminals, p.door_terminals),
           grace_minutes = coalesce(p_grace_minutes, p.grace_minutes),
           fido2_uv = coalesce(p_fido2_uv, p.fido2_uv),
           registered_stations = coalesce(p_registered_stations, p.registered_stations),
           devices = coalesce(p_devices, p.devices),
           max_sessions = coalesce(p_max_sessions, p.max_sessions),
           resume_minutes = coalesce(p_resume_minutes, p.resume_minutes),
           version = p.version + 1;
    -- more that counts, or counts for longer
    IF v_old.id IS NOT NULL AND (NOT p_methods <@ v_old.methods OR p_grace_minutes > v_old.grace_minutes
        OR p_door_terminals > v_old.door_terminals OR (p_fido2_uv = 'preferred' AND v_old.fido2_uv = 'required')
        OR (p_registered_stations = false AND v_old.registered_stations)) THEN
        PERFORM policy_weakened('policy ' || p_name, to_jsonb(v_old)::text,
            (SELECT to_jsonb(p)::text FROM policy p WHERE p.name = p_name));
    END IF;
    v_new := (SELECT x FROM jsonb_array_elements(policy_list()) x WHERE x ->> 'name' = p_name);
    PERFORM audit_admin('policy_set', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.policy_set(text, text[], int, int, int, int, int, int, text,
    boolean, text, int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.policy_set(text, text[], int, int, int, int, int, int, text,
    boolean, text, int, int) TO sekisho_operator;
