-- SPDX-License-Identifier: GPL-2.0-or-later
-- The ledger, newest first: of one person, or whose documents, note or verifier
-- contain a text, or of a span of time.
CREATE OR REPLACE FUNCTION sekisho.proof_list(
    p_login text DEFAULT NULL,
    p_text text DEFAULT NULL,
    p_from timestamptz DEFAULT NULL,
    p_until timestamptz DEFAULT NULL,
    p_limit int DEFAULT 1000)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(proof_json(x.id) ORDER BY x.id DESC), '[]') FROM (
        SELECT i.id FROM identity_proof i JOIN person p ON p.id = i.person_id
         WHERE (p_login IS NULL OR i.login = p_login)
           AND (p_from IS NULL OR i.at >= p_from) AND (p_until IS NULL OR i.at < p_until)
           AND (p_text IS NULL OR strpos(lower(i.documents || ' ' || i.note || ' ' || i.verifier || ' '
                || i.second_verifier || ' ' || i.login || ' ' || p.name), lower(p_text)) > 0)
         ORDER BY i.id DESC LIMIT least(p_limit, 100000)) x);
END
$$;
REVOKE ALL ON FUNCTION sekisho.proof_list(text, text, timestamptz, timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.proof_list(text, text, timestamptz, timestamptz, int)
    TO sekisho_operator, sekisho_auditor;
