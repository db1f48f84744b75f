-- SPDX-License-Identifier: GPL-2.0-or-later
-- Until when a maintenance account may work at a client; NULL: it may not.
CREATE OR REPLACE FUNCTION sekisho.maintenance_open(
    p_person uuid, p_client uuid, p_now timestamptz)
    RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT max(m.valid_until) FROM maintenance m
        WHERE m.person_id = p_person AND m.status = 'approved' AND p_client = ANY (m.clients)
          AND m.valid_from <= p_now AND m.valid_until > p_now);
END
$$;
REVOKE ALL ON FUNCTION sekisho.maintenance_open(uuid, uuid, timestamptz) FROM PUBLIC;
