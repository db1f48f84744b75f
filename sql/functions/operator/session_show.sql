-- SPDX-License-Identifier: GPL-2.0-or-later
-- One session, also one that has ended.
CREATE OR REPLACE FUNCTION sekisho.session_show(
    p_id bigint)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    s session;
BEGIN
    SELECT x.* INTO s FROM session x WHERE x.id = p_id;
    IF s.id IS NULL THEN
        PERFORM refuse('session_unknown', p_id::text);
    END IF;
    RETURN session_json(s);
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_show(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.session_show(bigint) TO sekisho_operator, sekisho_auditor;
