-- SPDX-License-Identifier: GPL-2.0-or-later
-- The same (fido2_offer_of) for a challenge that follows a password.
CREATE OR REPLACE FUNCTION sekisho.fido2_offer(
    p_client uuid, p_login text, p_bucket uuid,
    OUT rp_id text, OUT user_verification text, OUT credentials bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v record;
BEGIN
    SELECT g.v INTO v FROM attempt_ground(p_client, p_login, p_bucket, clock_timestamp()) g;
    IF (v.v).client_version IS NOT NULL THEN
        SELECT o.* INTO rp_id, user_verification, credentials
          FROM fido2_offer_of((v.v).policy_methods, (v.v).fido2_uv,
              CASE WHEN (v.v).person_usable THEN (v.v).person_id END) o;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_offer(uuid, text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_offer(uuid, text, uuid) TO sekisho_authd;
