-- SPDX-License-Identifier: GPL-2.0-or-later
-- The active one of that kind and name, locked; refuses if there is none.
CREATE OR REPLACE FUNCTION sekisho.station_named(
    p_kind text, p_name text)
    RETURNS sekisho.station
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    t station;
BEGIN
    SELECT x.* INTO t FROM station x
     WHERE x.name = p_name AND x.kind = p_kind AND x.status = 'active' FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('station_unknown', p_name);
    END IF;
    RETURN t;
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_named(text, text) FROM PUBLIC;
