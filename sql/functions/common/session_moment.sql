-- SPDX-License-Identifier: GPL-2.0-or-later
-- When what is told happened: by the client's clock, unless that is ahead or a
-- day behind; else by how long it has been trying to tell.
CREATE OR REPLACE FUNCTION sekisho.session_moment(
    p_event jsonb, p_now timestamptz)
    RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_told timestamptz := p_now - make_interval(
        secs => least(coalesce((p_event ->> 'delay')::bigint, 0), 604800));
    v_clock timestamptz := to_timestamp((p_event ->> 'event_time')::double precision);
BEGIN
    RETURN CASE WHEN v_clock > v_told - interval '1 day' THEN least(v_clock, p_now) ELSE v_told END;
END
$$;
REVOKE ALL ON FUNCTION sekisho.session_moment(jsonb, timestamptz) FROM PUBLIC;
