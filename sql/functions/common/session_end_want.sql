-- SPDX-License-Identifier: GPL-2.0-or-later
-- One session is to be ended: the clerk asks its client until it is. False if it
-- is over, or was to be ended before.
CREATE OR REPLACE FUNCTION sekisho.session_end_want(
    p_session bigint, p_why text)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    UPDATE session x SET end_wanted_at = clock_timestamp(), end_why = left(p_why, 500),
           end_by = session_user, end_next = clock_timestamp()
     WHERE x.id = p_session AND x.ended_at IS NULL AND x.end_wanted_at IS NULL;
    IF FOUND THEN
        PERFORM pg_notify('sekisho_session', '');
    END IF;
    RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_end_want(bigint, text) FROM PUBLIC;
