-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether a person's password is long enough to be enough with an entry (class a,
-- guideline C.14 (4)); one of which nobody knows it is not.
CREATE OR REPLACE FUNCTION sekisho.password_fits_door(
    p_person uuid)
    RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM verifier r
        WHERE r.person_id = p_person AND r.status = 'active'
          AND r.min_chars >= (SELECT s.value::int FROM setting s WHERE s.name = 'password.door_chars'));
END
$$;
REVOKE ALL ON FUNCTION sekisho.password_fits_door(uuid) FROM PUBLIC;
