-- SPDX-License-Identifier: GPL-2.0-or-later
-- What logins under a policy are granted, or (p_devices) devices that come in
-- alone: p_new in the place of what there was of that attribute, or beside it.
CREATE OR REPLACE FUNCTION sekisho.policy_grant(
    p_name text,
    p_attribute text,
    p_new jsonb,
    p_beside boolean DEFAULT false,
    p_devices boolean DEFAULT false)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_new jsonb;
BEGIN
    UPDATE policy p
       SET grants = CASE WHEN p_devices THEN p.grants
               ELSE grants_with(p.grants, p_attribute, p_new, p_beside) END,
           device_grants = CASE WHEN p_devices THEN grants_with(p.device_grants, p_attribute, p_new, p_beside)
               ELSE p.device_grants END,
           version = p.version + 1
     WHERE p.name = p_name;
    IF NOT FOUND THEN
        PERFORM refuse('policy_unknown', p_name);
    END IF;
    PERFORM grants_apart();
    v_new := (SELECT x FROM jsonb_array_elements(policy_list()) x WHERE x ->> 'name' = p_name);
    PERFORM audit_admin('policy_grant', NULL, NULL, v_new);
    RETURN v_new;
END
$$;
REVOKE ALL ON FUNCTION sekisho.policy_grant(text, text, jsonb, boolean, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.policy_grant(text, text, jsonb, boolean, boolean) TO sekisho_operator;
