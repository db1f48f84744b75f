-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whose a number is, for a terminal that fills in the name. No row: the client
-- is unknown or removed. answered is false where the request must stay
-- unanswered (another version). login is NULL for every reason alike: no
-- terminal asks, nobody has the number, or whoever has it cannot log in.
CREATE OR REPLACE FUNCTION sekisho.badge_lookup(
    p_client uuid, p_version bigint, p_number bytea)
    RETURNS TABLE (answered boolean, client_name text, is_terminal boolean, login text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
    SELECT c.version = p_version, c.name, c.kind = 'terminal',
           (SELECT p.login FROM badge b JOIN person p ON p.id = b.person_id
             WHERE b.number = p_number AND c.kind = 'terminal' AND p.status = 'active'
               AND EXISTS (SELECT FROM affiliation a WHERE a.person_id = p.id
                   AND a.valid_from <= clock_timestamp()
                   AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp())))
      FROM client c WHERE c.id = p_client AND c.status = 'active'
$$;
REVOKE ALL ON FUNCTION sekisho.badge_lookup(uuid, bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.badge_lookup(uuid, bigint, bytea) TO sekisho_authd;
