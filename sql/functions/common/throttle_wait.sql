-- SPDX-License-Identifier: GPL-2.0-or-later
-- Seconds until another attempt may be evaluated; 0 when it may now
-- (guideline D.4). After a clock that stepped back it is never more than what
-- the failure cost; attempt_tally then starts it anew from now.
CREATE OR REPLACE FUNCTION sekisho.throttle_wait(
    p_row sekisho.throttle, p_now timestamptz) RETURNS int
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE
        WHEN p_row.hard IS NOT NULL THEN 2147483647
        WHEN p_row.not_before IS NULL OR p_row.not_before <= p_now THEN 0
        ELSE ceil(extract(epoch FROM least(p_row.not_before - p_now,
                    p_row.not_before - p_row.last_failure)))::int
    END
$$;
REVOKE ALL ON FUNCTION sekisho.throttle_wait(sekisho.throttle, timestamptz) FROM PUBLIC;
