-- SPDX-License-Identifier: GPL-2.0-or-later
-- A card's next state and its token's next status, together with what must
-- follow: the person's version, so that no attempt under evaluation counts it; the
-- end of entries that it may have been used for;
-- the end of logins in progress; and, where it is over for good, of its keys (the
-- first word of why may become the reason in the CRL).
-- Answers with the number of logins that ended. The caller holds the token's lock.
CREATE OR REPLACE FUNCTION sekisho.card_change(
    p_token uuid,
    p_state text,
    p_status text,
    p_why text)
    RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_person uuid;
    v_n int;
BEGIN
    UPDATE token k SET status = p_status WHERE k.id = p_token RETURNING k.person_id INTO v_person;
    UPDATE card c SET state = p_state, why = left(p_why, 500), challenge = NULL,
                      challenge_until = NULL, changed_at = clock_timestamp(),
                      changed_by = session_user
     WHERE c.token_id = p_token;
    IF p_status = 'revoked' THEN
        UPDATE card_key y SET revoked_at = clock_timestamp(),
               revoked_why = left(CASE p_state WHEN 'returned' THEN 'returned ' ELSE '' END
                   || coalesce(nullif(p_why, ''), p_state), 200)
         WHERE y.token_id = p_token AND y.revoked_at IS NULL;
    END IF;
    UPDATE person p SET version = p.version + 1,
           entries_from = CASE WHEN p_status = 'active' THEN p.entries_from ELSE clock_timestamp() END
     WHERE p.id = v_person;
    DELETE FROM login l WHERE l.person_id = v_person;
    GET DIAGNOSTICS v_n = ROW_COUNT;
    RETURN v_n;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_change(uuid, text, text, text) FROM PUBLIC;
