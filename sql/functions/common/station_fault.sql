-- SPDX-License-Identifier: GPL-2.0-or-later
-- Why nobody may log in from a machine where a policy asks for registered ones,
-- before any password is looked at (guideline C.15); NULL if one may. An address
-- proves nothing: it only keeps out what is not known.
CREATE OR REPLACE FUNCTION sekisho.station_fault(
    p_mac macaddr, p_person uuid, p_at timestamptz)
    RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    t record;
BEGIN
    IF p_mac IS NULL THEN
        RETURN 'station_unnamed';
    END IF;
    SELECT x.valid_until, x.owner_id INTO t FROM station x WHERE x.mac = p_mac AND x.status = 'active';
    IF FOUND THEN
        RETURN CASE WHEN t.valid_until <= p_at THEN 'station_expired'
            -- for unknown names as for others' stations
            WHEN t.owner_id IS DISTINCT FROM p_person AND t.owner_id IS NOT NULL THEN 'station_of_another' END;
    ELSIF EXISTS (SELECT FROM station x WHERE x.mac = p_mac AND x.status = 'retired') THEN
        RETURN 'station_retired';
    -- the bit that says "administered locally" (IEEE 802c): chosen at random by phones
    ELSIF (p_mac & macaddr '02:00:00:00:00:00') <> macaddr '00:00:00:00:00:00' THEN
        RETURN 'station_random';
    END IF;
    RETURN 'station_unknown';
END
$$;
REVOKE ALL ON FUNCTION sekisho.station_fault(macaddr, uuid, timestamptz) FROM PUBLIC;
