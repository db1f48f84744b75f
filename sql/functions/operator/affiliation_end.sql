-- SPDX-License-Identifier: GPL-2.0-or-later
-- Ends an affiliation that has not ended yet, now or at a given time.
CREATE OR REPLACE FUNCTION sekisho.affiliation_end(
    p_login text,
    p_affiliation uuid,
    p_until timestamptz DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    v_id := person_id_of(p_login);
    UPDATE affiliation a
       SET valid_until = greatest(coalesce(p_until, clock_timestamp()),
               a.valid_from + interval '1 microsecond')
     WHERE a.id = p_affiliation AND a.person_id = v_id
       AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp());
    IF NOT FOUND THEN
        PERFORM refuse('affiliation_unknown', p_affiliation::text);
    END IF;
    UPDATE person p SET version = p.version + 1 WHERE p.id = v_id;
    -- who is here for no other reason any more is not here any more
    IF NOT EXISTS (SELECT FROM affiliation a WHERE a.person_id = v_id AND a.valid_from <= clock_timestamp()
            AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp())) THEN
        PERFORM sessions_end_want(v_id, 'affiliation_ended');
    END IF;
    PERFORM audit_admin('affiliation_end', p_login, v_id,
        jsonb_build_object('affiliation', p_affiliation, 'until', p_until));
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.affiliation_end(text, uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.affiliation_end(text, uuid, timestamptz) TO sekisho_operator;
