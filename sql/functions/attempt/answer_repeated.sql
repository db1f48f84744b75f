-- SPDX-License-Identifier: GPL-2.0-or-later
-- The Class of an accept of the last ten seconds that the very same request got
-- (p_digest: client, name, caller, port, session, State and credential), if client,
-- policy and person are as they were; NULL if there is none. It counts as one
-- accept: nothing is written.
CREATE OR REPLACE FUNCTION sekisho.answer_repeated(
    p_digest bytea, p_client uuid, p_client_version bigint, p_rules_version bigint,
    p_person uuid, p_person_version bigint)
    RETURNS bytea
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (SELECT a.class FROM answer a JOIN client c ON c.id = a.client_id JOIN person p ON p.id = a.person_id
             WHERE a.digest = p_digest AND a.client_id = p_client AND a.person_id = p_person
               AND c.status = 'active' AND c.version = a.client_version AND c.version = p_client_version
               AND c.rules_version = a.rules_version AND c.rules_version = p_rules_version
               AND p.version = a.person_version AND p.version = p_person_version
               AND a.at BETWEEN clock_timestamp() - interval '10 seconds' AND clock_timestamp());
END
$$;
REVOKE ALL ON FUNCTION sekisho.answer_repeated(bytea, uuid, bigint, bigint, uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.answer_repeated(bytea, uuid, bigint, bigint, uuid, bigint) TO sekisho_authd;
