-- SPDX-License-Identifier: GPL-2.0-or-later
-- That an issuer's responder was asked about all its keys, and what came of it.
CREATE OR REPLACE FUNCTION sekisho.issuer_refreshed(
    p_name text,
    p_good int,
    p_revoked int,
    p_unknown int,
    p_unreachable int,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM issuer i WHERE i.name = p_name AND i.status = 'active') THEN
        PERFORM refuse('issuer_unknown', p_name);
    END IF;
    PERFORM audit_admin('issuer_refresh', NULL, NULL, jsonb_build_object('issuer', p_name,
        'good', p_good, 'revoked', p_revoked, 'unknown', p_unknown,
        'unreachable', p_unreachable, 'why', left(p_why, 200)));
    RETURN 'true';
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_refreshed(text, int, int, int, int, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.issuer_refreshed(text, int, int, int, int, text) TO sekisho_operator, sekisho_refresh;
