-- SPDX-License-Identifier: GPL-2.0-or-later
-- Accounting of a door that speaks RADIUS itself.
CREATE OR REPLACE FUNCTION sekisho.door_account(
    p_client uuid, p_event jsonb)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN 'unknown';
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_account(uuid, jsonb) FROM PUBLIC;
