-- SPDX-License-Identifier: GPL-2.0-or-later
-- Clients that told of their sessions while they lasted, and tell nothing any more
-- (guideline D.7).
CREATE OR REPLACE FUNCTION sekisho.session_silent(
    p_now timestamptz)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_client uuid;
    v_before timestamptz := p_now - make_interval(mins => (SELECT s.value::int FROM setting s
        WHERE s.name = 'session.silent_minutes'));
BEGIN
    FOR v_client IN SELECT x.client_id FROM session x WHERE x.ended_at IS NULL
                     GROUP BY x.client_id HAVING max(x.heard_at) < v_before AND max(x.seconds) > 0 LOOP
        PERFORM session_odd(v_client, 'client_silent', '', NULL, p_now)
          WHERE EXISTS (SELECT FROM client c WHERE c.id = v_client AND c.status = 'active');
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_silent(timestamptz) FROM PUBLIC;
