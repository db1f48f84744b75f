-- SPDX-License-Identifier: GPL-2.0-or-later
-- One event of a source: taken, repeated, or why it goes into quarantine.
CREATE OR REPLACE FUNCTION sekisho.door_event_take(
    p_source sekisho.door_source, p_event jsonb, p_now timestamptz)
    RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    RETURN (door_events_take(p_source, jsonb_build_array(p_event), p_now))[1];
END
$$;
REVOKE ALL ON FUNCTION sekisho.door_event_take(sekisho.door_source, jsonb, timestamptz) FROM PUBLIC;
