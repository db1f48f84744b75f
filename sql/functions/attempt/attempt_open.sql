-- SPDX-License-Identifier: GPL-2.0-or-later
-- The first round of a client that will answer with a signature: nothing is
-- evaluated, a login in progress is begun, for known and unknown names alike.
-- No row: the client is unknown or removed. opened is false where the request
-- must stay unanswered (another version, no Message-Authenticator, or a door,
-- where nobody logs in). p_fido2: the client has FIDO2 keys; which of this
-- person's they may be comes with it (fido2_offer_of).
CREATE OR REPLACE FUNCTION sekisho.attempt_open(
    p_client uuid, p_version bigint, p_ma boolean, p_login text, p_bucket uuid,
    p_state bytea, p_purpose text,
    p_fido2 boolean DEFAULT false)
    RETURNS TABLE (opened boolean, client_version bigint, client_name text,
        client_lang text, client_no_ma boolean,
        rp_id text, user_verification text, credentials bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v record;
BEGIN
    SELECT g.v, g.until INTO v FROM attempt_ground(p_client, p_login, p_bucket, v_now) g;
    client_version := (v.v).client_version;
    IF client_version IS NULL THEN
        RETURN;
    END IF;
    client_name := (v.v).client_name;
    client_lang := (v.v).client_lang;
    client_no_ma := (v.v).client_no_ma;
    opened := client_version = p_version AND (p_ma OR client_no_ma)
        AND (v.v).client_kind <> 'door';
    IF opened THEN
        INSERT INTO login (state_hash, subject, person_id, login, client_id,
            purpose, evidence, created_at, expires_at, view)
        VALUES (p_state, (v.v).subject, (v.v).person_id, p_login, p_client,
            p_purpose, '[]', v_now,
            least(v_now + make_interval(secs => (v.v).state_seconds), v.until), v.v);
        IF p_fido2 THEN
            SELECT o.* INTO rp_id, user_verification, credentials
              FROM fido2_offer_of((v.v).policy_methods, (v.v).fido2_uv,
                  CASE WHEN (v.v).person_usable THEN (v.v).person_id END) o;
        END IF;
        -- Lost in a crash, it is asked for again: not worth a flush.
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    RETURN NEXT;
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_open(uuid, bigint, boolean, text, uuid, bytea, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.attempt_open(uuid, bigint, boolean, text, uuid, bytea, text, boolean) TO sekisho_authd;
