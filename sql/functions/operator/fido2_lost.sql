-- SPDX-License-Identifier: GPL-2.0-or-later
-- Reported lost, at night as well: from this moment nothing it signs counts, and all
-- sessions of its person are to be ended.
CREATE OR REPLACE FUNCTION sekisho.fido2_lost(
    p_token uuid,
    p_why text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN fido2_change(p_token, 'lost', p_why);
END
$$;
REVOKE ALL ON FUNCTION sekisho.fido2_lost(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.fido2_lost(uuid, text) TO sekisho_operator, sekisho_night;
