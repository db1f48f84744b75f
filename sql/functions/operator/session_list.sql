-- SPDX-License-Identifier: GPL-2.0-or-later
-- Sessions that are open, or with p_since also those that have ended since then;
-- of one person or client if they are named.
CREATE OR REPLACE FUNCTION sekisho.session_list(
    p_login text DEFAULT '',
    p_client text DEFAULT '',
    p_since timestamptz DEFAULT NULL,
    p_limit int DEFAULT 1000)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid := CASE WHEN p_login <> '' THEN person_id_of(p_login) END;
    v_client uuid;
BEGIN
    IF p_client <> '' THEN
        SELECT c.id INTO v_client FROM client c WHERE c.name = p_client AND c.status = 'active';
        IF v_client IS NULL THEN
            PERFORM refuse('client_unknown', p_client);
        END IF;
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(session_json(x) ORDER BY x.started_at, x.id), '[]')
        FROM (SELECT s.* FROM session s
               WHERE (s.ended_at IS NULL OR s.ended_at >= p_since)
                 AND (p_login = '' OR s.person_id = v_person)
                 AND (p_client = '' OR s.client_id = v_client)
               ORDER BY s.started_at DESC, s.id DESC LIMIT p_limit) x);
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_list(text, text, timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.session_list(text, text, timestamptz, int) TO sekisho_operator, sekisho_auditor;
