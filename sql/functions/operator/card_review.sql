-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the night did that the day has not looked at yet; with p_upto, marks
-- everything up to that line of the audit as seen.
CREATE OR REPLACE FUNCTION sekisho.card_review(
    p_upto bigint DEFAULT NULL)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_n int;
BEGIN
    IF p_upto IS NOT NULL THEN
        INSERT INTO night_review (audit_id)
        SELECT a.id FROM audit a WHERE a.detail ? 'night' AND a.id <= p_upto
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS v_n = ROW_COUNT;
        PERFORM audit_admin('card_review', NULL, NULL, jsonb_build_object('upto', p_upto, 'seen', v_n));
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'at', a.at,
            'reason', a.reason, 'login', a.login, 'actor', a.actor,
            'detail', a.detail - 'night') ORDER BY a.id), '[]')
        FROM audit a WHERE a.detail ? 'night'
         AND NOT EXISTS (SELECT FROM night_review n WHERE n.audit_id = a.id));
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_review(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_review(bigint) TO sekisho_operator;
