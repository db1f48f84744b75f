-- SPDX-License-Identifier: GPL-2.0-or-later
-- The card that somebody means by its printed number, the beginning of its id
-- (four digits at least) or its person's login: the one that is in one of these
-- states. Its token's row is locked.
CREATE OR REPLACE FUNCTION sekisho.card_id_of(
    p_card text,
    p_states text[])
    RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_ids uuid[];
    v_state text;
BEGIN
    SELECT array_agg(x.id) FILTER (WHERE x.state = ANY (p_states)), max(x.state)
      INTO v_ids, v_state
      FROM (SELECT k.id, c.state FROM card c
              JOIN token k ON k.id = c.token_id JOIN person p ON p.id = k.person_id
             WHERE c.number = p_card AND p_card <> ''
                OR p.login = lower(normalize(p_card, NFKC)) AND p.login <> 'card stock'
                OR length(p_card) >= 4 AND starts_with(k.id::text, lower(p_card))) x;
    IF cardinality(v_ids) > 1 THEN
        PERFORM refuse('card_which', p_card);
    ELSIF v_ids IS NULL AND v_state IS NOT NULL THEN
        PERFORM refuse('card_state_' || v_state, p_card);
    ELSIF v_ids IS NULL THEN
        PERFORM refuse('card_unknown', p_card);
    END IF;
    PERFORM FROM token k WHERE k.id = v_ids[1] FOR UPDATE;
    -- it may have left that state while we waited for the lock
    SELECT c.state INTO v_state FROM card c WHERE c.token_id = v_ids[1];
    IF v_state <> ALL (p_states) THEN
        PERFORM refuse('card_state_' || v_state, p_card);
    END IF;
    RETURN v_ids[1];
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_id_of(text, text[]) FROM PUBLIC;
