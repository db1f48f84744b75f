-- SPDX-License-Identifier: GPL-2.0-or-later
-- After an accept at a terminal whose policy has a grace: what was held is kept,
-- to be counted again there. One row a terminal, so the next person's accept
-- ends it. What counted again itself is never kept, nor does it prolong
-- anything; nor is an entry, which ends by rules of its own.
CREATE OR REPLACE FUNCTION sekisho.grace_keep(
    p_person uuid, p_person_version bigint, p_client uuid, p_evidence jsonb,
    p_audit bigint, p_now timestamptz)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_piece jsonb;
BEGIN
    IF jsonb_path_exists(p_evidence, '$[*].earlier') THEN
        RETURN;
    END IF;
    v_piece := jsonb_path_query_first(p_evidence,
        '$[*] ? (@.category != "knowledge" && @.method != "door")');
    IF v_piece IS NULL THEN
        DELETE FROM grace g WHERE g.client_id = p_client AND g.person_id <> p_person;
        RETURN;
    END IF;
    INSERT INTO grace AS g (client_id, person_id, person_version, client_version, rules_version,
        audit_id, at, evidence)
    SELECT p_client, p_person, p_person_version, c.version, c.rules_version, p_audit, p_now, v_piece
      FROM client c WHERE c.id = p_client AND c.kind = 'terminal'
    ON CONFLICT (client_id) DO UPDATE
       SET person_id = excluded.person_id, person_version = excluded.person_version,
           client_version = excluded.client_version, rules_version = excluded.rules_version,
           audit_id = excluded.audit_id, at = excluded.at, evidence = excluded.evidence;
END
$$;
REVOKE ALL ON FUNCTION sekisho.grace_keep(uuid, bigint, uuid, jsonb, bigint, timestamptz) FROM PUBLIC;
