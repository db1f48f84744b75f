-- SPDX-License-Identifier: GPL-2.0-or-later
-- What a client answered to a Disconnect-Request: p_error is its Error-Cause (0:
-- none). An ACK is a promise, kept when Accounting-Stop comes; it is asked again
-- in a while. 503 says that there is no such session: then it is over.
CREATE OR REPLACE FUNCTION sekisho.disconnect_answer(
    p_session bigint, p_ack boolean, p_error int)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    s session;
BEGIN
    SELECT x.* INTO s FROM session x
     WHERE x.id = p_session AND x.ended_at IS NULL AND x.end_wanted_at IS NOT NULL FOR UPDATE;
    IF s.id IS NULL THEN
        RETURN;
    END IF;
    IF NOT p_ack AND p_error = 503 THEN
        UPDATE session x SET ended_at = v_now, cause = 'not_found', end_next = NULL,
               end_answer = 'nak_503' WHERE x.id = s.id;
        PERFORM session_ended(s, 'not_found', v_now);
        RETURN;
    END IF;
    UPDATE session x SET end_answer = CASE WHEN p_ack THEN 'ack' ELSE 'nak_' || p_error END,
           end_next = CASE WHEN p_ack THEN greatest(x.end_next, v_now + interval '5 seconds')
               ELSE x.end_next END
     WHERE x.id = s.id;
END
$$;
REVOKE ALL ON FUNCTION sekisho.disconnect_answer(bigint, boolean, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.disconnect_answer(bigint, boolean, int) TO sekisho_clerk;
