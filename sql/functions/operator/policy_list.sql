-- SPDX-License-Identifier: GPL-2.0-or-later
-- All policies.
CREATE OR REPLACE FUNCTION sekisho.policy_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('name', p.name,
            'methods', to_jsonb(p.methods), 'state_seconds', p.state_seconds,
            'totp_window', p.totp_window, 'session_timeout', p.session_timeout,
            'idle_timeout', p.idle_timeout,
            'door_terminals', p.door_terminals, 'grace_minutes', p.grace_minutes,
            'fido2_uv', p.fido2_uv, 'registered_stations', p.registered_stations,
            'devices', p.devices, 'grants', grants_shown(p.grants),
            'device_grants', grants_shown(p.device_grants), 'max_sessions', p.max_sessions,
            'resume_minutes', p.resume_minutes, 'version', p.version)
            ORDER BY p.name), '[]') FROM policy p);
END
$$;
REVOKE ALL ON FUNCTION sekisho.policy_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.policy_list() TO sekisho_operator, sekisho_auditor;
