-- SPDX-License-Identifier: GPL-2.0-or-later
-- Lifts delay, lock and operator stop. What counts towards the limit of 100
-- stays; past that a new password or token is needed (SP 800-63B 5.2.2).
CREATE OR REPLACE FUNCTION sekisho.unlock(
    p_login text,
    p_category text DEFAULT '')
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_id uuid;
    v_n int;
BEGIN
    v_id := person_id_of(p_login);
    PERFORM FROM throttle_head h WHERE h.subject = v_id FOR UPDATE;
    IF EXISTS (SELECT FROM throttle t WHERE t.subject = v_id AND t.hard = 'rebind'
                  AND (p_category = '' OR t.category = p_category)) THEN
        PERFORM refuse('rebind_needed', p_login);
    END IF;
    UPDATE throttle t SET failures = 0, not_before = NULL, hard = NULL, digests = '{}'
     WHERE t.subject = v_id AND (p_category = '' OR t.category = p_category);
    GET DIAGNOSTICS v_n = ROW_COUNT;
    PERFORM audit_admin('unlock', p_login, v_id, jsonb_build_object('category', p_category));
    RETURN person_json(v_id);
END
$$;
REVOKE ALL ON FUNCTION sekisho.unlock(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.unlock(text, text) TO sekisho_operator, sekisho_night;
