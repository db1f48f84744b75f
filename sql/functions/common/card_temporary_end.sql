-- SPDX-License-Identifier: GPL-2.0-or-later
-- A person's own card has been used: the temporary one is over. Called by who
-- records an accept, in its transaction; it takes the person's row last, and does
-- nothing (and locks nothing) for people without a temporary card. Answers with
-- the number of cards that ended.
CREATE OR REPLACE FUNCTION sekisho.card_temporary_end(
    p_person uuid)
    RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_token uuid;
    v_n int := 0;
BEGIN
    FOR v_token IN SELECT k.id FROM token k JOIN card c ON c.token_id = k.id
                    WHERE k.person_id = p_person AND c.temporary_until IS NOT NULL
                      AND k.status IN ('active', 'suspended') FOR UPDATE OF k LOOP
        PERFORM card_change(v_token, 'revoked', 'revoked', 'returned: the own card is in use again');
        INSERT INTO audit (kind, login, person_id, outcome, reason, detail)
        SELECT 'system', p.login, p.id, 'done', 'card_temporary_ended',
               jsonb_build_object('token', v_token) FROM person p WHERE p.id = p_person;
        v_n := v_n + 1;
    END LOOP;
    RETURN v_n;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_temporary_end(uuid) FROM PUBLIC;
