-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a person has not signed or learnt that is needed until a moment (guideline
-- 6.6 C.1, C.2); '' if nothing is missing.
CREATE OR REPLACE FUNCTION sekisho.person_fit(
    p_person uuid, p_until timestamptz)
    RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_zone text := (SELECT s.value FROM setting s WHERE s.name = 'site.timezone');
    v_days int := (SELECT s.value::int FROM setting s WHERE s.name = 'person.training_days');
    v_day date := (p_until AT TIME ZONE v_zone)::date;
BEGIN
    RETURN (SELECT CASE
        WHEN p.pledge_on IS NULL OR p.pledge_on > v_day THEN 'pledge_missing'
        WHEN p.training_on IS NULL OR p.training_on > v_day OR p.training_on + v_days < v_day THEN 'training_missing'
        WHEN p.contract_until < v_day THEN 'contract_ends'
        ELSE '' END
      FROM person p WHERE p.id = p_person);
END
$$;
REVOKE ALL ON FUNCTION sekisho.person_fit(uuid, timestamptz) FROM PUBLIC;
