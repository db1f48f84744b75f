-- SPDX-License-Identifier: GPL-2.0-or-later
-- Something odd about a client's accounting (guideline D.7): into the audit once,
-- then counted for an hour. Of more than 64 names a client and oddity only the
-- number is kept.
CREATE OR REPLACE FUNCTION sekisho.session_odd(
    p_client uuid, p_reason text, p_login text, p_person uuid, p_now timestamptz)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_login text := left(p_login, 253);
BEGIN
    UPDATE session_anomaly y SET count = y.count + 1, last_at = p_now
     WHERE y.client_id = p_client AND y.reason = p_reason AND y.login = v_login;
    IF FOUND THEN
        RETURN;
    END IF;
    IF (SELECT count(*) FROM session_anomaly y
         WHERE y.client_id = p_client AND y.reason = p_reason) >= 64 THEN
        v_login := '';
    END IF;
    INSERT INTO session_anomaly AS y (client_id, reason, login, person_id, first_at, last_at)
    VALUES (p_client, p_reason, v_login, p_person, p_now, p_now)
    ON CONFLICT (client_id, reason, login) DO UPDATE SET count = y.count + 1, last_at = p_now
    RETURNING CASE WHEN y.count = 0 THEN y.login END INTO v_login;
    IF v_login IS NOT NULL THEN
        INSERT INTO audit (at, kind, login, person_id, client_id, outcome, reason)
        VALUES (p_now, 'system', nullif(v_login, ''), p_person, p_client, 'refused', p_reason);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_odd(uuid, text, text, uuid, timestamptz) FROM PUBLIC;
