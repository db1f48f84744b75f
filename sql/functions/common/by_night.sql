-- SPDX-License-Identifier: GPL-2.0-or-later
-- Whether who is connected has the night's rights and not the day's.
CREATE OR REPLACE FUNCTION sekisho.by_night()
    RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN pg_has_role(session_user, 'sekisho_night', 'MEMBER')
       AND NOT pg_has_role(session_user, 'sekisho_operator', 'MEMBER');
END
$$;
REVOKE ALL ON FUNCTION sekisho.by_night() FROM PUBLIC;
