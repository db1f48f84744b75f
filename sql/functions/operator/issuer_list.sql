-- SPDX-License-Identifier: GPL-2.0-or-later
-- All issuers, our own CA among them.
CREATE OR REPLACE FUNCTION sekisho.issuer_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(issuer_json(i) ORDER BY i.status, i.kind <> 'own', i.name), '[]')
              FROM issuer i);
END
$$;
REVOKE ALL ON FUNCTION sekisho.issuer_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.issuer_list() TO sekisho_operator, sekisho_auditor, sekisho_refresh;
