-- SPDX-License-Identifier: GPL-2.0-or-later
-- Refuses by a rule: the key is stable and translated by card-admin, the
-- detail names the thing it is about. Exit code 1 there.
CREATE OR REPLACE FUNCTION sekisho.refuse(
    p_key text,
    p_detail text DEFAULT '')
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%', p_key USING ERRCODE = 'SK001', DETAIL = p_detail;
END
$$;
REVOKE ALL ON FUNCTION sekisho.refuse(text, text) FROM PUBLIC;
