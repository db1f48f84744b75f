-- SPDX-License-Identifier: GPL-2.0-or-later
-- All cards that a printed number, the beginning of an id or a login can mean:
-- who picks one up from the floor knows only what is printed on it.
CREATE OR REPLACE FUNCTION sekisho.card_show(
    p_card text)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = sekisho, pg_temp
AS $$
DECLARE
    v_cards jsonb;
BEGIN
    SELECT jsonb_agg(card_json(c.token_id) ORDER BY k.status = 'revoked', k.created_at DESC)
      INTO v_cards
      FROM card c JOIN token k ON k.id = c.token_id JOIN person p ON p.id = k.person_id
     WHERE c.number = p_card AND p_card <> ''
        OR p.login = lower(normalize(p_card, NFKC)) AND p.login <> 'card stock'
        OR length(p_card) >= 4 AND starts_with(k.id::text, lower(p_card));
    IF v_cards IS NULL THEN
        PERFORM refuse('card_unknown', p_card);
    END IF;
    RETURN v_cards;
END
$$;
REVOKE ALL ON FUNCTION sekisho.card_show(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sekisho.card_show(text) TO sekisho_operator, sekisho_auditor, sekisho_night;
