-- SPDX-License-Identifier: GPL-2.0-or-later
-- What any attempt of this name at this client rests on: client, policy and
-- person, and until when that may hold. NULL where the client is unknown or
-- removed. Called by the functions beside it.
CREATE OR REPLACE FUNCTION sekisho.attempt_ground(
    p_client uuid, p_login text, p_bucket uuid, p_now timestamptz,
    OUT v sekisho.attempt_view, OUT until timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    SELECT floor(extract(epoch FROM p_now)), c.version, c.rules_version, c.name, c.kind,
           c.codes, c.show_first, c.lang, coalesce(c.no_ma_until > p_now, false),
           y.methods, y.state_seconds, y.totp_window, y.session_timeout, y.idle_timeout,
           CASE WHEN c.no_ma_until > p_now THEN 'client/' || c.id
                WHEN c.kind IN ('terminal', 'door') THEN 'inside'
                ELSE 'outside' END,
           -- a login in progress ends with the exception it was begun under
           CASE WHEN c.no_ma_until > p_now THEN c.no_ma_until ELSE 'infinity' END
      INTO v.now_epoch, v.client_version, v.rules_version, v.client_name, v.client_kind,
           v.client_codes, v.client_show_first, v.client_lang, v.client_no_ma,
           v.policy_methods, v.state_seconds, v.totp_window, v.session_timeout, v.idle_timeout,
           v.scope, until
      FROM client c JOIN policy y ON y.id = c.policy_id
     WHERE c.id = p_client AND c.status = 'active';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT p.id, p.version, p.lang, p.status = 'active'
      INTO v.person_id, v.person_version, v.person_lang, v.person_usable
      FROM person p WHERE p.login = p_login;
    v.subject := coalesce(v.person_id, p_bucket);
    IF v.person_usable THEN
        -- and with the affiliation that lasts longest of today's
        SELECT least(until, max(coalesce(a.valid_until, 'infinity'))), count(*) > 0
          INTO until, v.person_usable
          FROM affiliation a
         WHERE a.person_id = v.person_id AND a.valid_from <= p_now
           AND (a.valid_until IS NULL OR a.valid_until > p_now);
    END IF;
    v.familiar := false;
    v.knowledge_wait := 0;
    v.possession_wait := 0;
    v.state_found := false;
END
$$;
REVOKE ALL ON FUNCTION sekisho.attempt_ground(uuid, text, uuid, timestamptz) FROM PUBLIC;
