-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether an entry already opens as many terminals as this one's policy allows,
-- none of which is this one.
CREATE OR REPLACE FUNCTION sekisho.presence_in_use(
    p_event bigint, p_client uuid)
    RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT count(*) FROM presence_use u
             WHERE u.event_id = p_event AND u.client_id <> p_client)
        >= (SELECT y.door_terminals FROM client c JOIN policy y ON y.id = c.policy_id
             WHERE c.id = p_client);
END
$$;
REVOKE ALL ON FUNCTION sekisho.presence_in_use(bigint, uuid) FROM PUBLIC;
