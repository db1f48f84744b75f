-- SPDX-License-Identifier: GPL-2.0-or-later
-- Numbers and texts of the installation.
CREATE OR REPLACE FUNCTION sekisho.setting_list()
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.name) FROM setting s);
END
$$;
REVOKE ALL ON FUNCTION sekisho.setting_list() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.setting_list() TO sekisho_operator, sekisho_auditor;
