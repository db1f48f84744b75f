-- SPDX-License-Identifier: GPL-2.0-or-later
-- Adds an affiliation.
CREATE OR REPLACE FUNCTION sekisho.person_affiliate(
    p_login text,
    p_unit text DEFAULT '',
    p_sponsor text DEFAULT '',
    p_from timestamptz DEFAULT NULL,
    p_until timestamptz DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
BEGIN
    v_id := person_id_of(p_login);
    INSERT INTO affiliation (person_id, unit, sponsor, valid_from, valid_until)
    VALUES (v_id, p_unit, p_sponsor, coalesce(p_from, clock_timestamp()), p_until);
    PERFORM audit_admin('person_affiliate', p_login, v_id,
        jsonb_build_object('unit', p_unit, 'sponsor', p_sponsor, 'until', p_until));
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_affiliate(text, text, text, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.person_affiliate(text, text, text, timestamptz, timestamptz) TO sekisho_operator;
