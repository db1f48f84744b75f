-- SPDX-License-Identifier: GPL-2.0-or-later
-- What an operator did, with who did it (session_user). What was done with the
-- night's rights alone is marked, for card_review.
CREATE OR REPLACE FUNCTION sekisho.audit_admin(
    p_action text,
    p_login text,
    p_person uuid,
    p_detail jsonb DEFAULT '{}')
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
BEGIN
    INSERT INTO audit (kind, login, person_id, outcome, reason, detail)
    VALUES ('admin', p_login, p_person, 'done', p_action,
        p_detail || CASE WHEN by_night() THEN '{"night": true}' ELSE '{}' END::jsonb);
END
$$;
REVOKE ALL ON FUNCTION sekisho.audit_admin(text, text, uuid, jsonb) FROM PUBLIC;
